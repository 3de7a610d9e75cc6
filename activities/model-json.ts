import { ApplicationFailure } from '@temporalio/common';
import type { z } from 'zod';
import { readJson } from '../speculation/streams/read-json';
import { UnreadableJsonError } from '../speculation/streams/unreadable-json-error';

/**
 * Takes a model's JSON answer apart, by the rule that its stream is read by: an object that says a key twice is no answer. An answer
 * that does not fit is retried like any other failure: the next attempt asks the model again.
 *
 * @throws ApplicationFailure of type `MODEL_ANSWER_INVALID`, retryable, naming the operation and what did not fit.
 */
export function parseModelJson<T>(operation: string, schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = readJson(text);
  } catch (cause) {
    if (!(cause instanceof UnreadableJsonError)) throw cause;
    throw ApplicationFailure.create({
      type: 'MODEL_ANSWER_INVALID',
      message: `${operation}: the model was asked for JSON and answered "${text.slice(0, 120)}": ${cause.message}`,
      cause,
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
