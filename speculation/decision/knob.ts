import { launchPolicy } from '../policies/by-name';
import { plainDecimal } from './decimal-text';
import { shownValue } from './shown-value';

/** The operator's dial. Plain JSON, so that the Temporal Web UI and the `temporal` command can send it. */
export interface Knob {
  /** Latency against cost, 0 (cost first: twice break-even) to 1 (latency first: break-even). @default 0.5 */
  alpha: number;
  /** What a second of latency is worth, in US dollars. @default 0.01 */
  lambdaUsdPerSecond: number;
  /** Most that one pipeline may spend on launches that nobody has claimed and on drafts, in US dollars; null is unbounded. @default null */
  budgetUsd: string | null;
  /** False turns early launches off at once; books are still kept. @default true */
  enabled: boolean;
  /** Launch policy in force, with its parameters, such as `speculative-actions:k=2`; null for the policy file's. @default null */
  policy?: string | null;
}

export const DEFAULT_KNOB: Readonly<Knob> = { alpha: 0.5, lambdaUsdPerSecond: 0.01, budgetUsd: null, enabled: true };

/** The fields that change; the others stay as they are. */
export type KnobChange = Partial<Knob>;

/** A knob setting that cannot be used. The message names the field, its value and what would be accepted. */
export class InvalidKnobError extends Error {
  readonly code = 'RUNAHEAD_INVALID_KNOB';
  override readonly name = 'InvalidKnobError';

  constructor(
    readonly field: string,
    value: unknown,
    wayOut: string,
  ) {
    super(`knob: ${field} is ${shownValue(value)}; ${wayOut}`);
  }
}

const KNOWN_FIELDS = 'alpha, lambdaUsdPerSecond, budgetUsd, enabled, policy';

/**
 * Checks a knob change that came from outside: a signal, an update, a command line.
 *
 * @throws InvalidKnobError for anything but a non-empty object of known fields with usable values
 */
export function parseKnobChange(input: unknown): KnobChange {
  const example = `send an object such as {"alpha": 0.8}; known fields: ${KNOWN_FIELDS}`;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidKnobError('the change', input, example);
  }
  const change: KnobChange = {};
  for (const [field, value] of Object.entries(input)) {
    switch (field) {
      case 'alpha':
        change.alpha = parseAlpha(value);
        break;
      case 'lambdaUsdPerSecond':
        change.lambdaUsdPerSecond = parseLambda(value);
        break;
      case 'budgetUsd':
        change.budgetUsd = parseBudget(value);
        break;
      case 'enabled':
        change.enabled = parseEnabled(value);
        break;
      case 'policy':
        change.policy = parsePolicy(value);
        break;
      default:
        throw new InvalidKnobError(shownValue(field), value, `there is no such field; known fields: ${KNOWN_FIELDS}`);
    }
  }
  if (Object.keys(change).length === 0) throw new InvalidKnobError('the change', input, example);
  return change;
}

export function applyKnobChange(knob: Readonly<Knob>, change: KnobChange): Knob {
  return { ...knob, ...change };
}

function parseAlpha(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new InvalidKnobError('alpha', value, 'use a number from 0 (cost first) to 1 (latency first)');
}

function parseLambda(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidKnobError(
    'lambdaUsdPerSecond',
    value,
    'use what a second is worth in US dollars, a finite number of at least 0',
  );
}

function parseBudget(value: unknown): string | null {
  if (value === null) return null;
  const budgetUsd = typeof value === 'number' || typeof value === 'string' ? plainDecimal(value) : null;
  if (budgetUsd !== null) return budgetUsd;
  throw new InvalidKnobError('budgetUsd', value, 'use US dollars of at least 0, such as "0.25", or null for no bound');
}

function parseEnabled(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new InvalidKnobError('enabled', value, 'use true or false');
}

function parsePolicy(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') {
    throw new InvalidKnobError('policy', value, "use the name of a launch policy, or null for the policy file's");
  }
  try {
    return launchPolicy(value).name;
  } catch (error) {
    throw new InvalidKnobError('policy', value, error instanceof Error ? error.message : String(error));
  }
}
