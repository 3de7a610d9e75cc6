import { appendFileSync } from 'node:fs';

/** Something the outside world can see: an e-mail, a booking, a refund. */
export interface Effect {
  kind: string;
  /** Names the effect once and for all, so that a repeated delivery can be recognised. */
  key: string;
  content: unknown;
}

const delivered: Effect[] = [];

/**
 * Stands for the mail server and the booking system. Effects go to memory and, when `RUNAHEAD_OUTBOX` names a file, to that
 * file as one JSON line each, so that two runs can be compared effect by effect.
 */
export function deliver(effect: Effect): void {
  delivered.push(effect);
  const file = process.env['RUNAHEAD_OUTBOX'];
  if (file !== undefined && file !== '') appendFileSync(file, `${JSON.stringify(effect)}\n`);
}

/** Everything that this process has delivered, oldest first. */
export function deliveredEffects(): readonly Effect[] {
  return delivered;
}
