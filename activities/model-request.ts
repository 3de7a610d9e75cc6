import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { PromptMessage, PromptTool } from './count-tokens';

/** What a model is asked. Plain JSON, so that it can be the argument of an activity. */
export interface ModelRequest {
  model: string;
  messages: ModelMessage[];
  /** Tools that the model may call. @default none */
  tools?: ModelTool[];
  /** `json` asks for a JSON object, a schema for an object that fits it. @default free text */
  responseFormat?: 'json' | { name: string; schema: Record<string, unknown> };
  /** Most output tokens. @default the provider's */
  maxTokens?: number;
  /** @default the provider's */
  temperature?: number;
  /**
   * A predicted output (OpenAI): what the answer will probably say, which makes it come faster. What of it is wrong is billed as output.
   * @default none
   */
  prediction?: string;
}

export type ModelMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; toolCalls?: ModelToolCall[] }
  | { role: 'tool'; toolCallId: string; content: string };

export interface ModelTool {
  name: string;
  description: string;
  /** JSON schema of the arguments, of type `object`. */
  parameters: Record<string, unknown>;
}

export interface ModelToolCall {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
}

/** The body of the request as it goes over the wire. */
export type ChatParameters = ChatCompletionCreateParamsStreaming & {
  messages: (ChatCompletionMessageParam & PromptMessage)[];
  tools?: (PromptTool & { type: 'function' })[];
};

/** Translates a request for the OpenAI-compatible chat completions call, streamed and with usage at the end. */
export function toChatParameters(request: ModelRequest): ChatParameters {
  const { model, messages, tools = [], responseFormat, maxTokens, temperature, prediction } = request;
  return {
    model,
    messages: messages.map(toChatMessage),
    stream: true,
    stream_options: { include_usage: true },
    ...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: 'function' as const, function: tool })) }),
    ...(responseFormat === undefined ? {} : { response_format: toResponseFormat(responseFormat) }),
    ...(maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(prediction === undefined ? {} : { prediction: { type: 'content' as const, content: prediction } }),
  };
}

function toChatMessage(message: ModelMessage): ChatCompletionMessageParam & PromptMessage {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  if (message.role !== 'assistant') return { role: message.role, content: message.content };
  const { content, toolCalls = [] } = message;
  if (toolCalls.length === 0) return { role: 'assistant', content };
  const calls = toolCalls.map((call) => ({
    id: call.id,
    type: 'function' as const,
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
  return { role: 'assistant', content, tool_calls: calls };
}

function toResponseFormat(
  format: NonNullable<ModelRequest['responseFormat']>,
): NonNullable<ChatCompletionCreateParamsStreaming['response_format']> {
  if (format === 'json') return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name, schema: format.schema, strict: true } };
}
