import { ApplicationFailure } from '@temporalio/common';
import type { z } from 'zod';

/**
 * Takes a model's JSON answer apart. An answer that does not fit is retried like any other failure: the next attempt asks the
 * model again.
 *
 * @throws ApplicationFailure of type `MODEL_ANSWER_INVALID`, retryable, naming the operation and what did not fit.
 */
export function parseModelJson<T>(operation: string, schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw ApplicationFailure.create({
      type: 'MODEL_ANSWER_INVALID',
      message: `${operation}: the model was asked for JSON and answered "${text.slice(0, 120)}"`,
      cause: cause instanceof Error ? cause : new Error(String(cause)),
    });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problem = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw ApplicationFailure.create({
      type: 'MODEL_ANSWER_INVALID',
      message: `${operation}: the model's answer does not fit (${problem}): "${text.slice(0, 120)}"`,
    });
  }
  return parsed.data;
}
