import { parseKnobChange, type KnobChange } from '../speculation/decision/knob';
import { OperatorError } from './operator-error';

/** The knob options of the command line, as they were typed. */
export interface KnobFlags {
  alpha?: string;
  lambda?: string;
  budget?: string;
  enabled?: string;
  policy?: string;
}

/**
 * Turns typed text into the values that a knob takes. What is no number or boolean stays text, so that the one check that there is
 * refuses it with its own message.
 *
 * @throws OperatorError when no option was given or a value cannot be used
 */
export function knobChangeFrom({ alpha, lambda, budget, enabled, policy }: KnobFlags): KnobChange {
  const change = {
    ...(alpha !== undefined && { alpha: numberOr(alpha) }),
    ...(lambda !== undefined && { lambdaUsdPerSecond: numberOr(lambda) }),
    ...(budget !== undefined && { budgetUsd: budget === 'none' ? null : budget }),
    ...(enabled !== undefined && { enabled: enabled === 'true' ? true : enabled === 'false' ? false : enabled }),
    ...(policy !== undefined && { policy: policy === 'none' ? null : policy }),
  };
  if (Object.keys(change).length === 0) {
    throw new OperatorError('Nothing to set: give at least one of --alpha, --lambda, --budget, --enabled, --policy.');
  }
  return parseKnobChange(change);
}

function numberOr(text: string): number | string {
  const value = Number(text);
  return text.trim() !== '' && Number.isFinite(value) ? value : text;
}
