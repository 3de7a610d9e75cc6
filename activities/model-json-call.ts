import { ApplicationFailure } from '@temporalio/common';
import type { z } from 'zod';
import { callModel, type CallModelOptions, type ModelReply, type ModelRequest } from './model';
import { parseModelJson } from './model-json';

export interface CallModelJsonOptions extends Omit<CallModelOptions, 'fields'> {
  /** Over which of the provider's calls the model is asked. @default callModel */
  ask?: (request: ModelRequest, options: CallModelOptions) => Promise<ModelReply>;
}

/**
 * Asks a model for JSON that is the output of the running activity. Fields are published as soon as they are final; an answer that can no
 * longer fit is stopped at once, and what was consumed until then is booked.
 *
 * @param operation named in failures
 * @throws ApplicationFailure of type `MODEL_ANSWER_INVALID`, retryable, naming the operation and what did not fit
 */
export async function callModelJson<T>(
  operation: string,
  schema: z.ZodType<T>,
  request: ModelRequest,
  { ask = callModel, ...options }: CallModelJsonOptions = {},
): Promise<T> {
  const fields = { as: 'json', schema, eachKeyOnce: true } as const;
  const reply = await ask({ responseFormat: 'json', ...request }, { ...options, fields }).catch((error: unknown) => {
    throw named(operation, error);
  });
  return parseModelJson(operation, schema, reply.text);
}

function named(operation: string, error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || error.type !== 'MODEL_ANSWER_INVALID') return error;
  const { type, message, cause } = error;
  return ApplicationFailure.create({
    type,
    message: `${operation}: ${message}`,
    ...(cause !== undefined && { cause }),
  });
}
