import { z } from 'zod';
import type { ModelMessage, ModelTool } from '../activities/model-request';

/** A request as the script of the local model sees it. */
export interface LocalModelRequest {
  model: string;
  messages: ModelMessage[];
  tools: ModelTool[];
  /** Whether a JSON answer was asked for. */
  json: boolean;
  /** Most output tokens; null is unbounded. */
  maxTokens: number | null;
}

const text = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('')),
]);

const toolCall = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });

const message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer']), content: text }),
  z.object({ role: z.literal('user'), content: text }),
  z.object({ role: z.literal('assistant'), content: text.nullish(), tool_calls: z.array(toolCall).nullish() }),
  z.object({ role: z.literal('tool'), content: text, tool_call_id: z.string() }),
]);

/** The body of a chat completions request, as far as the local model reads it. */
export const chatRequestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z
    .array(
      z.object({
        function: z.object({
          name: z.string(),
          description: z.string().default(''),
          parameters: z.record(z.string(), z.unknown()).default({}),
        }),
      }),
    )
    .default([]),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().default(false) }).nullish(),
  prediction: z.object({ content: text }).nullish(),
  response_format: z.object({ type: z.string() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** @throws SyntaxError when the arguments of a tool call in the conversation are not JSON */
export function toLocalModelRequest(request: ChatRequest): LocalModelRequest {
  return {
    model: request.model,
    messages: request.messages.map(toMessage),
    tools: request.tools.map((tool) => tool.function),
    json: (request.response_format?.type ?? 'text') !== 'text',
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? null,
  };
}

function toMessage(from: ChatRequest['messages'][number]): ModelMessage {
  if (from.role === 'user') return { role: 'user', content: from.content };
  if (from.role === 'tool') return { role: 'tool', content: from.content, toolCallId: from.tool_call_id };
  if (from.role !== 'assistant') return { role: 'system', content: from.content };
  const calls = (from.tool_calls ?? []).map((call) => ({
    id: call.id,
    name: call.function.name,
    arguments: JSON.parse(call.function.arguments) as Record<string, unknown>,
  }));
  return { role: 'assistant', content: from.content ?? null, ...(calls.length === 0 ? {} : { toolCalls: calls }) };
}
