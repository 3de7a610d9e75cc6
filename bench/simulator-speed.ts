import { launchPolicy } from '../speculation/policies/by-name';
import { constant, exponential } from './simulator/distribution';
import { chain, type OperationSpec } from './simulator/pipeline';
import { simulate } from './simulator/simulate';
import { simulateChain } from './simulator/simulate-chain';

/*
 * How many steps one core simulates in a second. A step is one operation of one run, simulated to its end: its call, its price, the draft of
 * its output, whether that is asked for, the priced decision about the next step, the launch, and what is booked of them. Seconds are those of the
 * processor, so that other work on the machine does not count.
 *
 *     npm run build && node dist/bench/simulator-speed.js
 */

const STEPS = 12;
const RUNS = 2_000;
const ROUND_SECONDS = 2;
const POLICIES = ['sequential', 'always', 'cost-aware', 'speculative-actions:k=1', 'dsp:beta=1'];
/** Wide enough that `cost-aware` follows about every draft. */
const OPTIONS = { seed: 5, runs: RUNS, knob: { alpha: 0.7, lambdaUsdPerSecond: 0.05 } };

const STEP: Omit<OperationSpec, 'after'> = {
  name: 'step',
  latency: exponential(2),
  price: {
    kind: 'tokens',
    inputTokens: constant(500),
    outputTokens: exponential(800),
    rates: { inputUsdPerMillion: 0.4, cachedInputUsdPerMillion: 0.1, outputUsdPerMillion: 1.6 },
  },
  draft: { latency: exponential(0.4), hitProbabilities: [0.5], price: { kind: 'fixed', usd: 0.0002 } },
};

function stepsPerSecond(simulateRuns: () => unknown): number {
  const round = (): number => {
    const before = process.cpuUsage();
    let seconds = 0;
    let rounds = 0;
    while (seconds < ROUND_SECONDS) {
      simulateRuns();
      rounds += 1;
      const { user, system } = process.cpuUsage(before);
      seconds = (user + system) / 1e6;
    }
    return (rounds * RUNS * STEPS) / seconds;
  };
  // Once to warm up.
  round();
  return round();
}

function main(): void {
  const workload = chain('chain', STEPS, STEP);
  for (const name of POLICIES) {
    const policy = launchPolicy(name);
    const general = stepsPerSecond(() => simulate(workload, { ...OPTIONS, policy }));
    const recurrence = stepsPerSecond(() => simulateChain(STEPS, STEP, { ...OPTIONS, policy }));
    const { total } = simulate(workload, { ...OPTIONS, policy });
    const each = (count: number): string => (count / (RUNS * STEPS)).toFixed(2);
    console.log(
      `${name}: ${Math.round(recurrence).toLocaleString('en-US')} steps a second as a chain, ` +
        `${Math.round(general).toLocaleString('en-US')} with events ` +
        `(${each(total.drafts)} drafts, ${each(total.decisions)} decisions, ${each(total.launched)} launches a step)`,
    );
  }
}

main();
