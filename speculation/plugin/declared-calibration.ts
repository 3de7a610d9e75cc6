import {
  applyCalibrationChange,
  InvalidCalibrationError,
  parseCalibrationChange,
  type CalibrationChange,
} from '../estimate/calibration-change';
import { DEFAULT_CALIBRATION, type CalibrationSettings } from '../estimate/calibration-settings';
import { PolicyError } from './policy-error';

/** @throws PolicyError */
export function declaredCalibration(calibration: CalibrationChange = {}): CalibrationSettings {
  try {
    return applyCalibrationChange(DEFAULT_CALIBRATION, parseCalibrationChange(calibration));
  } catch (error) {
    if (!(error instanceof InvalidCalibrationError)) throw error;
    const field = error.field === '' ? 'calibration' : `calibration.${error.field}`;
    throw new PolicyError('POLICY_INVALID', field, error.value, `${error.message}.`, 'is invalid', { cause: error });
  }
}
