import type { Decision } from '../../speculation/decision/decision';
import { DEFAULT_KNOB, type Knob } from '../../speculation/decision/knob';
import { costAware } from '../../speculation/policies/cost-aware';
import type { LaunchPolicy } from '../../speculation/policies/launch-policy';
import { Barrier, type EffectBarrier } from './barrier';
import { LearnedBeliefs, type Beliefs } from './beliefs';
import type { BookedAs, Books } from './books';
import type { PoolOptions } from './pool';

/** How a workload is run. Everything is optional but the seed and the number of runs. */
export interface SimulationOptions {
  seed: number;
  runs: number;
  /** Which launches are worth it; admissibility, budget and bounds are not up to it. @default the published rule */
  policy?: LaunchPolicy;
  /** @default alpha 0.5, lambda 0.01 dollars a second, no budget */
  knob?: Partial<Knob>;
  /** @default the project's posterior, starting from nothing */
  beliefs?: Beliefs;
  /** Most launches on top of each other. @default 1 */
  maxDepth?: number;
  /**
   * What counts for `maxDepth`: launches that nobody has claimed yet (`open`), or all since the last call that was not launched
   * (`block`), as Speculative Actions and Interactive Speculative Planning have it: a block is finished before the next is begun.
   *
   * @default 'open'
   */
  depth?: 'open' | 'block';
  /** Most launches of one run at the same time. @default unlimited */
  maxOpenLaunches?: number;
  /** By name; what is not listed is unlimited. */
  pools?: Readonly<Record<string, PoolOptions>>;
  /**
   * Whether each draft has to be worth its price (`decideAsk`), is always asked or never. Free ones are always asked where they have to be
   * worth it, and look-ups under every policy, as in the runtime.
   *
   * @default what the policy says, else 'worth-it'
   */
  drafts?: 'worth-it' | 'always' | 'never';
  /**
   * What the stream of an operation does to the launches that rest on a guess at it (method.md, section 6). `end`: nothing before its end.
   * `refuted`: what is seen to be wrong is cancelled. Beyond that, what has become unlikely is cancelled if the rule says so, for the
   * whole price as at launch (`full-cost`) or for what is still to be paid and gained (`remaining-cost`).
   *
   * @default 'refuted'
   */
  reconsider?: 'end' | 'refuted' | 'full-cost' | 'remaining-cost';
  /** When runs start: one when the one before has ended, or at these virtual seconds. @default 'one-by-one' */
  arrivals?: 'one-by-one' | ((run: number) => number);
  /** Lets staged operations be prepared early. @default they are not */
  barrier?: EffectBarrier;
  /** Virtual seconds at which every worker dies: whatever runs has failed. @default never */
  crashes?: readonly number[];
  observer?: SimulationObserver;
}

/** One call that is over, for a picture of a run. Virtual seconds. */
export interface EndedCall {
  /** Number of the operation in its run; for a draft the operation whose output it guesses. */
  operation: number;
  name: string;
  outcome: BookedAs;
  startSeconds: number;
  endSeconds: number;
  costUsd: number;
}

/** Sees what the books only add up. */
export interface SimulationObserver {
  onDecision?: (row: Decision, run: number) => void;
  /** A launch is over. `row` is the decision that made it. */
  onLaunchEnd?: (row: Decision, outcome: 'claimed' | 'cancelled' | 'failed', costUsd: number) => void;
  /** A call is over, and paid: whatever was begun. Calls that never got a slot are not told. */
  onCallEnd?: (call: EndedCall, run: number) => void;
  onRunEnd?: (run: number, books: Books, endSeconds: number) => void;
}

/** The same with every default in place. */
export interface ResolvedOptions {
  seed: number;
  runs: number;
  policy: LaunchPolicy;
  knob: Knob;
  beliefs: Beliefs;
  maxDepth: number;
  depth: 'open' | 'block';
  maxOpenLaunches: number;
  pools: Readonly<Record<string, PoolOptions>>;
  drafts: 'worth-it' | 'always' | 'never';
  reconsider: 'end' | 'refuted' | 'full-cost' | 'remaining-cost';
  arrivals: 'one-by-one' | ((run: number) => number);
  barrier: EffectBarrier;
  staging: boolean;
  crashes: readonly number[];
  observer: SimulationObserver;
}

/** A simulation that cannot be run. */
export class InvalidSimulationError extends Error {
  readonly code = 'RUNAHEAD_INVALID_SIMULATION';
  override readonly name = 'InvalidSimulationError';

  constructor(field: string, value: unknown, wayOut: string) {
    super(`simulation: ${field} is ${String(value)}; ${wayOut}`);
  }
}

/** @throws InvalidSimulationError */
export function resolveOptions(options: SimulationOptions): ResolvedOptions {
  const { seed, runs } = options;
  if (!Number.isSafeInteger(seed)) throw new InvalidSimulationError('seed', seed, 'use a whole number');
  if (!(Number.isSafeInteger(runs) && runs >= 1)) {
    throw new InvalidSimulationError('runs', runs, 'use a whole number of at least 1');
  }
  const maxDepth = options.maxDepth ?? 1;
  if (!(maxDepth >= 0)) throw new InvalidSimulationError('maxDepth', maxDepth, 'use a number of at least 0');
  for (const [name, { slots = Infinity }] of Object.entries(options.pools ?? {})) {
    if (!(slots >= 1)) throw new InvalidSimulationError(`slots of pool ${name}`, slots, 'use a number of at least 1');
  }
  const policy = options.policy ?? costAware;
  return {
    seed,
    runs,
    policy,
    knob: { ...DEFAULT_KNOB, ...options.knob },
    beliefs: options.beliefs ?? new LearnedBeliefs(),
    maxDepth,
    depth: options.depth ?? 'open',
    maxOpenLaunches: options.maxOpenLaunches ?? Infinity,
    pools: options.pools ?? {},
    drafts: options.drafts ?? policy.drafts ?? 'worth-it',
    reconsider: options.reconsider ?? 'refuted',
    arrivals: options.arrivals ?? 'one-by-one',
    barrier: options.barrier ?? new Barrier(),
    staging: options.barrier !== undefined,
    crashes: options.crashes ?? [],
    observer: options.observer ?? {},
  };
}
