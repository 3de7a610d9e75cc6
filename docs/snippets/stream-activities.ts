import { Context } from '@temporalio/activity';
import { OpenAI } from 'openai';
import { recordUsage, withFields } from 'runahead';
import { z } from 'zod';

const model = 'gpt-4o-mini';
const openai = new OpenAI({ maxRetries: 0 });

const plan = z.object({ topic: z.string(), queries: z.array(z.string()), reasoning: z.string() });
export type Plan = z.infer<typeof plan>;

/** The answer is the output, as JSON. */
export async function planSearch(question: string): Promise<Plan> {
  const { cancellationSignal: signal } = Context.current();
  const messages = [{ role: 'user' as const, content: `Plan a search. Answer with JSON.\n\n${question}` }];
  const response_format = { type: 'json_object' as const };
  const stream = await openai.chat.completions.create(
    { model, messages, response_format, stream: true, stream_options: { include_usage: true } },
    { signal },
  );
  let text = '';
  for await (const { id, choices, usage } of withFields(stream, { as: 'json', schema: plan })) {
    text += choices[0]?.delta.content ?? '';
    if (usage == null) continue;
    const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
    const tokens = { inputTokens: usage.prompt_tokens, cachedInputTokens, outputTokens: usage.completion_tokens };
    recordUsage({ requestId: id, model, tokens });
  }
  return plan.parse(JSON.parse(text));
}

export interface Call {
  kind: 'call';
  tool: string;
  args: unknown;
}

/** The output is made of parts of the answer. */
export async function nextCall(question: string): Promise<Call> {
  const { cancellationSignal: signal } = Context.current();
  const parameters = { type: 'object', properties: { query: { type: 'string' } } };
  const tools = [{ type: 'function' as const, name: 'search', parameters, strict: false }];
  const stream = await openai.responses.create(
    { model, input: question, tools, stream: true, store: false },
    { signal },
  );
  const fields = withFields(stream, {
    as: ({ toolCalls }): Call => ({ kind: 'call', tool: toolCalls[0].name, args: toolCalls[0].arguments }),
  });
  let call: Call | null = null;
  for await (const event of fields) {
    if (event.type === 'response.function_call_arguments.done') {
      call = { kind: 'call', tool: event.name, args: JSON.parse(event.arguments) as unknown };
    }
    if (event.type !== 'response.completed' || event.response.usage === undefined) continue;
    const {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      input_tokens_details: details,
    } = event.response.usage;
    const tokens = { inputTokens, cachedInputTokens: details.cached_tokens, outputTokens };
    recordUsage({ requestId: event.response.id, model, tokens });
  }
  if (call === null) throw new Error('The model called no tool');
  return call;
}

export async function search(query: string): Promise<string> {
  const found = await fetch(`https://search.example.com/?q=${encodeURIComponent(query)}`);
  return found.text();
}

export function report(topic: string, found: string[]): Promise<string> {
  return Promise.resolve([topic, ...found].join('\n'));
}
