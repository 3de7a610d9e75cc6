import { z } from 'zod';
import { chatRequestSchema, type ChatRequest } from './local-model-request';

const text = z.union([
  z.string(),
  z
    .array(z.looseObject({ text: z.string().optional() }))
    .transform((parts) => parts.map((part) => part.text ?? '').join('')),
]);

const message = z.object({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: text,
});
const call = z.object({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
const output = z.object({ type: z.literal('function_call_output'), call_id: z.string(), output: text });

/** The body of a request of the Responses API, as far as it is read here. */
const responsesRequestSchema = z.object({
  model: z.string().min(1),
  instructions: z.string().nullish(),
  input: z.union([
    z.string().transform((content) => [{ role: 'user' as const, content }]),
    z.array(z.union([message, call, output])).min(1),
  ]),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        name: z.string(),
        description: z.string().nullish(),
        parameters: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .default([]),
  text: z.object({ format: z.object({ type: z.string() }).nullish() }).nullish(),
  max_output_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
});

type Item = z.infer<typeof message> | z.infer<typeof call> | z.infer<typeof output>;

/**
 * The chat that a request of the Responses API amounts to.
 *
 * @throws ZodError for a body that is no such request, or asks for more than text and functions
 */
export function asChatRequest(body: unknown): ChatRequest {
  const request = responsesRequestSchema.parse(body);
  const { instructions } = request;
  return chatRequestSchema.parse({
    model: request.model,
    messages: [
      ...(typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []),
      ...messagesOf(request.input),
    ],
    tools: request.tools.map(({ name, description, parameters }) => ({
      function: { name, description: description ?? undefined, parameters: parameters ?? undefined },
    })),
    stream: request.stream ?? false,
    response_format: request.text?.format,
    max_completion_tokens: request.max_output_tokens,
  });
}

/** What a model said and called in one turn are items of their own here, and one message there. */
function messagesOf(items: readonly Item[]): object[] {
  const messages: { role: string; content: string | null; tool_calls?: object[]; tool_call_id?: string }[] = [];
  for (const item of items) {
    if ('role' in item) messages.push({ role: item.role, content: item.content });
    else if (item.type === 'function_call_output') {
      messages.push({ role: 'tool', content: item.output, tool_call_id: item.call_id });
    } else {
      let last = messages.at(-1);
      if (last?.role !== 'assistant') messages.push((last = { role: 'assistant', content: null }));
      const { name, arguments: given } = item;
      (last.tool_calls ??= []).push({ id: item.call_id, type: 'function', function: { name, arguments: given } });
    }
  }
  return messages;
}
