import type { CalibrationStage } from '../estimate/calibration-stage';

/** Where an edge stands, and whether this very pipeline may launch along it. */
export interface EdgeCalibration {
  stage: CalibrationStage;
  launches: boolean;
}

export type StageHold = 'shadow' | 'not-in-canary' | 'kill-switch';

/** Why the stage of its edge holds a launch back; null if it does not. */
export function heldByStage(calibration: EdgeCalibration | undefined): StageHold | null {
  if (calibration === undefined || calibration.launches) return null;
  switch (calibration.stage) {
    case 'killed':
      return 'kill-switch';
    case 'canary':
      return 'not-in-canary';
    default:
      return 'shadow';
  }
}
