import { StageError } from './stage-error';
import type { Stage, StagedCall, StageStore, StageTransaction } from './stage-store';

/** What an effect consists of, as its owner writes it. */
export interface StageInput<Arguments extends unknown[], Value, Content, Connection> {
  /** Where the stages of this effect live. */
  store: StageStore<Connection>;
  /**
   * Does what nobody outside can see, and answers what the activity returns. May be called again for the same id after a crash, so what it
   * writes must be named by that id. Both parts of the answer are plain JSON or undefined.
   */
  prepare: (call: StagedCall, ...args: Arguments) => Promise<{ value: Value; content: Content }>;
  /** Makes it visible, with the transaction that marks the stage as committed. */
  commit: (
    stage: Stage & { value: Value; content: Content },
    transaction: StageTransaction<Connection>,
  ) => Promise<void>;
  /** Drops it. Also called for a preparation that did not get to its end: then `value` and `content` are null. */
  discard: (
    stage: Stage & { value: Value | null; content: Content | null },
    transaction: StageTransaction<Connection>,
  ) => Promise<void>;
  /** How long a stage waits for its claim before it may be discarded, seconds, counted from its beginning. @default 3600 */
  ttlSeconds?: number;
}

/** A `staged` operation: `activities: { bookFlight: { effect: 'staged', stage: defineStage({ ... }) } }`. */
export interface StageDefinition {
  readonly store: StageStore;
  readonly prepare: (call: StagedCall, ...args: unknown[]) => Promise<{ value: unknown; content: unknown }>;
  readonly commit: (stage: Stage, transaction: StageTransaction) => Promise<void>;
  readonly discard: (stage: Stage, transaction: StageTransaction) => Promise<void>;
  readonly ttlSeconds: number;
}

const DEFAULT_TTL_SECONDS = 3600;
/** By name and not by class: the package may be installed twice. */
const DEFINED = Symbol.for('runahead.stage');
const PARTS = {
  prepare: 'Give a function that does what nobody outside can see and answers { value, content }.',
  commit: 'Give a function that makes it visible, with the transaction that it is handed.',
  discard: 'Give a function that drops what was prepared. Without one, what nobody claims would stay for ever.',
} as const;
const STORE_METHODS = [
  'open',
  'begin',
  'prepared',
  'commit',
  'discard',
  'read',
  'undecided',
  'relay',
  'close',
] as const;

/**
 * Checks a stage and completes it.
 *
 * @throws StageError naming the part, its value and the way out
 */
export function defineStage<Arguments extends unknown[], Value, Content, Connection>(
  input: StageInput<Arguments, Value, Content, Connection>,
): StageDefinition {
  if (typeof input !== 'object' || (input as unknown) === null) {
    throw new StageError('STAGE_INVALID', '(the stage)', input, 'See StageInput for what belongs there.', 'is none');
  }
  for (const [part, remedy] of Object.entries(PARTS)) {
    const value: unknown = input[part as keyof typeof PARTS];
    if (typeof value === 'function') continue;
    throw new StageError('STAGE_INVALID', part, value, remedy, value === undefined ? 'is missing' : 'is no function');
  }
  checkStore(input.store);
  const { ttlSeconds = DEFAULT_TTL_SECONDS } = input;
  if (typeof ttlSeconds !== 'number' || !Number.isFinite(ttlSeconds) || ttlSeconds <= 0) {
    const remedy = 'Give the seconds that a stage waits for its claim, for example 3600.';
    throw new StageError('STAGE_INVALID', 'ttlSeconds', ttlSeconds, remedy, 'is not a positive number');
  }
  const { store, prepare, commit, discard } = input;
  const definition = { store, prepare, commit, discard, ttlSeconds, [DEFINED]: true };
  // From here on nobody knows the types: values come out of the store, and arguments out of a history.
  return Object.freeze(definition) as unknown as StageDefinition;
}

export function isStageDefinition(value: unknown): value is StageDefinition {
  return typeof value === 'object' && value !== null && (value as { [DEFINED]?: unknown })[DEFINED] === true;
}

function checkStore(store: unknown): void {
  const remedy =
    "Give a store: new SqliteStageStore({ name, file }), new PostgresStageStore({ name, ... }), or one's own.";
  const methods = store as Record<string, unknown> | null | undefined;
  const missing =
    typeof store === 'object' && store !== null
      ? STORE_METHODS.find((method) => typeof methods?.[method] !== 'function')
      : 'open';
  if (missing !== undefined) {
    const problem = store === undefined ? 'is missing' : `is no store: it has no method ${missing}`;
    throw new StageError('STAGE_INVALID', 'store', store, remedy, problem);
  }
  const name = methods?.['name'];
  if (typeof name === 'string' && name !== '') return;
  throw new StageError('STAGE_INVALID', 'store.name', name, 'Give it a name that no other store has.', 'is no name');
}
