import { DEFAULT_KNOB } from '../decision/knob';
import { collectBets, type Bet, type Bets, type FrontierAssumptions, type FrontierRow } from './bet';
import {
  evaluateAsLogged,
  evaluateSetting,
  type DialSetting,
  type FrontierPoint,
  type SettingResult,
} from './evaluate-setting';
import { impliedLambdaFromChoices, type ImpliedLambda, type LambdaChoice } from './implied-lambda';
import { paretoFront, priceBracket, type FrontPoint, type PriceBracket } from './pareto-front';

export interface FrontierOptions extends FrontierAssumptions {
  /** Where the dial stands. @default what the latest row of the log says */
  today?: Partial<DialSetting>;
}

/** A setting that was in force, and what choosing it says a second was worth. */
export interface PastSetting extends DialSetting {
  fromMs: number;
  toMs: number;
  decisions: number;
  /** Over all bets of the log, not only those of its own time. */
  implies: PriceBracket;
}

/** What every setting of the dial would have done with the decisions of a log. */
export interface Frontier {
  /** Runs with at least one decision; every figure is per such pipeline. */
  pipelines: number;
  decisions: number;
  /** How many of them no setting would have launched, by what held them back. */
  heldBack: Record<string, number>;
  today: FrontierPoint;
  /** The launches that were made, whatever decided on them. */
  asLogged: SettingResult;
  /** By lambda, then alpha, both ascending. */
  points: FrontierPoint[];
  front: FrontPoint[];
  /** What the launches that the rule wanted and refused say together, taken as choices of somebody who weighs gain against loss. */
  choices: ImpliedLambda;
  /** Latest last. */
  pastSettings: PastSetting[];
  assumptions: Required<FrontierAssumptions>;
}

const ALPHA_STEPS = 20;
/** Lambda from a thirtieth to thirty times today's, four steps for each power of ten. */
const LAMBDA_STEPS = 6;
const LAMBDA_STEPS_PER_DECADE = 4;
const MOST_PAST_SETTINGS = 12;

/**
 * Decides every logged launch and draft again for alpha from 0 to 1 and lambdas around today's. PROPOSED, ours.
 *
 * It is the published rule that is turned, also where another policy decided. A launch that builds on another is made only if that one
 * is. What no setting has ever opened is not in a log: deeper launches behind one that was held. P, cost and time are those of the row.
 */
export function computeFrontier(rows: Iterable<FrontierRow>, options: FrontierOptions = {}): Frontier {
  const { budgets = 'ignored', stages = 'respected' } = options;
  const bets = collectBets(rows, { budgets, stages });
  const today = todayOf(bets.bets, options.today ?? {});
  const points = gridAround(today).map((setting) => evaluateSetting(bets, setting));
  const heldBack: Record<string, number> = {};
  for (const { heldBy } of bets.bets) if (heldBy !== null) heldBack[heldBy] = (heldBack[heldBy] ?? 0) + 1;
  return {
    pipelines: bets.runs,
    decisions: bets.bets.length,
    heldBack,
    today: evaluateSetting(bets, today),
    asLogged: evaluateAsLogged(bets),
    points,
    front: paretoFront(points, today),
    choices: impliedLambdaFromChoices(choicesOf(bets.bets)),
    pastSettings: pastSettings(bets, points),
    assumptions: { budgets, stages },
  };
}

function todayOf(bets: readonly Bet[], { alpha, lambdaUsdPerSecond }: Partial<DialSetting>): DialSetting {
  let latest: Bet | undefined;
  for (const bet of bets) if (latest === undefined || bet.atMs >= latest.atMs) latest = bet;
  return {
    alpha: alpha ?? latest?.alpha ?? DEFAULT_KNOB.alpha,
    lambdaUsdPerSecond: lambdaUsdPerSecond ?? latest?.lambdaUsdPerSecond ?? DEFAULT_KNOB.lambdaUsdPerSecond,
  };
}

function gridAround(today: DialSetting): DialSetting[] {
  const middle = today.lambdaUsdPerSecond > 0 ? today.lambdaUsdPerSecond : DEFAULT_KNOB.lambdaUsdPerSecond;
  const alphas = new Set(Array.from({ length: ALPHA_STEPS + 1 }, (_, step) => step / ALPHA_STEPS));
  alphas.add(today.alpha);
  const lambdas = Array.from(
    { length: 2 * LAMBDA_STEPS + 1 },
    (_, step) => middle * 10 ** ((step - LAMBDA_STEPS) / LAMBDA_STEPS_PER_DECADE),
  );
  const ascending = [...alphas].sort((left, right) => left - right);
  return lambdas.flatMap((lambdaUsdPerSecond) => ascending.map((alpha) => ({ alpha, lambdaUsdPerSecond })));
}

/** At alpha 1, where the rule asks for no more than that a bet breaks even: what caution adds shows as a lower worth of time. */
function choicesOf(bets: readonly Bet[]): LambdaChoice[] {
  return bets
    .filter(({ kind, heldBy }) => kind === 'launch' && heldBy === null)
    .map(({ P, C, latencySavedSeconds, wanted }) => {
      return { P, speculativeCostUsd: C, latencySavedSeconds, alpha: 1, accepted: wanted };
    });
}

/** Settings in the order in which they were last seen; one that came back counts once. */
function pastSettings(bets: Bets, points: readonly FrontierPoint[]): PastSetting[] {
  const seen = new Map<string, Omit<PastSetting, 'implies'>>();
  for (const { alpha, lambdaUsdPerSecond, atMs } of bets.bets) {
    const name = `${alpha} ${lambdaUsdPerSecond}`;
    const known = seen.get(name);
    if (known === undefined) {
      seen.set(name, { alpha, lambdaUsdPerSecond, fromMs: atMs, toMs: atMs, decisions: 1 });
    } else {
      known.fromMs = Math.min(known.fromMs, atMs);
      known.toMs = Math.max(known.toMs, atMs);
      known.decisions += 1;
    }
  }
  return [...seen.values()]
    .sort((left, right) => left.toMs - right.toMs)
    .slice(-MOST_PAST_SETTINGS)
    .map((setting) => ({ ...setting, implies: priceBracket(evaluateSetting(bets, setting), points) }));
}
