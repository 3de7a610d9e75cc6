import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { APIError, type OpenAI } from 'openai';
import type { TokenCounts } from '../speculation/decision/tokens';
import { ownSignal } from '../speculation/plugin/own-signal';
import { nextRequestId } from '../speculation/plugin/request-id';
import { OutputFields, type FieldsOptions, type ReplyChunk } from '../speculation/streams/output-fields';
import { readJson } from '../speculation/streams/read-json';
import { DEFAULT_HEARTBEATS, startHeartbeats, type HeartbeatOptions } from './heartbeats';
import { configuredModelClient } from './model-client';
import { toModelFailure } from './model-failure';
import type { ModelProtocol, ReceivedAnswer } from './model-protocol';
import { toChatParameters, type ModelRequest, type ModelToolCall } from './model-request';
import { MalformedChunkError, ReceivedReply } from './received-reply';
import { RequestBill } from './request-bill';
import { watchSending } from './sent-requests';

export type { ModelRequest, ModelTool, ModelToolCall } from './model-request';

/** What a model answered. Plain JSON. */
export interface ModelReply {
  /** The provider's id of the reply. */
  id: string;
  text: string;
  toolCalls: ModelToolCall[];
  /** `stop`, `tool_calls`, `length` (cut off by `maxTokens`), `content_filter`. */
  finishReason: string;
  tokens: TokenCounts;
  /** True when the provider did not report usage and the tokens were counted here. */
  estimated: boolean;
}

export interface CallModelOptions extends Partial<HeartbeatOptions> {
  /** @default the provider that OPENAI_BASE_URL and OPENAI_API_KEY name */
  client?: OpenAI;
  /** Aborts the call. @default the cancellation of the running activity */
  signal?: AbortSignal;
  /** What of the activity's output the reply says: published while it streams. @default nothing */
  fields?: FieldsOptions;
}

const CLIENT_REQUEST_ID = 'x-client-request-id';

/**
 * Asks a model, to be used inside an activity. The reply is streamed: a cancel of the activity aborts the stream at once, and what
 * was consumed until then is booked before the cancellation goes on.
 *
 * @throws ApplicationFailure, retryable or not, with a type that says what went wrong (`MODEL_RATE_LIMITED`, ...)
 * @throws CancelledFailure when the activity was cancelled
 */
export function callModel(request: ModelRequest, options: CallModelOptions = {}): Promise<ModelReply> {
  return callOver(chatCompletions, request, options);
}

const chatCompletions: ModelProtocol = (request) => {
  const parameters = toChatParameters(request);
  return {
    received: new ReceivedReply(parameters),
    send: (client, options) => client.chat.completions.create(parameters, options),
  };
};

/** The same over any of the calls that a provider offers. */
export async function callOver(
  protocol: ModelProtocol,
  request: ModelRequest,
  options: CallModelOptions,
): Promise<ModelReply> {
  const context = currentActivity();
  const followed = options.signal ?? context?.cancellationSignal;
  const client = options.client ?? configuredModelClient();
  const { received, send } = protocol(request);
  const fields = options.fields === undefined ? null : new OutputFields(options.fields);
  const clientRequestId = nextRequestId();
  // The prompt is counted and made known while the provider works on it, so that a worker that dies leaves a bill.
  const sending = watchSending(CLIENT_REQUEST_ID, clientRequestId, () => heartbeats.beat());
  const bill = new RequestBill({ clientRequestId, model: request.model, received, sent: sending.sent });
  const heartbeats = startHeartbeats(context, { ...DEFAULT_HEARTBEATS, ...options }, () => bill.report());
  const own = followed === undefined ? null : ownSignal(followed);
  try {
    own?.signal.throwIfAborted();
    const headers = { [CLIENT_REQUEST_ID]: clientRequestId };
    const stream = await send(client, { headers, maxRetries: 0, ...(own !== null && { signal: own.signal }) });
    await receive(received, stream, (chunk) => {
      fields?.add(chunk);
      heartbeats.onChunk();
    });
  } catch (error) {
    if (wasRefused(error)) bill.drop();
    else if (bill.open) bill.book();
    if (own?.signal.aborted === true) throw cancellationOf(own.signal);
    throw toModelFailure(error, { model: request.model, client });
  } finally {
    heartbeats.stop();
    sending.stop();
    own?.letGo();
  }
  bill.book();
  return toReply(request.model, received, clientRequestId);
}

async function receive(
  received: ReceivedAnswer,
  stream: AsyncIterable<unknown>,
  onChunk: (chunk: ReplyChunk) => void,
): Promise<void> {
  try {
    for await (const chunk of stream) {
      received.add(chunk);
      onChunk(chunk as ReplyChunk);
    }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new MalformedChunkError(
      `Chunk ${received.chunks + 1} of the reply ${received.id ?? ''} is not JSON: ${cause.message}`,
      { cause },
    );
  }
  // The client ends an aborted stream as if nothing had happened; a reply that is complete all the same is worth keeping.
  received.assertComplete();
}

/** The provider answered with an error status: nothing was produced, nothing is billed. */
function wasRefused(error: unknown): boolean {
  return error instanceof APIError && typeof (error.status as unknown) === 'number';
}

function toReply(model: string, received: ReceivedAnswer, clientRequestId: string): ModelReply {
  const id = received.id ?? clientRequestId;
  return {
    id,
    text: received.text,
    toolCalls: received.toolCalls.map((call) => ({ ...call, arguments: parseArguments(model, call) })),
    finishReason: received.finishReason ?? '',
    ...received.usage(),
  };
}

/** Read by the rule that its stream is read by: what was published of it as final is what it says. */
function parseArguments(model: string, call: { name: string; arguments: string }): Record<string, unknown> {
  let cause: Error | undefined;
  try {
    const value = readJson(call.arguments === '' ? '{}' : call.arguments);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    cause = error as Error;
  }
  const why = cause === undefined ? '' : ` (${cause.message})`;
  throw ApplicationFailure.create({
    type: 'MODEL_TOOL_CALL_INVALID',
    message: `${model}: the arguments of the tool call ${call.name} are not a JSON object: ${call.arguments.slice(0, 120)}${why}`,
    ...(cause !== undefined && { cause }),
  });
}

/** In an activity the reason is its CancelledFailure, which Temporal wants to see again. */
function cancellationOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error
    ? signal.reason
    : new Error(`The model call was aborted: ${String(signal.reason)}`);
}

function currentActivity(): Context | null {
  try {
    return Context.current();
  } catch {
    return null;
  }
}
