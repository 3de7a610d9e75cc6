import { always } from '../../../speculation/policies/always';
import type { LaunchPolicy } from '../../../speculation/policies/launch-policy';
import { constant } from '../../simulator/distribution';
import { pipeline, type OperationSpec } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { closedForm, type Simulated } from '../closed-form';
import { times, type Setting } from '../experiment';
import { evenOverRuns } from '../luck';

/** A node under verification, and the nodes behind it. */
interface Verified {
  verifierSeconds: number;
  /** How often the verifier agrees. */
  matchRate: number;
  executions: { seconds: number; usd: number; verifierUsd: number }[];
}

const CASES: Verified[] = [
  {
    verifierSeconds: 10,
    matchRate: 0.7,
    executions: [
      { seconds: 3, usd: 0.02, verifierUsd: 0.05 },
      { seconds: 4, usd: 0.01, verifierUsd: 0.03 },
      { seconds: 5, usd: 0.04, verifierUsd: 0.02 },
    ],
  },
  {
    verifierSeconds: 28.9,
    matchRate: 0.6,
    executions: Array.from({ length: 12 }, () => ({ seconds: 3, usd: 0.01, verifierUsd: 0.02 })),
  },
  { verifierSeconds: 2, matchRate: 0.8, executions: [{ seconds: 1, usd: 0.5, verifierUsd: 0.1 }] },
];

/** Eq. 4: those whose cumulative execution time stays below the verifier's. */
function windowOf({ verifierSeconds, executions }: Verified): Verified['executions'] {
  let sum = 0;
  return executions.filter(({ seconds }) => (sum += seconds) < verifierSeconds);
}

/** Where places are short, the verifier of what has been executed goes before what follows: it takes longer. */
const VERIFIERS_FIRST: LaunchPolicy = { ...always, priority: ({ surroundings }) => surroundings.downstreamSeconds };

function observe(setting: Setting, what: 'window' | 'waste'): Simulated<Verified>[] {
  return CASES.map((parameters) => {
    const { verifierSeconds, matchRate, executions } = parameters;
    const operations: OperationSpec[] = [
      {
        name: 'verify',
        latency: constant(verifierSeconds),
        draft: { source: 'verify', latency: constant(0), hitProbabilities: [matchRate] },
      },
      ...executions.flatMap(({ seconds, usd, verifierUsd }, index): OperationSpec[] => [
        {
          name: `execute ${index}`,
          after: [index === 0 ? 'verify' : `execute ${index - 1}`],
          latency: constant(seconds),
          // For the window a dollar a second, so that the bill says how far a launch had come.
          price: what === 'waste' ? { kind: 'fixed', usd } : { kind: 'per-second', usdPerSecond: 1 },
        },
        {
          name: `verify ${index}`,
          after: [`execute ${index}`],
          latency: constant(verifierSeconds),
          price: { kind: 'fixed', usd: verifierUsd },
        },
      ]),
    ];
    const window = windowOf(parameters).length;
    let ended = 0;
    const runs = times(2_000, setting);
    const { total } = simulate(evenOverRuns(pipeline('verified', operations)), {
      seed: setting.seed,
      runs,
      policy: VERIFIERS_FIRST,
      maxDepth: Infinity,
      // For the waste: the window and its verifiers, and not the node that would be begun and not be ended.
      ...(what === 'waste' && { maxOpenLaunches: 2 * window }),
      observer: {
        onLaunchEnd: ({ downstream }, outcome, costUsd) => {
          const execution = executions[Number(/^execute (\d+)$/.exec(downstream)?.[1])];
          if (outcome === 'cancelled' && execution !== undefined && costUsd >= execution.seconds * (1 - 1e-9))
            ended += 1;
        },
      },
    });
    const failures = total.guesses.denominator - total.guesses.numerator;
    const observed = what === 'waste' ? total.wasteUsd / runs : ended / failures;
    return { label: `verifier ${verifierSeconds} s`, parameters, observed };
  });
}

/** Sherlock, arXiv:2511.00330, Eq. 4. */
export const sherlockWindow = closedForm<Verified>({
  name: 'sherlock-window',
  title:
    'Sherlock: nodes that are executed while one is verified: cumulative execution time below that of the verifier',
  origin: 'peer',
  form: (verified) => windowOf(verified).length,
  planted: {
    'one node at a time': () => 1,
    'the whole graph': ({ executions }) => executions.length,
  },
  simulate: (setting) => observe({ ...setting, effort: setting.effort / 4 }, 'window'),
});

/** Eq. 6. */
export const sherlockWaste = closedForm<Verified>({
  name: 'sherlock-waste',
  title: 'Sherlock: expected waste (1 - m) * sum of C_exec + C_vrf over the window',
  origin: 'peer',
  form: (verified) =>
    (1 - verified.matchRate) * windowOf(verified).reduce((sum, { usd, verifierUsd }) => sum + usd + verifierUsd, 0),
  planted: {
    'weighted with the match rate': (verified) =>
      verified.matchRate * windowOf(verified).reduce((sum, { usd, verifierUsd }) => sum + usd + verifierUsd, 0),
    'verifiers are free': (verified) =>
      (1 - verified.matchRate) * windowOf(verified).reduce((sum, { usd }) => sum + usd, 0),
  },
  simulate: (setting) => observe(setting, 'waste'),
});
