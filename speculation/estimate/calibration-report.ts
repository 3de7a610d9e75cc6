import type { GateResult } from './calibration-gate';
import type { CalibrationSettings } from './calibration-settings';
import type { CalibrationStage } from './calibration-stage';
import { gateOf, type CalibrationState } from './calibration-state';
import type { EdgeStanding, StageTransition } from './edge-standing';
import { brierScore, expectedCalibrationError, type Reliability } from './reliability';

/** How far every edge is trusted, in figures that a reader can use. */
export interface CalibrationReport {
  settings: CalibrationSettings;
  /** By name. */
  edges: EdgeReport[];
}

/** One edge since it entered its stage. Figures are null where there was no case. */
export interface EdgeReport {
  edge: string;
  stage: CalibrationStage;
  observations: number;
  forecasts: ReliabilityReport;
  /** Decisions that wanted a launch, launched or not: EV as predicted, and as it came out counterfactually. */
  wanted: { count: number; shadows: number; predictedUsd: number; realisedUsd: number };
  /** Launches that have ended: EV as predicted, and as it came out in real dollars. */
  launches: { count: number; claimed: number; predictedUsd: number; realisedUsd: number; wasteUsd: number };
  launched: ReliabilityReport;
  /** By forecast source; what of its threshold the evidence for a drop has reached, 0 to 1, and the success rate that it is held against. */
  killSwitch: { source: string; evidence: number; reference: number | null; learned: number }[] | null;
  gate: GateResult | null;
  transitions: StageTransition[];
}

export interface ReliabilityReport {
  count: number;
  brier: number | null;
  calibrationError: number | null;
  /** Where something was predicted, ascending. */
  bins: { from: number; to: number; count: number; meanPredicted: number; cameTrue: number }[];
}

export function calibrationReport(calibration: CalibrationState): CalibrationReport {
  return {
    settings: calibration.settings,
    edges: Object.entries(calibration.edges)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([edge, standing]) => edgeReport(calibration, edge, standing)),
  };
}

function edgeReport(calibration: CalibrationState, edge: string, standing: EdgeStanding): EdgeReport {
  const { stage, record, transitions } = standing;
  const { observations, forecasts, wanted, shadows, launches } = record;
  return {
    edge,
    stage,
    observations,
    forecasts: reliabilityReport(forecasts),
    wanted: { count: wanted.count, shadows, predictedUsd: wanted.predictedUsd, realisedUsd: wanted.realisedUsd },
    launches: {
      count: launches.reliability.count,
      claimed: launches.claimed,
      predictedUsd: launches.predictedUsd,
      realisedUsd: launches.realisedUsd,
      wasteUsd: launches.wasteUsd,
    },
    launched: reliabilityReport(launches.reliability),
    killSwitch: killSwitchReport(calibration.settings, standing),
    gate: gateOf(calibration, standing),
    transitions,
  };
}

function killSwitchReport({ killSwitch }: CalibrationSettings, { drift }: EdgeStanding): EdgeReport['killSwitch'] {
  if (killSwitch === null) return null;
  return Object.entries(drift).map(([source, { reference, evidence }]) => {
    const learned = reference.successes + reference.failures;
    return {
      source,
      evidence: Math.min(1, evidence / killSwitch.threshold),
      reference: learned === 0 ? null : reference.successes / learned,
      learned,
    };
  });
}

function reliabilityReport(reliability: Reliability): ReliabilityReport {
  const width = 1 / reliability.bins.length;
  return {
    count: reliability.count,
    brier: brierScore(reliability),
    calibrationError: expectedCalibrationError(reliability),
    bins: reliability.bins.flatMap((bin, index) =>
      bin === null
        ? []
        : [
            {
              from: Number((index * width).toFixed(2)),
              to: Number(((index + 1) * width).toFixed(2)),
              count: bin.count,
              meanPredicted: bin.probabilitySum / bin.count,
              cameTrue: bin.successes / bin.count,
            },
          ],
    ),
  };
}
