import { randomUUID } from 'node:crypto';
import type { SSEChunk, SSEDelta } from '@copilotkit/aimock';
import { tokenPieces, type ChatOutput } from '../activities/count-tokens';
import type { LocalModelReply } from './local-model';

/** What all chunks of a reply share. */
export interface Envelope {
  id: string;
  /** Seconds since 1970. */
  created: number;
  model: string;
}

interface CutReply {
  chunks: SSEChunk[];
  output: ChatOutput;
  finishReason: string;
}

/**
 * Cuts a reply into the chunks of a stream: one that opens it, one per token, one that says why it ended. What exceeds
 * `maxTokens` is left out.
 */
export function replyChunks(envelope: Envelope, reply: LocalModelReply, maxTokens: number): CutReply {
  const deltas = [...textDeltas(reply.text ?? ''), ...(reply.toolCalls ?? []).flatMap(toolCallDeltas)];
  const said = deltas.slice(0, maxTokens);
  const finishReason =
    said.length < deltas.length ? 'length' : (reply.toolCalls ?? []).length > 0 ? 'tool_calls' : 'stop';
  return {
    chunks: [
      chunkOf(envelope, { role: 'assistant', content: '' }),
      ...said.map((delta) => chunkOf(envelope, delta)),
      chunkOf(envelope, {}, finishReason),
    ],
    output: outputOf(said),
    finishReason,
  };
}

/** The reply to a request that does not stream. */
export function completeReply(
  envelope: Envelope,
  output: ChatOutput,
  finishReason: string,
  usage: SSEChunk['usage'],
): unknown {
  const toolCalls = output.toolCalls.map((call) => ({
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
  const message = {
    role: 'assistant',
    content: output.text === '' ? null : output.text,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return {
    ...envelope,
    object: 'chat.completion',
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

function textDeltas(text: string): SSEDelta[] {
  return tokenPieces(text).map((content) => ({ content }));
}

function toolCallDeltas(call: NonNullable<LocalModelReply['toolCalls']>[number], index: number): SSEDelta[] {
  const opening: SSEDelta = {
    tool_calls: [{ index, id: `call_${randomUUID()}`, type: 'function', function: { name: call.name, arguments: '' } }],
  };
  const pieces = tokenPieces(JSON.stringify(call.arguments));
  return [opening, ...pieces.map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] }))];
}

function outputOf(deltas: SSEDelta[]): ChatOutput {
  const toolCalls: { name: string; arguments: string }[] = [];
  let text = '';
  for (const delta of deltas) {
    text += delta.content ?? '';
    for (const { index, function: part } of delta.tool_calls ?? []) {
      const call = (toolCalls[index] ??= { name: '', arguments: '' });
      call.name += part?.name ?? '';
      call.arguments += part?.arguments ?? '';
    }
  }
  return { text, toolCalls };
}

function chunkOf(envelope: Envelope, delta: SSEDelta, finishReason: string | null = null): SSEChunk {
  return {
    ...envelope,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  };
}
