import type { AskDecision } from '../decision/ask-draft';
import { decide, type Decision, type DecisionReason } from '../decision/decision';
import type { DecisionOutcome } from '../decision/decision-outcome';
import type { DecisionRow } from '../decision/recompute';

/** A logged decision and the run of the pipeline that made it. */
export type FrontierRow = DecisionRow & { workflowId: string; runId: string; outcome?: DecisionOutcome };

/** What other settings are assumed to change nothing about. */
export interface FrontierAssumptions {
  /**
   * `ignored`: the pipeline's budget, shared budgets and the bound on open launches hold nothing back, so that the curve shows what the dial
   * alone does. `as-logged`: what was spent and reserved when a row was decided counts, although another setting would have spent
   * something else by then. @default 'ignored'
   */
  budgets?: 'ignored' | 'as-logged';
  /** `respected`: what its calibration stage held back stays held back. `ignored`: every edge is taken as online. @default 'respected' */
  stages?: 'respected' | 'ignored';
}

/** A launch or a draft that a setting of the dial makes or does not make. */
export interface Bet {
  kind: 'launch' | 'draft';
  /** Number of the run, from 0. */
  run: number;
  P: number;
  /** Lost if the launch is not used, US dollars. */
  C: number;
  latencySavedSeconds: number;
  /** Paid whatever comes of it: the price of a draft. */
  certainUsd: number;
  /** Null: only the rule decides. Otherwise what holds the bet back at every setting. */
  heldBy: DecisionReason | null;
  /** It was made. */
  made: boolean;
  /** The policy wanted it, whatever else held it. */
  wanted: boolean;
  /** Bet that must be made for this one to come up; -1 for none. */
  needs: number;
  /** Earlier decisions about the same call; this one comes up only if none of them launched it. */
  insteadOf: readonly number[];
  /** What came of it or would have; null while that is not known. */
  realised: { secondsSaved: number; extraUsd: number } | null;
  alpha: number;
  lambdaUsdPerSecond: number;
  atMs: number;
  /** The launches that a draft that was not asked for would have opened. Empty where they are rows of their own. */
  candidates: AskDecision['candidates'];
}

export interface Bets {
  runs: number;
  bets: Bet[];
}

/** Bets of a decision log, run by run and in the order in which they were decided. Rows of a plan are none, and neither is a launch that is given up. */
export function collectBets(rows: Iterable<FrontierRow>, assumptions: FrontierAssumptions = {}): Bets {
  const byRun = new Map<string, FrontierRow[]>();
  for (const row of rows) {
    const run = `${row.workflowId} ${row.runId}`;
    const known = byRun.get(run);
    if (known === undefined) byRun.set(run, [row]);
    else known.push(row);
  }
  const bets: Bet[] = [];
  for (const [run, ofRun] of [...byRun.values()].entries()) {
    ofRun.sort((left, right) => left.id - right.id);
    const before: { row: FrontierRow; index: number }[] = [];
    for (const row of ofRun) {
      if (row.phase === 'plan' || row.phase === 'stream') continue;
      const bet = row.phase === 'ask' ? draftBet(row, run) : launchBet(row, run, before, assumptions);
      before.push({ row, index: bets.length });
      bets.push(bet);
    }
  }
  return { runs: byRun.size, bets };
}

type Before = readonly { row: FrontierRow; index: number }[];
type LaunchRow = Exclude<FrontierRow, { phase: 'ask' }>;
type AskRow = Extract<FrontierRow, { phase: 'ask' }>;

function draftBet(row: AskRow, run: number): Bet {
  const made = row.decision === 'ask';
  const costUsd = row.outcome?.costUsd ?? null;
  return {
    kind: 'draft',
    run,
    P: 0,
    C: 0,
    latencySavedSeconds: 0,
    certainUsd: row.draftCostUsd,
    heldBy: null,
    made,
    wanted: row.reason !== 'not-worth-it' && row.reason !== 'speculation-off',
    needs: -1,
    insteadOf: [],
    realised: made && costUsd !== null ? { secondsSaved: 0, extraUsd: Number(costUsd) } : null,
    alpha: row.knob.alpha,
    lambdaUsdPerSecond: row.knob.lambdaUsdPerSecond,
    atMs: row.atMs,
    candidates: row.candidates,
  };
}

