/** Pipelines that differ in how they branch, loop, stream and touch the world. */
export const SHAPES = ['router', 'mapper', 'agent', 'streamed', 'staged', 'relay'] as const;
export type Shape = (typeof SHAPES)[number];

export const TOPICS = ['orders', 'invoices', 'parcels', 'accounts', 'returns'] as const;
export type Topic = (typeof TOPICS)[number];

export const ROUTES = ['lookup', 'repair', 'escalate'] as const;
export type Route = (typeof ROUTES)[number];

/** What a pipeline starts with; everything that it does follows from it. */
export interface ChaosInput {
  run: number;
  shape: Shape;
  topic: Topic;
  text: string;
  /** Elements of lists and rounds of loops, 1 to 4. */
  size: number;
  /** Runs that a relay consists of, each continued as new. */
  legs: number;
  leg: number;
  /** What earlier legs found. */
  carried: string[];
}

/** What a pipeline returns, whatever its shape: what it read and said, in order. */
export interface ChaosResult {
  shape: Shape;
  said: string[];
}

/** Something that a pipeline does to the world. */
export interface Effect {
  operation: EffectOperation;
  args: EffectArguments;
}

/**
 * `reserveSeat` is staged; `recordEntry` is idempotent and may not be abandoned; `cacheEntry` is idempotent and may be; `sendMessage`
 * cannot be taken back.
 */
export const EFFECT_OPERATIONS = ['reserveSeat', 'recordEntry', 'cacheEntry', 'sendMessage'] as const;
export type EffectOperation = (typeof EFFECT_OPERATIONS)[number];

export interface EffectArguments {
  run: number;
  /** Tells the effects of a run apart, unless they are meant to be alike. */
  name: string;
  text: string;
}
