import { ApplicationFailure } from '@temporalio/common';
import { APIError, APIConnectionError, type OpenAI } from 'openai';
import { SchemaMisfitError } from '../speculation/streams/schema-misfit-error';
import { UnreadableJsonError } from '../speculation/streams/unreadable-json-error';
import { FailedResponseError } from './failed-response-error';
import { BrokenStreamError, MalformedChunkError } from './received-reply';

/** Statuses that say "later", whatever the request is. */
const RETRYABLE_STATUSES = new Set([408, 409, 425, 429]);

const TYPES_BY_STATUS: Record<number, string> = {
  400: 'MODEL_REQUEST_INVALID',
  401: 'MODEL_UNAUTHORIZED',
  403: 'MODEL_FORBIDDEN',
  404: 'MODEL_NOT_FOUND',
  429: 'MODEL_RATE_LIMITED',
};

/**
 * Turns whatever went wrong in a model call into the failure of the activity, so that Temporal retries what can get better and
 * nothing else. A rate limit is retried when the provider says.
 */
export function toModelFailure(error: unknown, where: { model: string; client: OpenAI }): ApplicationFailure {
  const cause = error instanceof Error ? error : new Error(String(error));
  const create = (type: string, message: string, more: { nonRetryable?: boolean; nextRetryDelay?: number } = {}) =>
    ApplicationFailure.create({ type, message: `${where.model}: ${message}`, cause, ...more });

  if (error instanceof ApplicationFailure) return error;
  if (error instanceof FailedResponseError)
    return create(error.code, error.message, { nonRetryable: error.nonRetryable });
  if (error instanceof SchemaMisfitError || error instanceof UnreadableJsonError)
    return create('MODEL_ANSWER_INVALID', error.message);
  if (error instanceof MalformedChunkError || error instanceof BrokenStreamError)
    return create(error.code, error.message);
  if (error instanceof APIConnectionError) {
    const reason = rootMessage(error);
    return create('MODEL_UNREACHABLE', `no answer from ${where.client.baseURL}: ${reason}. Is OPENAI_BASE_URL right?`);
  }
  if (error instanceof APIError) {
    const status: unknown = error.status;
    if (typeof status !== 'number')
      return create('MODEL_STREAM_BROKEN', `the stream carried an error: ${error.message}`);
    if (status >= 500) return create('MODEL_SERVER_ERROR', error.message);
    // The quota is used up: no delay helps, somebody must pay.
    const nonRetryable = error.code === 'insufficient_quota' || !RETRYABLE_STATUSES.has(status);
    const delay = nonRetryable ? undefined : retryAfterMs(error.headers as Headers | undefined);
    return create(TYPES_BY_STATUS[status] ?? 'MODEL_REQUEST_REFUSED', error.message, {
      nonRetryable,
      ...(delay === undefined ? {} : { nextRetryDelay: delay }),
    });
  }
  return create('MODEL_STREAM_BROKEN', `the stream broke off: ${rootMessage(error)}`);
}

/** The wait that the provider asks for: milliseconds, seconds or a date. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  if (headers === undefined) return undefined;
  const milliseconds = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  const after = headers.get('retry-after');
  if (after === null) return undefined;
  const wait = /^\d+(\.\d+)?$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

/** fetch wraps what happened twice ("fetch failed", "terminated"); the innermost message says it. */
function rootMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const inner = 'cause' in error && error.cause != null ? rootMessage(error.cause) : '';
  return inner === '' ? String(error.message) : inner;
}
