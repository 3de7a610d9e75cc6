import type { EdgePrediction } from './observation';
import { addPrediction, noReliability, type Reliability } from './reliability';

/**
 * What was predicted along one edge, and what came of it, as plain JSON. Dollars are statistics, not books.
 */
export interface CalibrationRecord {
  /** Forecasts whose real value is known. */
  observations: number;
  /** Probability of a right forecast against whether it was right, wherever a decision was made about it. */
  forecasts: Reliability;
  /** Decisions that wanted the launch, whether it was launched or not: what the launches gain, counterfactually. */
  wanted: ValueRecord;
  /** Of the wanted ones, those that were not launched: shadows of launches. */
  shadows: number;
  /** Launches that have ended. */
  launches: LaunchRecord;
}

export interface ValueRecord {
  count: number;
  /** Sum of EV = P L - (1 - P) C. */
  predictedUsd: number;
  /** Sum of L where the forecast was right and -C where it was wrong. */
  realisedUsd: number;
  /** Sum of P L + (1 - P) C: dollars that were expected to be won or lost; what a difference is measured by. */
  stakeUsd: number;
}

export interface LaunchRecord {
  /** P of the decisions against whether the launch was claimed. */
  reliability: Reliability;
  claimed: number;
  /** Sum of EV as decided. */
  predictedUsd: number;
  /** Sum of lambda * seconds saved for claimed launches, minus the real cost of the others. */
  realisedUsd: number;
  /** Real cost of the launches that were not claimed. */
  wasteUsd: number;
  /** Sums of (1 - P) C and of P L + (1 - P) C over the decisions that launched, from what became of their forecasts. */
  predictedWasteUsd: number;
  stakeUsd: number;
}

export function noCalibrationRecord(): CalibrationRecord {
  return {
    observations: 0,
    forecasts: noReliability(),
    wanted: { count: 0, predictedUsd: 0, realisedUsd: 0, stakeUsd: 0 },
    shadows: 0,
    launches: {
      reliability: noReliability(),
      claimed: 0,
      predictedUsd: 0,
      realisedUsd: 0,
      wasteUsd: 0,
      predictedWasteUsd: 0,
      stakeUsd: 0,
    },
  };
}

/** Whether a forecast was right, in place; without `predicted` no decision was made about it. */
export function recordForecast(record: CalibrationRecord, success: boolean, predicted?: EdgePrediction): void {
  record.observations += 1;
  if (predicted === undefined) return;
  const { probability: P, latencyValueUsd: L, speculativeCostUsd: C, wanted, launched } = predicted;
  addPrediction(record.forecasts, P, success);
  const stakeUsd = P * L + (1 - P) * C;
  if (wanted) {
    record.wanted.count += 1;
    record.wanted.predictedUsd += P * L - (1 - P) * C;
    record.wanted.realisedUsd += success ? L : -C;
    record.wanted.stakeUsd += stakeUsd;
    if (!launched) record.shadows += 1;
  }
  if (launched) {
    record.launches.predictedWasteUsd += (1 - P) * C;
    record.launches.stakeUsd += stakeUsd;
  }
}

/** What became of a launch, in place. */
export function recordLaunch(
  { launches }: CalibrationRecord,
  launch: {
    probability: number;
    expectedValueUsd: number;
    claimed: boolean;
    costUsd: string;
    realisedValueUsd: number;
  },
): void {
  addPrediction(launches.reliability, launch.probability, launch.claimed);
  launches.predictedUsd += launch.expectedValueUsd;
  launches.realisedUsd += launch.realisedValueUsd;
  if (launch.claimed) launches.claimed += 1;
  else launches.wasteUsd += Number(launch.costUsd);
}
