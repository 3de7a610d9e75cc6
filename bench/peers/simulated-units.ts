import { LearnedBeliefs } from '../simulator/beliefs';
import { costUsd, type Books } from '../simulator/books';
import type { EndedCall, SimulationOptions } from '../simulator/options';
import type { Workload } from '../simulator/run-draw';
import { simulate } from '../simulator/simulate';
import { bootstrap } from '../measure/bootstrap';
import { percentile } from '../measure/percentile';
import type { FrontierPoint, PolicyRow, Rate, TimelineBar } from '../measure/policy-comparison';
import type { ComparedPolicy } from './compared-policy';

/** The run whose picture is drawn: by then something has been learned. */
const DRAWN_SHARE = 0.5;

/** What all policies of a benchmark have in common. */
export interface Bench {
  /** The work as it is under this policy: the same draws, with what this policy is charged for. */
  workloadFor: (policy: ComparedPolicy) => Workload;
  runs: number;
  seed: number;
  options?: Omit<SimulationOptions, 'seed' | 'runs' | 'policy' | 'observer' | 'beliefs'>;
}

/** One policy on all the work. */
export interface PolicyOutcome {
  compared: ComparedPolicy;
  total: Books;
  /** One run each. */
  units: readonly Books[];
  /** Launches that became real work, of those that cost anything. */
  launches: Rate;
  bars: TimelineBar[];
}

export function outcomeOf(bench: Bench, compared: ComparedPolicy, options: Bench['options'] = {}): PolicyOutcome {
  const drawn = Math.floor(bench.runs * DRAWN_SHARE);
  const calls: EndedCall[] = [];
  const launches: Rate = { numerator: 0, denominator: 0 };
  const { total, runs } = simulate(bench.workloadFor(compared), {
    ...bench.options,
    ...options,
    seed: bench.seed,
    runs: bench.runs,
    policy: compared.policy,
    beliefs: new LearnedBeliefs(),
    observer: {
      onLaunchEnd: (_row, ended, usd) => {
        if (usd === 0) return;
        launches.denominator += 1;
        if (ended === 'claimed') launches.numerator += 1;
      },
      onCallEnd: (call, run) => {
        if (run === drawn) calls.push(call);
      },
      ...(compared.onDecision !== undefined && { onDecision: compared.onDecision }),
    },
  });
  return { compared, total, units: runs, launches, bars: barsOf(calls) };
}

/** The row of a policy, against the plain run of the same units. */
export function rowOf(
  { compared, total, units, launches }: PolicyOutcome,
  plain: PolicyOutcome,
  seed: number,
): PolicyRow {
  const pairs = units.map((books, index) => [plain.units[index]?.seconds ?? NaN, books.seconds] as const);
  return {
    policy: compared.name,
    label: compared.name,
    saved: bootstrap(pairs, savedShare, seed),
    meanSeconds: total.seconds / units.length,
    p95Seconds: percentile(
      units.map(({ seconds }) => seconds),
      0.95,
    ),
    usd: costUsd(total) / units.length,
    wasteUsd: total.wasteUsd / units.length,
    hits: total.guesses,
    claimed: launches,
    knew: total.draftUsd > 0 ? `${compared.knew}; charged for ${total.drafts} drafts` : compared.knew,
  };
}

export function pointOf({ compared, total, units }: PolicyOutcome): FrontierPoint {
  return { label: compared.name, seconds: total.seconds / units.length, usd: costUsd(total) / units.length };
}

/** The dial of a policy as a curve: the same work at each alpha. */
export function dialOf(bench: Bench, compared: ComparedPolicy, alphas: readonly number[]): FrontierPoint[] {
  return alphas.map((alpha) => {
    const outcome = outcomeOf(bench, compared, { knob: { ...bench.options?.knob, alpha } });
    return { ...pointOf(outcome), label: `alpha ${alpha}` };
  });
}

function savedShare(pairs: readonly (readonly [number, number])[]): number {
  let plain = 0;
  let ahead = 0;
  for (const [plainSeconds, seconds] of pairs) {
    plain += plainSeconds;
    ahead += seconds;
  }
  return 1 - ahead / plain;
}

const KINDS: Record<EndedCall['outcome'], TimelineBar['kind']> = {
  plain: 'plain',
  retried: 'wasted',
  claimed: 'claimed',
  cancelled: 'wasted',
  failed: 'wasted',
  copy: 'wasted',
  draft: 'draft',
};

/** From the first call of the run on, by operation. */
function barsOf(calls: readonly EndedCall[]): TimelineBar[] {
  const start = Math.min(...calls.map(({ startSeconds }) => startSeconds));
  return [...calls]
    .sort((left, right) => left.operation - right.operation || left.startSeconds - right.startSeconds)
    .map(({ operation, name, outcome, startSeconds, endSeconds }) => ({
      lane: `${operation + 1} ${name}`,
      label: outcome === 'draft' ? `draft of ${name}` : `${name}, ${outcome}`,
      startSeconds: startSeconds - start,
      endSeconds: endSeconds - start,
      kind: KINDS[outcome],
    }));
}
