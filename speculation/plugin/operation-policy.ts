import type { z } from 'zod';
import type { Disclosure, EffectClass } from '../decision/admissibility';
import type { TokenCounts } from '../decision/tokens';
import type { DependencyDeclaration, DependencyPrior } from '../estimate/dependency-type';
import type { MinedPatterns } from '../mining/mined-patterns';
import type { StageDefinition } from '../stages/stage-definition';
import type { Equivalence, EquivalenceInput } from './equivalence-policy';
import type { ToolHints } from './mcp-hints';
import type { ArgumentFunction } from './policy-schema';

/** How the dollar cost of an operation is known. */
export type CostInput =
  | {
      kind: 'model';
      /** The provider's name of the model. */
      model: string;
      /** Expected prompt tokens, cached and written ones included. Weighs as much as three measured calls. */
      inputTokens: number;
      /** Expected output tokens, rejected predictions included. */
      outputTokens: number;
      /** Part of `inputTokens` that is read from the provider's cache. @default 0 */
      cachedInputTokens?: number;
      /** Part of `inputTokens` that is written to the provider's cache. @default 0 */
      cacheWriteTokens?: number;
      /** Part of `outputTokens` that is a predicted output and not said. @default 0 */
      rejectedPredictionTokens?: number;
      /**
       * Most that a call can consume; budgets reserve its price. `outputTokens` should be the `max_completion_tokens` that the activity
       * really sends, or it is no ceiling. @default the dearest call so far
       */
      most?: { inputTokens: number; outputTokens: number };
    }
  | {
      kind: 'fixed';
      /** Price of one call, US dollars. */
      usd: number;
    };

/** Where forecasts of an operation's output come from. */
export type ForecasterInput =
  /** The most frequent outputs in this context. `top` defaults to 2. */
  | { kind: 'history'; top?: number }
  /** A pure function of the arguments; undefined for "no idea". */
  | { kind: 'function'; forecast: ArgumentFunction<unknown> }
  /**
   * The operation checks something and normally says this: a value, or a pure function of the arguments where it hands on what it has
   * checked, such as `({ text }) => ({ text })`.
   */
  | { kind: 'verify'; pass: unknown }
  /**
   * A cheaper activity that is called with the same arguments and guesses the output. With `several` it returns a list of guesses, best
   * first.
   */
  | { kind: 'draft'; activity: string; several?: boolean }
  /**
   * What follows from the calls before it by patterns mined from earlier runs, see `runahead mine`; a function of the arguments chooses among
   * several, such as those of a tenant. `top` defaults to 3.
   */
  | { kind: 'mined'; patterns: MinedPatterns | ArgumentFunction<MinedPatterns | undefined>; top?: number }
  /** The activity streams: what of its output is final is known before the rest, see `outputStream`. */
  | { kind: 'stream' };

/** What the owner of an activity says about it. Without a declaration it is never launched early. */
export interface OperationInput {
  /** What it does to the world. @default what `hints` say; required without them */
  effect?: EffectClass;
  /** The annotations of the MCP tool that it calls, as they come. What is said here besides goes before them. @default none */
  hints?: ToolHints;
  /** Whether the effect class that comes from `hints` can be relied on: without it, it is never launched early. @default false */
  trustHints?: boolean;
  /** Whether merely issuing the call tells a third party something. @default what `hints` say, else "public" */
  disclosure?: Disclosure;
  /** Whether an `idempotent` operation may be abandoned without an undo. @default false */
  abandonSafe?: boolean;
  /** What kind of output it has; sets how likely a forecast is right before anything was observed. @default unknown */
  dependency?: DependencyDeclaration;
  /** Best source first. @default none */
  forecast?: ForecasterInput[];
  /** What outputs are filed under for `history`. @default the arguments as canonical JSON */
  contextKey?: ArgumentFunction<string>;
  /** What an output looks like. Forecasts that do not fit are dropped. @default anything */
  output?: z.ZodType;
  /** @default free, for operations that are never launched early; required for the others */
  cost?: CostInput;
  /** Expected duration, seconds; weighs as much as three measured calls. @default from the model's measured speed, else unknown */
  expectedSeconds?: number;
  /** True when other workers run this activity, so this one need not have it. @default false */
  remote?: boolean;
  /** When a forecast of its output is good although it is not exactly right. @default never */
  equivalence?: EquivalenceInput;
  /**
   * Activities before it whose equivalent forecasts it accepts: a launch with an equivalent input may then take the place of the call
   * with the real one, and the result may differ accordingly. `true` accepts all that declare an equivalence. @default none
   */
  acceptsEquivalent?: string[] | true;
  /** For `staged`: how the effect is prepared, committed and discarded. @default it is never launched early */
  stage?: StageDefinition;
  /** Resources that a call reads, such as `account:42`. A launch is not claimed if the pipeline has written one since. @default none */
  reads?: ArgumentFunction<string[]>;
  /** Resources that a call writes. @default none */
  writes?: ArgumentFunction<string[]>;
}

/** What something costs, complete. */
export type OperationCost =
  | {
      kind: 'model';
      model: string;
      expected: TokenCounts;
      /** Null when the policy names no ceiling. */
      most: { inputTokens: number; outputTokens: number } | null;
    }
  | {
      kind: 'fixed';
      usd: number;
      /** The same as an exact decimal, for the books. */
      costUsd: string;
    };

export type Forecaster =
  | { kind: 'history'; top: number }
  | { kind: 'function'; forecast: (...args: unknown[]) => unknown }
  | { kind: 'verify'; pass: unknown }
  | { kind: 'draft'; activity: string; several: boolean }
  | { kind: 'mined'; patterns: (...args: unknown[]) => MinedPatterns | undefined; top: number }
  | { kind: 'stream' };

/** The declaration of one operation, complete. */
export interface OperationPolicy {
  readonly activityType: string;
  readonly effect: EffectClass;
  readonly disclosure: Disclosure;
  readonly abandonSafe: boolean;
  /** The effect class is only what its tool says, and its owner does not vouch for it. */
  readonly hinted: boolean;
  readonly prior: DependencyPrior;
  readonly forecasters: readonly Forecaster[];
  /** Null when outputs are not filed: the operation has no `history` forecaster. */
  readonly contextKey: ((...args: unknown[]) => string) | null;
  readonly output: z.ZodType | null;
  readonly cost: OperationCost;
  readonly expectedSeconds: number | null;
  readonly remote: boolean;
  /** Null where only an exact match counts. */
  readonly equivalence: Equivalence | null;
  /** Null where the real input is needed. */
  readonly acceptsEquivalent: readonly string[] | true | null;
  /** Null where the effect cannot be staged. */
  readonly stage: StageDefinition | null;
  /** Whether a `staged` effect has a stage. */
  readonly barrier: boolean;
  readonly reads: ((...args: unknown[]) => string[]) | null;
  readonly writes: ((...args: unknown[]) => string[]) | null;
}

/** JSON path and reason of the first place where a value is not what the operation outputs; null if it fits. */
export function outputMisfit(operation: OperationPolicy, value: unknown): { path: string; reason: string } | null {
  if (operation.output === null) return null;
  try {
    const { error } = operation.output.safeParse(value);
    const issue = error?.issues[0];
    return issue === undefined ? null : { path: dotted(issue.path), reason: issue.message };
  } catch (error) {
    // A schema may run code of its own, and an asynchronous one cannot be asked here.
    return { path: dotted([]), reason: `the schema failed: ${String(error)}` };
  }
}

function dotted(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(the whole value)' : path.map(String).join('.');
}
