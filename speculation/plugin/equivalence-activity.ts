import { EQUIVALENT_ACTIVITY, type EquivalenceAnswer, type EquivalenceRequest } from '../runtime/equivalence-protocol';
import { rougeL } from '../verification/rouge-l';
import { cosine } from './cosine';
import { embedderFor, type Embedder } from './embedder';
import { hasAtMostTokens } from './embedding-tokens';
import { type Embed, type Equivalence, MOST_TOKENS } from './equivalence-policy';
import { textsToCompare } from './equivalence-text';
import type { Policy } from './policy-file';
import type { WarnOnce } from './warn-once';

export interface EquivalenceActivities {
  [EQUIVALENT_ACTIVITY]: (request: EquivalenceRequest) => Promise<EquivalenceAnswer>;
}

/**
 * Compares a forecast with the real output as the policy declares it. A pipeline makes the call as if nothing had been forecast where
 * this fails, so the reason is told once.
 */
export function equivalenceActivities(
  policy: Policy,
  warnOnce: WarnOnce,
  embedder: (embed: Embed) => Embedder = embedderFor,
): EquivalenceActivities {
  return {
    [EQUIVALENT_ACTIVITY]: async ({ activityType, forecast, actual }) => {
      const equivalence = policy.operations.get(activityType)?.equivalence ?? null;
      // Another worker may have another policy.
      if (equivalence === null) return { equivalent: false, similarity: null };
      try {
        return await compare(equivalence, forecast, actual, embedder);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        warnOnce(`equivalence:${activityType}`, `${activityType}: its outputs cannot be compared: ${reason}`);
        throw error;
      }
    },
  };
}

async function compare(
  equivalence: Equivalence,
  forecast: unknown,
  actual: unknown,
  embedder: (embed: Embed) => Embedder,
): Promise<EquivalenceAnswer> {
  if (equivalence.kind === 'function') {
    return { equivalent: asBoolean(equivalence.equivalent(forecast, actual)), similarity: null };
  }
  const texts = textsToCompare(equivalence.field, forecast, actual);
  if (texts === null) return { equivalent: false, similarity: null };
  const [left, right] = texts;
  if (left === right) return { equivalent: true, similarity: 1 };
  if (equivalence.kind === 'rouge-l') {
    const { f } = rougeL(right, left);
    return { equivalent: f >= equivalence.threshold, similarity: f };
  }
  // An empty text has no meaning to compare, and embedding models refuse it.
  if (left.trim() === '' || right.trim() === '') return { equivalent: false, similarity: null };
  for (const text of texts) {
    if (!(await hasAtMostTokens(text, MOST_TOKENS))) {
      throw new RangeError(`A text of ${text.length} characters is too long to embed; at most ${MOST_TOKENS} tokens.`);
    }
  }
  const [leftVector = [], rightVector = []] = await embedder(equivalence.embed)(texts);
  const similarity = cosine(leftVector, rightVector);
  return { equivalent: similarity >= equivalence.threshold, similarity };
}

function asBoolean(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer;
  if (answer instanceof Promise) answer.catch(() => undefined);
  throw new TypeError(
    `equivalent must answer true or false at once, not ${answer instanceof Promise ? 'a promise' : typeof answer}`,
  );
}
