import type { CalibrationStage } from './calibration-stage';
import type { DriftSettings } from './drift-detector';
import type { ValueTestSettings } from './value-test';

/** How edges come to be trusted, and lose it. PROPOSED: all numbers are Runahead's own; the paper names the stages and their order. */
export interface CalibrationSettings {
  /** Where an edge stands that nothing is known of. */
  start: Exclude<CalibrationStage, 'killed'>;
  /** Share of the pipelines that launch along an edge in the canary, 0 to 1; chosen by a hash of their workflow id. */
  canaryShare: number;
  /** Whether an edge that passes a gate goes on by itself, or when somebody says so. */
  promote: 'automatic' | 'command';
  /** What an edge must have shown in its stage before it goes on to the one that the gate is named after. */
  gates: CalibrationGates;
  /** What takes an edge out of the canary or from online at once; null for nothing. */
  killSwitch: KillSwitchSettings | null;
}

export interface CalibrationGates {
  /** offline -> shadow: forecasts were about as right as they were said to be. */
  shadow: {
    /** Least predictions whose outcome is known. */
    observations: number;
    /** Most expected calibration error. */
    calibrationError: number;
    /** Most Brier score. */
    brier: number;
  };
  /** shadow -> canary: what would have been launched would have gained about what was predicted. */
  canary: {
    /** Least decisions that wanted a launch. */
    observations: number;
    calibrationError: number;
    /** Most that the counterfactual value may fall short of the predicted one, as a share of the dollars at stake. */
    valueTolerance: number;
  };
  /** canary -> online: what was launched gained and wasted about what was predicted. */
  online: {
    /** Least launches that have ended. */
    launches: number;
    /** Most expected calibration error of the decisions that launched. */
    calibrationError: number;
    /** Most that the realised value may fall short of the predicted one, as a share of the dollars at stake. */
    valueTolerance: number;
    /** Most that the real waste may exceed the predicted one, as a share of the dollars at stake. */
    wasteTolerance: number;
  };
}

export interface KillSwitchSettings extends DriftSettings {
  /** Stops an edge whose launches lose money by more than noise explains; null, the default, for not: the rule itself holds those. */
  realisedValue: ValueTestSettings | null;
}

export const DEFAULT_VALUE_TEST: ValueTestSettings = { launches: 100, deviations: 6 };
export const DEFAULT_KILL_SWITCH: KillSwitchSettings = {
  drop: 0.5,
  threshold: 12.5,
  leastObservations: 100,
  realisedValue: null,
};

/** With these nothing changes for those who set nothing, but that an edge whose forecasts stop coming true is stopped. */
export const DEFAULT_CALIBRATION: CalibrationSettings = {
  start: 'online',
  canaryShare: 0.1,
  promote: 'command',
  gates: {
    shadow: { observations: 100, calibrationError: 0.1, brier: 0.3 },
    canary: { observations: 100, calibrationError: 0.1, valueTolerance: 0.25 },
    online: { launches: 50, calibrationError: 0.15, valueTolerance: 0.25, wasteTolerance: 0.25 },
  },
  killSwitch: DEFAULT_KILL_SWITCH,
};
