import type { Declared } from '../../speculation/decision/admissibility';
import type { CostBriefing } from '../../speculation/forecast/briefing';
import type { ForecastSource } from '../../speculation/forecast/forecast';
import type { Random } from './random-stream';

/*
 * One run of a pipeline with everything decided that does not depend on what is launched: how long each call takes, what it costs, what
 * each forecast says and whether it is right. Different policies are compared on the same draws. `drawRun` makes them from distributions;
 * a recorded trace is turned into them directly.
 */

/** One call, if it is made. Cost before it has ended: all of the input, and of the output the share of the work that is done. */
export interface CallDraw {
  /** When nothing else slows it down. */
  latencySeconds: number;
  inputUsd: number;
  outputUsd: number;
  /** Fails when this share of the work is done. @default it succeeds */
  failsAtShare?: number;
  /** Seconds that further copies of the call would take, for policies that race copies; each costs what the call costs. @default no copies */
  copies?: readonly number[];
}

/** One guess at an operation's output. */
export interface CandidateDraw {
  /** 0 for the best guess; each source and rank has a posterior of its own. */
  rank: number;
  right: boolean;
  /** How likely it was to be right when it was drawn: for an oracle. */
  trueProbability: number;
  /** How sure the source says it is, 0 to 1. @default it does not say */
  confidence?: number;
  /** How often the source had counted this value in this context. @default it does not count */
  counts?: { hits: number; total: number };
  /**
   * What the stream of the operation's own output says about this guess while it is written: at which share of the operation's work, and
   * how likely the guess is from then on; 0 refutes it. Ascending. @default nothing before the end
   */
  reestimates?: readonly { atShare: number; probability: number }[];
}

/** One way to get guesses: a look-up, or a draft by a cheaper model. Starts together with the call that it guesses at. */
export interface DraftDraw extends CallDraw {
  source: ForecastSource;
  /** Seconds when the call that it guesses at was itself launched: a draft may have said several steps at once. @default the same */
  launchedLatencySeconds?: number;
  candidates: readonly CandidateDraw[];
  /** Expected price, US dollars, and durations, for the decision whether to ask. @default what this draft really takes */
  expected?: { usd: number; latencySeconds: readonly number[] };
  /** Where it waits for a slot. @default '' : unlimited */
  pool?: string;
}

export interface OperationDraw {
  /** Activity type. Edges are `upstream>downstream`, by these names. */
  name: string;
  /** Indexes of the operations in this run whose outputs are its input; smaller than its own. Empty starts with the run. */
  after: readonly number[];
  call: CallDraw;
  /** The call when it was launched early on right guesses. @default as `call` */
  launched?: CallDraw;
  /** The call when it was launched on a wrong guess: another input, so another duration. @default as `call` */
  astray?: (random: Random) => CallDraw;
  drafts: readonly DraftDraw[];
  /** Whether guesses at this output exclude each other, or are right independently of one another. */
  candidates: 'exclusive' | 'independent';
  declared: Declared | null;
  /** What decisions are told. */
  expected: { latencySeconds: readonly number[]; cost: CostBriefing };
  /** @default '' : unlimited */
  pool?: string;
}

export interface RunDraw {
  operations: readonly OperationDraw[];
}

/** Runs of a pipeline, by number. The same number and stream give the same draw. */
export interface Workload {
  readonly name: string;
  draw(run: number, random: Random): RunDraw;
}
