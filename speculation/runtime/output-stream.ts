import { type PartialValue, UNKNOWN, withChange } from '../forecast/partial-value';
import type { StreamUpdate } from './protocol';

/** What one attempt of a call has said of its output so far. */
export class OutputStream {
  document: PartialValue = UNKNOWN;
  #sequence = 0;

  constructor(
    readonly activityId: string,
    readonly attempt = 1,
  ) {}

  /** Takes in what has become known. @returns false for what is old, of another attempt, or has a gap before it */
  add({ attempt, sequence, changes }: StreamUpdate): boolean {
    if (attempt !== this.attempt || sequence !== this.#sequence + 1) return false;
    this.#sequence = sequence;
    for (const change of changes) this.document = withChange(this.document, change);
    return true;
  }
}

/** What comes in by a signal may be anything. Null for what is no update. */
export function readStreamUpdate(value: unknown): StreamUpdate | null {
  if (typeof value !== 'object' || value === null) return null;
  const { activityId, attempt, sequence, changes } = value as Partial<Record<keyof StreamUpdate, unknown>>;
  if (typeof activityId !== 'string' || typeof attempt !== 'number' || typeof sequence !== 'number') return null;
  if (!Array.isArray(changes) || !changes.every(isChange)) return null;
  return value as StreamUpdate;
}

function isChange(change: unknown): boolean {
  if (typeof change !== 'object' || change === null) return false;
  const { at, opens, begins } = change as Record<string, unknown>;
  if (!Array.isArray(at) || !at.every((step) => typeof step === 'string' || isIndex(step))) return false;
  if (Object.hasOwn(change, 'is') || Object.hasOwn(change, 'closes')) return true;
  return opens === 'object' || opens === 'array' || typeof begins === 'string';
}

function isIndex(step: unknown): boolean {
  return typeof step === 'number' && Number.isInteger(step) && step >= 0;
}
