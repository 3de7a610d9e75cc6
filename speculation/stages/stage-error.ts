import { shownValue } from '../decision/shown-value';

/** What is wrong with a stage, its store or what was handed to it; stable, for programs. */
export type StageErrorCode =
  | 'STAGE_INVALID'
  | 'STAGE_NOT_JSON'
  | 'STAGE_MESSAGE_INVALID'
  | 'STAGE_TRANSACTION'
  | 'STAGE_STORE_INVALID'
  | 'STAGE_STORE_PACKAGE_MISSING'
  | 'STAGE_STORE_UNREACHABLE'
  | 'STAGE_STORE_NEWER'
  | 'STAGE_STORE_BUSY'
  | 'STAGE_STORE_CLOSED';

/** A stage that cannot be used as it is. The message names the field, its value and the way out. */
export class StageError extends Error {
  override readonly name = 'StageError';

  constructor(
    readonly code: StageErrorCode,
    /** What it is about, for example `discard` or `store.file`. */
    readonly field: string,
    /** The value that was given. */
    readonly value: unknown,
    /** What to do about it. */
    readonly remedy: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Stage: ${field} ${problem} (given: ${shownValue(value)}). ${remedy}`, options);
  }
}
