import { Context } from '@temporalio/activity';
import { OpenAI } from 'openai';
import { recordUsage } from 'runahead';

export type Route = 'refund' | 'shipping' | 'other';

const model = 'gpt-4o-mini';
const openai = new OpenAI({ maxRetries: 0 });

export async function classify(message: string): Promise<Route> {
  const text = await ask(`Answer refund, shipping or other.\n\n${message}`);
  return text === 'refund' || text === 'shipping' ? text : 'other';
}

export async function draft(message: string, route: Route): Promise<string> {
  return ask(`Write a short reply to this ${route} message.\n\n${message}`);
}

export async function send(reply: string): Promise<void> {
  await fetch('https://mail.example.com/send', { method: 'POST', body: reply });
}

async function ask(content: string): Promise<string> {
  const { cancellationSignal: signal } = Context.current();
  const reply = await openai.chat.completions.create({ model, messages: [{ role: 'user', content }] }, { signal });
  const { usage } = reply;
  if (usage !== undefined) {
    const cachedInputTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
    const tokens = { inputTokens: usage.prompt_tokens, cachedInputTokens, outputTokens: usage.completion_tokens };
    recordUsage({ requestId: reply.id, model, tokens });
  }
  return reply.choices[0]?.message.content?.trim() ?? '';
}
