import { z } from 'zod';
import { isMinedPatterns, minedPatternsFault, type MinedPatterns } from '../mining/mined-patterns';
import { isStageDefinition, type StageDefinition } from '../stages/stage-definition';
import { acceptsEquivalentSchema, equivalenceSchema } from './equivalence-policy';

/** A function of an operation's arguments. Typed loosely, so that a policy may name the arguments' real types. */
export type ArgumentFunction<Result> = (...args: never[]) => Result;

function functionSchema<Result>(): z.ZodType<ArgumentFunction<Result>> {
  return z.custom<ArgumentFunction<Result>>((value) => typeof value === 'function', 'must be a function');
}

const dollars = z.number('must be a number').nonnegative('must not be negative');
const tokenCount = z.int('must be a whole number').nonnegative('must not be negative');
const atLeastOne = z.int('must be a whole number').min(1, 'must be at least 1');

const priceSchema = z.strictObject({
  inputUsdPerMillion: dollars,
  outputUsdPerMillion: dollars,
  cachedInputUsdPerMillion: dollars.exactOptional(),
  cacheWriteUsdPerMillion: dollars.exactOptional(),
  rejectedPredictionUsdPerMillion: dollars.exactOptional(),
});

const costSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('model'),
    model: z.string().min(1),
    inputTokens: tokenCount,
    outputTokens: tokenCount,
    cachedInputTokens: tokenCount.exactOptional(),
    cacheWriteTokens: tokenCount.exactOptional(),
    rejectedPredictionTokens: tokenCount.exactOptional(),
    most: z.strictObject({ inputTokens: tokenCount, outputTokens: tokenCount }).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('fixed'), usd: dollars }),
]);

const forecasterSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('history'), top: atLeastOne.exactOptional() }),
  z.strictObject({ kind: z.literal('function'), forecast: functionSchema<unknown>() }),
  z.strictObject({ kind: z.literal('verify'), pass: z.unknown() }),
  z.strictObject({ kind: z.literal('draft'), activity: z.string().min(1), several: z.boolean().exactOptional() }),
  z.strictObject({
    kind: z.literal('mined'),
    patterns: z.custom<MinedPatterns | ArgumentFunction<MinedPatterns | undefined>>(
      (value) => typeof value === 'function' || isMinedPatterns(value),
      {
        error: ({ input }) =>
          `must come from \`runahead mine\`, or be a function of the arguments: ${minedPatternsFault(input) ?? 'it is neither'}`,
      },
    ),
    top: atLeastOne.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('stream') }),
]);

const hint = z.boolean('must be true or false').optional();
/** Annotations as they come: what else a tool says of itself is left alone. */
const hintsSchema = z.looseObject({
  readOnlyHint: hint,
  destructiveHint: hint,
  idempotentHint: hint,
  openWorldHint: hint,
});

const operationSchema = z.strictObject({
  effect: z.enum(['none', 'idempotent', 'staged', 'irreversible']).exactOptional(),
  hints: hintsSchema.exactOptional(),
  trustHints: z.boolean().exactOptional(),
  disclosure: z.enum(['public', 'private']).exactOptional(),
  abandonSafe: z.boolean().exactOptional(),
  dependency: z
    .strictObject({
      type: z.string().min(1),
      k: z.number().exactOptional(),
      mean: z.number().exactOptional(),
      strength: z.number().exactOptional(),
      halfLife: z.number().exactOptional(),
      credibleBound: z.number().exactOptional(),
    })
    .exactOptional(),
  forecast: z.array(forecasterSchema).exactOptional(),
  contextKey: functionSchema<string>().exactOptional(),
  output: z.custom<z.ZodType>((value) => value instanceof z.ZodType, 'must be a zod schema').exactOptional(),
  cost: costSchema.exactOptional(),
  expectedSeconds: z.number().nonnegative('must not be negative').exactOptional(),
  remote: z.boolean().exactOptional(),
  equivalence: equivalenceSchema.exactOptional(),
  acceptsEquivalent: acceptsEquivalentSchema.exactOptional(),
  stage: z.custom<StageDefinition>(isStageDefinition, 'must come from defineStage({ ... })').exactOptional(),
  reads: functionSchema<string[]>().exactOptional(),
  writes: functionSchema<string[]>().exactOptional(),
});

export const policySchema = z.strictObject({
  version: z.string().min(1).exactOptional(),
  launchPolicy: z.string().min(1).exactOptional(),
  knob: z.record(z.string(), z.unknown()).exactOptional(),
  tenant: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('fairnessKey') }),
      z.strictObject({ kind: z.literal('memo'), field: z.string().min(1) }),
    ])
    .exactOptional(),
  limits: z
    .strictObject({
      maxDepth: z.int().nonnegative().exactOptional(),
      maxBreadth: z.int().nonnegative().exactOptional(),
      maxOpenLaunches: z.int().nonnegative().exactOptional(),
      maxFibers: z.int().nonnegative().exactOptional(),
      scheduleToStartMs: z.int().positive().exactOptional(),
    })
    .exactOptional(),
  midStreamCancel: z.enum(['contradiction', 'full-cost', 'remaining-cost']).exactOptional(),
  budgets: z.record(z.string(), z.unknown()).exactOptional(),
  dependencyTypes: z
    .record(z.string(), z.strictObject({ mean: z.number().exactOptional(), strength: z.number().exactOptional() }))
    .exactOptional(),
  calibration: z.record(z.string(), z.unknown()).exactOptional(),
  prices: z.record(z.string(), priceSchema).exactOptional(),
  pipelines: z.record(z.string(), z.strictObject({ enabled: z.boolean().exactOptional() })).exactOptional(),
  activities: z.record(z.string(), operationSchema),
});
