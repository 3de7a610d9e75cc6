import { expectedValueUsd, shouldSpeculate } from '../decision/expected-value';
import { latencyValueUsd } from '../decision/latency-value';
import type { Bet, Bets } from './bet';

/** A setting of the dial. */
export interface DialSetting {
  /** 0 (cost first) to 1 (latency first). */
  alpha: number;
  /** US dollars. */
  lambdaUsdPerSecond: number;
}

/** Per pipeline, on average. */
export interface Gain {
  /**
   * Sum of P * dt over the launches, or of the time they really saved. Overlaps are added up, so where a pipeline waits for several things
   * at once it is at most this much earlier.
   */
  secondsSaved: number;
  /** Sum of (1 - P) * C over the launches, or of what the unused ones really cost; plus the drafts. US dollars. */
  extraUsd: number;
}

export interface SettingResult {
  launchesPerPipeline: number;
  draftsPerPipeline: number;
  /** From the probabilities of the rows. */
  expected: Gain;
  /** Standard error of `expected` as a mean over pipelines, which are taken as independent of each other. Null for a single one. */
  standardError: Gain | null;
  /** The launches and drafts whose outcome is known, and what had been expected of these very ones. Null if none is. */
  realised: (Gain & { betsPerPipeline: number; expected: Gain }) | null;
}

export interface FrontierPoint extends DialSetting, SettingResult {}

/** What a setting would have done with the bets of a log. */
export function evaluateSetting(bets: Bets, setting: DialSetting): FrontierPoint {
  return { ...setting, ...evaluate(bets, (bet) => wants(bet, setting), setting.lambdaUsdPerSecond) };
}

/** What was done. */
export function evaluateAsLogged(bets: Bets): SettingResult {
  return evaluate(bets, ({ made }) => made, 0);
}

function wants(bet: Bet, { alpha, lambdaUsdPerSecond: lambda }: DialSetting): boolean {
  if (bet.kind === 'launch') {
    return (
      bet.heldBy === null && shouldSpeculate(bet.P, latencyValueUsd(lambda, bet.latencySavedSeconds), bet.C, alpha)
    );
  }
  const { valueUsd } = bestCandidate(bet, lambda);
  return valueUsd > 0 && valueUsd >= (2 - alpha) * bet.certainUsd;
}

function evaluate({ bets, runs }: Bets, isWanted: (bet: Bet) => boolean, lambda: number): SettingResult {
  const made = new Uint8Array(bets.length);
  const seconds = new Float64Array(runs);
  const dollars = new Float64Array(runs);
  const realised = { secondsSaved: 0, extraUsd: 0, count: 0, expectedSeconds: 0, expectedUsd: 0 };
  let launches = 0;
  let drafts = 0;
  for (const [index, bet] of bets.entries()) {
    if (bet.needs >= 0 && made[bet.needs] === 0) continue;
    if (bet.insteadOf.some((earlier) => made[earlier] === 1)) continue;
    if (!isWanted(bet)) continue;
    made[index] = 1;
    const expected = bet.kind === 'launch' ? ofLaunch(bet) : ofDraft(bet, lambda);
    seconds[bet.run] = (seconds[bet.run] ?? 0) + expected.secondsSaved;
    dollars[bet.run] = (dollars[bet.run] ?? 0) + expected.extraUsd;
    if (bet.kind === 'launch') launches += 1;
    else drafts += 1;
    if (bet.realised === null) continue;
    realised.count += 1;
    realised.secondsSaved += bet.realised.secondsSaved;
    realised.extraUsd += bet.realised.extraUsd;
    realised.expectedSeconds += expected.secondsSaved;
    realised.expectedUsd += expected.extraUsd;
  }
  const perPipeline = (sum: number): number => (runs === 0 ? 0 : sum / runs);
  const meanSeconds = perPipeline(sumOf(seconds));
  const meanDollars = perPipeline(sumOf(dollars));
  return {
    launchesPerPipeline: perPipeline(launches),
    draftsPerPipeline: perPipeline(drafts),
    expected: { secondsSaved: meanSeconds, extraUsd: meanDollars },
    standardError:
      runs < 2
        ? null
        : { secondsSaved: standardErrorOf(seconds, meanSeconds), extraUsd: standardErrorOf(dollars, meanDollars) },
    realised:
      realised.count === 0
        ? null
        : {
            secondsSaved: perPipeline(realised.secondsSaved),
            extraUsd: perPipeline(realised.extraUsd),
            betsPerPipeline: perPipeline(realised.count),
            expected: {
              secondsSaved: perPipeline(realised.expectedSeconds),
              extraUsd: perPipeline(realised.expectedUsd),
            },
          },
  };
}

function ofLaunch({ P, C, latencySavedSeconds }: Bet): Gain {
  return { secondsSaved: P * latencySavedSeconds, extraUsd: (1 - P) * C };
}

/** A draft that was asked for has its launches in the log. One that was not is taken to lead to its best candidate. */
function ofDraft(bet: Bet, lambda: number): Gain {
  const { candidate } = bestCandidate(bet, lambda);
  if (bet.made || candidate === undefined) return { secondsSaved: 0, extraUsd: bet.certainUsd };
  return {
    secondsSaved: candidate.P * candidate.latencySavedSeconds,
    extraUsd: bet.certainUsd + (1 - candidate.P) * candidate.speculativeCostUsd,
  };
}

function bestCandidate(
  bet: Bet,
  lambda: number,
): { valueUsd: number; candidate: Bet['candidates'][number] | undefined } {
  let valueUsd = 0;
  let best: Bet['candidates'][number] | undefined;
  for (const candidate of bet.candidates) {
    const { P, latencySavedSeconds, speculativeCostUsd } = candidate;
    const value = expectedValueUsd(P, latencyValueUsd(lambda, latencySavedSeconds), speculativeCostUsd);
    if (value > valueUsd) [valueUsd, best] = [value, candidate];
  }
  return { valueUsd, candidate: best };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function standardErrorOf(values: Float64Array, mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1) / values.length);
}