function launchBet(row: LaunchRow, run: number, before: Before, assumptions: FrontierAssumptions): Bet {
  return {
    kind: 'launch',
    run,
    P: row.P,
    C: row.speculativeCostUsd,
    latencySavedSeconds: row.latencySavedSeconds,
    certainUsd: 0,
    heldBy: holdApartFromRule(row, assumptions),
    made: row.decision === 'launch',
    // Rows of older versions do not say it in so many words.
    wanted: (row as Partial<Decision>).wanted ?? !['not-worth-it', 'speculation-off'].includes(row.reason),
    needs: neededBy(row, before),
    insteadOf: before.filter((each) => isAskedAgain(each.row, row)).map(({ index }) => index),
    realised: realisedBy(row),
    alpha: row.knob.alpha,
    lambdaUsdPerSecond: row.knob.lambdaUsdPerSecond,
    atMs: row.atMs,
    candidates: [],
  };
}

/** The decision again, by a policy that wants everything: whatever still holds does so at every setting of the dial. */
function holdApartFromRule(
  row: Decision,
  { budgets = 'ignored', stages = 'respected' }: FrontierAssumptions,
): DecisionReason | null {
  const { reason } = decide({
    ...row,
    policyName: 'always',
    knob: { ...row.knob, enabled: true, ...(budgets === 'ignored' && { budgetUsd: null }) },
    ...(stages === 'ignored' && { calibration: undefined }),
    ...(budgets === 'ignored' && { sharedBudget: undefined, openLaunches: 0, maxOpenLaunches: Infinity }),
  });
  return reason === 'worth-it' ? null : reason;
}

/** The launch that a deeper one builds on, or the draft that it rests on. */
function neededBy(row: LaunchRow, before: Before): number {
  const drafted = row.supports.every((world) => world.some(({ source }) => source === 'draft'));
  const needed = before.findLast(({ row: earlier }) =>
    earlier.phase === 'ask'
      ? drafted &&
        earlier.decision === 'ask' &&
        row.supports.flat().some(({ source, upstream }) => source === 'draft' && upstream === earlier.upstream)
      : row.depth > 1 &&
        earlier.decision === 'launch' &&
        earlier.depth === row.depth - 1 &&
        earlier.downstream === row.upstream,
  );
  return needed?.index ?? -1;
}

/** Another fiber asked for a call that was held: the row that follows adds its world to those of the earlier one. */
function isAskedAgain(earlier: FrontierRow, row: LaunchRow): boolean {
  if (earlier.phase !== 'launch' || earlier.decision !== 'hold') return false;
  if (earlier.downstream !== row.downstream || earlier.supports.length >= row.supports.length) return false;
  const worlds = row.supports.map(worldName);
  return earlier.supports.every((world) => worlds.includes(worldName(world)));
}

function worldName(world: Decision['supports'][number]): string {
  return world.map(({ upstream, source, rank }) => `${upstream} ${source}#${rank}`).join(', ');
}

/**
 * A launch that was made: what it really saved or cost. One that was not: what it would have, where the log says whether its forecast was
 * right, which it does for the newest one only.
 */
function realisedBy({
  decision,
  outcome,
  supports,
  latencySavedSeconds,
  speculativeCostUsd,
}: LaunchRow): Bet['realised'] {
  if (outcome === undefined) return null;
  if (decision === 'launch') {
    if (outcome.launch === 'claimed') return { secondsSaved: outcome.savedSeconds ?? latencySavedSeconds, extraUsd: 0 };
    if (outcome.launch !== 'cancelled' && outcome.launch !== 'failed') return null;
    return { secondsSaved: 0, extraUsd: outcome.costUsd === null ? speculativeCostUsd : Number(outcome.costUsd) };
  }
  const [world, ...others] = supports;
  if (world === undefined || others.length > 0) return null;
  if (outcome.forecast === 'wrong') return { secondsSaved: 0, extraUsd: speculativeCostUsd };
  // An equivalent forecast is of use only on edges that accept one, and a right one only if those before it were right too.
  if (outcome.forecast !== 'right' || world.length > 1) return null;
  return { secondsSaved: latencySavedSeconds, extraUsd: 0 };
}
