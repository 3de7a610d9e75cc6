import type { CalibrationRecord } from './calibration-record';
import type { CalibrationGates } from './calibration-settings';
import type { CalibrationStage } from './calibration-stage';
import { brierScore, expectedCalibrationError } from './reliability';

/** Whether an edge has shown enough to go on. */
export interface GateResult {
  /** The stage that the gate leads to. */
  to: CalibrationStage;
  /** What is asked and what there is, each in words. */
  checks: { name: string; value: number | null; bound: number; atLeast: boolean; passes: boolean }[];
  passes: boolean;
}

/** The stage after each; null where only somebody's word leads on, or nothing does. */
const NEXT: Readonly<Record<CalibrationStage, 'shadow' | 'canary' | 'online' | null>> = {
  offline: 'shadow',
  shadow: 'canary',
  canary: 'online',
  online: null,
  killed: null,
};

/** The gate before an edge, with what it has shown in its stage. Null for an edge that is online or killed. */
export function gateAhead(
  stage: CalibrationStage,
  record: CalibrationRecord,
  gates: CalibrationGates,
): GateResult | null {
  const to = NEXT[stage];
  if (to === null) return null;
  const checks = checksOf(to, record, gates);
  return { to, checks, passes: checks.every(({ passes }) => passes) };
}

/** What a gate asks and what there is, in one line. */
export function gateInWords({ checks }: GateResult): string {
  return checks
    .map(({ name, value, bound, atLeast }) => {
      const figure = value === null ? 'none' : Number.isInteger(value) ? String(value) : value.toFixed(3);
      return `${name} ${figure} (${atLeast ? 'at least' : 'at most'} ${bound})`;
    })
    .join(', ');
}

function checksOf(
  to: 'shadow' | 'canary' | 'online',
  { forecasts, wanted, launches }: CalibrationRecord,
  gates: CalibrationGates,
): GateResult['checks'] {
  switch (to) {
    case 'shadow':
      return [
        least('predictions', forecasts.count, gates.shadow.observations),
        most('calibration error', expectedCalibrationError(forecasts), gates.shadow.calibrationError),
        most('Brier score', brierScore(forecasts), gates.shadow.brier),
      ];
    case 'canary':
      return [
        least('launches wanted', wanted.count, gates.canary.observations),
        most('calibration error', expectedCalibrationError(forecasts), gates.canary.calibrationError),
        most(
          'shortfall of value',
          shareOf(wanted.predictedUsd - wanted.realisedUsd, wanted.stakeUsd, wanted.count),
          gates.canary.valueTolerance,
        ),
      ];
    case 'online': {
      const { reliability, stakeUsd } = launches;
      const ofStake = (usd: number): number | null => shareOf(usd, stakeUsd, reliability.count);
      return [
        least('launches', reliability.count, gates.online.launches),
        most('calibration error of launches', expectedCalibrationError(reliability), gates.online.calibrationError),
        most('shortfall of value', ofStake(launches.predictedUsd - launches.realisedUsd), gates.online.valueTolerance),
        most('excess of waste', ofStake(launches.wasteUsd - launches.predictedWasteUsd), gates.online.wasteTolerance),
      ];
    }
  }
}

type Check = GateResult['checks'][number];

function least(name: string, value: number, bound: number): Check {
  return { name, value, bound, atLeast: true, passes: value >= bound };
}

function most(name: string, value: number | null, bound: number): Check {
  return { name, value, bound, atLeast: false, passes: value !== null && value <= bound };
}

/** Differences for nothing at stake are none. Null without a case. */
function shareOf(usd: number, stakeUsd: number, cases: number): number | null {
  if (cases === 0) return null;
  return stakeUsd === 0 ? (usd <= 0 ? 0 : Infinity) : usd / stakeUsd;
}
