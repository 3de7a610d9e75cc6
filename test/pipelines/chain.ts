import { proxyActivities } from '@temporalio/workflow';

interface Steps {
  classify(text: string): Promise<{ route: string }>;
  draft(route: string): Promise<{ text: string }>;
  review(text: string): Promise<{ verdict: string }>;
  send(text: string, verdict: string): Promise<string>;
}

const { classify, draft, review, send } = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

/** classify -> draft -> review -> send: the plainest pipeline there is. */
export async function chain(text: string): Promise<string> {
  const { route } = await classify(text);
  const reply = await draft(route);
  const { verdict } = await review(reply.text);
  return send(reply.text, verdict);
}

/** Two routes lead to the same draft. */
export async function sharedDraft(text: string): Promise<string> {
  const { route } = await classify(text);
  const reply = await draft(route === 'refund' || route === 'return' ? 'money back' : route);
  return reply.text;
}

/** Changes what it was given: the values that fibers see must be copies. */
export async function mutating(input: { words: string[] }): Promise<string[]> {
  input.words.push('seen');
  const route = await classify(input.words.join(' '));
  (route as { extra?: string[] }).extra = ['mine'];
  const reply = await draft(JSON.stringify(route));
  reply.text += '!';
  return [...input.words, reply.text];
}
