import { ApplicationFailure } from '@temporalio/common';
import type {
  ResponseCreateParamsStreaming,
  ResponseInputItem,
  ResponseTextConfig,
} from 'openai/resources/responses/responses';
import type { ModelMessage, ModelRequest } from './model-request';

/**
 * Translates a request for the Responses API, streamed and not stored.
 *
 * @throws ApplicationFailure of type `MODEL_REQUEST_INVALID`, not retryable, for a predicted output, which that API does not take
 */
export function toResponseParameters(request: ModelRequest): ResponseCreateParamsStreaming {
  const { model, messages, tools = [], responseFormat, maxTokens, temperature, prediction } = request;
  if (prediction !== undefined) {
    throw ApplicationFailure.nonRetryable(
      `${model}: the Responses API takes no prediction ("${prediction.slice(0, 40)}"); leave it out, or ask with callModel.`,
      'MODEL_REQUEST_INVALID',
    );
  }
  return {
    model,
    input: messages.flatMap(toItems),
    stream: true,
    store: false,
    ...(tools.length === 0
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function' as const, ...tool, strict: false })) }),
    ...(responseFormat === undefined ? {} : { text: { format: toFormat(responseFormat) } }),
    ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

function toItems(message: ModelMessage): ResponseInputItem[] {
  if (message.role === 'tool') {
    return [{ type: 'function_call_output', call_id: message.toolCallId, output: message.content }];
  }
  if (message.role !== 'assistant') return [{ role: message.role, content: message.content }];
  const { content, toolCalls = [] } = message;
  const calls = toolCalls.map((call) => ({
    type: 'function_call' as const,
    call_id: call.id,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
  }));
  return content === null ? calls : [{ role: 'assistant', content }, ...calls];
}

function toFormat(format: NonNullable<ModelRequest['responseFormat']>): NonNullable<ResponseTextConfig['format']> {
  if (format === 'json') return { type: 'json_object' };
  return { type: 'json_schema', name: format.name, schema: format.schema, strict: true };
}
