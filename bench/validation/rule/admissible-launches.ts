import type { Declared } from '../../../speculation/decision/admissibility';
import { always } from '../../../speculation/policies/always';
import { ORACLE } from '../../simulator/beliefs';
import { constant } from '../../simulator/distribution';
import { pipeline, READS_ONLY, type OperationSpec } from '../../simulator/pipeline';
import { randomStream } from '../../simulator/random-stream';
import { simulate } from '../../simulator/simulate';
import { experiment, times } from '../experiment';

const PIPELINES = 400;
const OPERATIONS = 12;

const INADMISSIBLE: readonly (Declared | null)[] = [
  null,
  { effect: 'irreversible', disclosure: 'public', abandonSafe: true },
  { effect: 'irreversible', disclosure: 'private', abandonSafe: true },
  { effect: 'none', disclosure: 'private', abandonSafe: true },
  { effect: 'idempotent', disclosure: 'public', abandonSafe: false },
  { effect: 'idempotent', disclosure: 'private', abandonSafe: true },
  { effect: 'staged', disclosure: 'public', abandonSafe: true },
  { effect: 'staged', disclosure: 'private', abandonSafe: true },
];
const ADMISSIBLE: readonly Declared[] = [READS_ONLY, { effect: 'idempotent', disclosure: 'public', abandonSafe: true }];

/** What the rule is told of a declaration. */
type Reading = (declared: Declared | null) => Declared | null;

/**
 * Method 4 and 11, "admissibility": random graphs, every forecast right and known to be (P = 1), alpha = 1, lambda large, and a policy that
 * wants everything. What may not be launched is not; what may be is, or the experiment would prove nothing.
 */
export const admissibleLaunches = experiment<Reading>({
  name: 'admissibility',
  title: 'no launch along an inadmissible edge, at P = 1 and alpha = 1; every admissible one is launched',
  origin: 'method',
  tolerance: 0,
  subject: (declared) => declared,
  planted: {
    'idempotent is enough': (declared) => declared && { ...declared, abandonSafe: true },
    'disclosure ignored': (declared) => declared && { ...declared, disclosure: 'public' },
    'undeclared is harmless': (declared) => declared ?? READS_ONLY,
    'staged needs no barrier': (declared) =>
      declared?.effect === 'staged' ? { ...declared, effect: 'none' } : declared,
  },
  prepare: (setting) => (reading) => {
    let cases = 0;
    let mismatches = 0;
    let forbidden = 0;
    let launches = 0;
    for (let index = 0; index < times(PIPELINES, setting); index++) {
      const random = randomStream(setting.seed, 'admissibility', index);
      const allowed = new Map<string, boolean>();
      const operations = Array.from({ length: OPERATIONS }, (_, position): OperationSpec => {
        const admissible = random() < 0.5;
        const choices = admissible ? ADMISSIBLE : INADMISSIBLE;
        const name = `operation ${position}`;
        allowed.set(name, admissible);
        return {
          name,
          // A tree: each needs one of those before it.
          after: position === 0 ? [] : [`operation ${Math.floor(random() * position)}`],
          latency: constant(0.5 + random()),
          price: { kind: 'fixed', usd: random() },
          draft: { source: 'function', latency: constant(0.01), hitProbabilities: [1] },
          declared: reading(choices[Math.floor(random() * choices.length)] ?? null),
        };
      });
      const launched = new Set<string>();
      simulate(pipeline('random', operations), {
        seed: setting.seed,
        runs: 1,
        policy: always,
        beliefs: ORACLE,
        knob: { alpha: 1, lambdaUsdPerSecond: 1e6 },
        observer: { onDecision: (row) => row.decision === 'launch' && launched.add(row.downstream) },
      });
      for (const [position, { name, after = [] }] of operations.entries()) {
        const deepest = after.some((upstream) => launched.has(upstream));
        // One launch deep: below a launch nothing is guessed until that is claimed.
        if (position === 0 || (allowed.get(name) === true && deepest)) continue;
        cases += 1;
        if (launched.has(name)) launches += 1;
        if (launched.has(name) === allowed.get(name)) continue;
        mismatches += 1;
        if (launched.has(name)) forbidden += 1;
      }
    }
    return {
      cases,
      mismatches,
      worstError: forbidden,
      expected: '0 forbidden launches',
      observed: `${forbidden} forbidden, ${launches} allowed`,
      plot: {
        x: '0: forbidden, 1: allowed',
        y: 'launches',
        series: [
          {
            name: 'launches',
            mark: 'dot',
            points: [
              [0, forbidden],
              [1, launches - forbidden],
            ],
          },
        ],
      },
    };
  },
});
