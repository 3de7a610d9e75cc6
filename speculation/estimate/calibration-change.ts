import {
  DEFAULT_CALIBRATION,
  DEFAULT_KILL_SWITCH,
  DEFAULT_VALUE_TEST,
  type CalibrationGates,
  type CalibrationSettings,
  type KillSwitchSettings,
} from './calibration-settings';
import type { ValueTestSettings } from './value-test';

/** A change of the calibration settings; what it does not name stays. */
export interface CalibrationChange {
  /** @default online */
  start?: CalibrationSettings['start'];
  /** @default 0.1 */
  canaryShare?: number;
  /** @default command */
  promote?: CalibrationSettings['promote'];
  gates?: { [Stage in keyof CalibrationGates]?: Partial<CalibrationGates[Stage]> };
  /** False for none. */
  killSwitch?: false | KillSwitchChange;
}

export interface KillSwitchChange extends Partial<Omit<KillSwitchSettings, 'realisedValue'>> {
  /** False for not. @default false */
  realisedValue?: false | Partial<ValueTestSettings>;
}

/** A calibration setting that cannot be used. */
export class InvalidCalibrationError extends Error {
  readonly code = 'RUNAHEAD_INVALID_CALIBRATION';
  override readonly name = 'InvalidCalibrationError';

  constructor(
    /** Path of the field, such as `gates.canary.calibrationError`; empty for the whole. */
    readonly field: string,
    readonly value: unknown,
    wayOut: string,
  ) {
    const where = field === '' ? 'it' : field;
    super(`calibration: ${where} is ${JSON.stringify(value) as string | undefined}${nan(value)}; ${wayOut}`);
  }
}

/** The way out for a value that cannot be used; null for one that can. */
type Rule = (value: unknown) => string | null;
interface Shape {
  [field: string]: Rule | Shape;
}

const number =
  (fits: (value: number) => boolean, wayOut: string): Rule =>
  (value) =>
    typeof value === 'number' && fits(value) ? null : wayOut;
const oneOf =
  (...names: readonly string[]): Rule =>
  (value) =>
    typeof value === 'string' && names.includes(value) ? null : `use one of ${names.join(', ')}`;
const share = number((value) => value >= 0 && value <= 1, 'use a number from 0 to 1');
const count = number((value) => Number.isSafeInteger(value) && value >= 1, 'use a whole number of at least 1');
const tolerance = number((value) => Number.isFinite(value) && value >= 0, 'use a number of at least 0');
const above = number((value) => Number.isFinite(value) && value > 0, 'use a number above 0');

const SHAPE: Shape = {
  start: oneOf('offline', 'shadow', 'canary', 'online'),
  canaryShare: share,
  promote: oneOf('automatic', 'command'),
  gates: {
    shadow: { observations: count, calibrationError: share, brier: share },
    canary: { observations: count, calibrationError: share, valueTolerance: tolerance },
    online: { launches: count, calibrationError: share, valueTolerance: tolerance, wasteTolerance: tolerance },
  },
  killSwitch: {
    drop: number((value) => value > 0 && value < 1, 'use a number between 0 and 1, both excluded'),
    threshold: above,
    leastObservations: number(
      (value) => Number.isSafeInteger(value) && value >= 10 && value <= 1000,
      'use a whole number from 10 to 1000',
    ),
    realisedValue: {
      launches: number((value) => Number.isSafeInteger(value) && value >= 20, 'use a whole number of at least 20'),
      deviations: above,
    },
  },
};
const MAY_BE_FALSE: ReadonlySet<string> = new Set(['killSwitch', 'killSwitch.realisedValue']);

/**
 * Checks a change that comes from outside. Written by hand, because it also runs in the workflow sandbox.
 *
 * @throws InvalidCalibrationError
 */
export function parseCalibrationChange(input: unknown): CalibrationChange {
  check('', input, SHAPE);
  return input as CalibrationChange;
}

function check(path: string, input: unknown, shape: Shape): void {
  const fields = Object.keys(shape);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidCalibrationError(path, input, `use an object with any of ${fields.join(', ')}`);
  }
  for (const [key, value] of Object.entries(input)) {
    const field = path === '' ? key : `${path}.${key}`;
    const rule = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (rule === undefined) throw new InvalidCalibrationError(field, value, `known here: ${fields.join(', ')}`);
    if (typeof rule !== 'function') {
      if (value !== false || !MAY_BE_FALSE.has(field)) check(field, value, rule);
      continue;
    }
    const wayOut = rule(value);
    if (wayOut !== null) throw new InvalidCalibrationError(field, value, wayOut);
  }
}

/** JSON writes these as null, which would hide what is wrong. */
function nan(value: unknown): string {
  return typeof value === 'number' && !Number.isFinite(value) ? ` (${value})` : '';
}

/** The settings with a change on top. */
export function applyCalibrationChange(
  settings: CalibrationSettings,
  { gates, killSwitch, ...rest }: CalibrationChange,
): CalibrationSettings {
  return {
    ...settings,
    ...rest,
    gates: {
      shadow: { ...settings.gates.shadow, ...gates?.shadow },
      canary: { ...settings.gates.canary, ...gates?.canary },
      online: { ...settings.gates.online, ...gates?.online },
    },
    killSwitch: killSwitch === undefined ? settings.killSwitch : changedKillSwitch(settings.killSwitch, killSwitch),
  };
}

/**
 * The settings that an earlier run carried over, complete.
 *
 * @throws InvalidCalibrationError
 */
export function carriedCalibrationSettings(input: unknown): CalibrationSettings {
  return applyCalibrationChange(DEFAULT_CALIBRATION, parseCalibrationChange(nullAsFalse(input)));
}

/** In settings null is what false is in a change. */
function nullAsFalse(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('killSwitch' in input)) return input;
  const { killSwitch } = input;
  if (killSwitch === null) return { ...input, killSwitch: false };
  if (typeof killSwitch !== 'object' || !('realisedValue' in killSwitch)) return input;
  const { realisedValue } = killSwitch;
  return { ...input, killSwitch: { ...killSwitch, realisedValue: realisedValue ?? false } };
}

function changedKillSwitch(
  current: KillSwitchSettings | null,
  change: false | KillSwitchChange,
): KillSwitchSettings | null {
  if (change === false) return null;
  const { realisedValue, ...rest } = change;
  const known = current ?? DEFAULT_KILL_SWITCH;
  return {
    ...known,
    ...rest,
    realisedValue:
      realisedValue === undefined
        ? known.realisedValue
        : realisedValue === false
          ? null
          : { ...(known.realisedValue ?? DEFAULT_VALUE_TEST), ...realisedValue },
  };
}
