import { continueAsNew, proxyActivities } from '@temporalio/workflow';

const { ask, askMany, fee } = proxyActivities<{
  ask: (question: string) => Promise<string>;
  askMany: (questions: string[]) => Promise<number>;
  fee: () => Promise<string>;
}>({ startToCloseTimeout: '30s', heartbeatTimeout: '10s', retry: { maximumAttempts: 3, initialInterval: '10ms' } });

/** One question after the other, and a call with a fixed price. */
export async function questions(texts: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const text of texts) answers.push(await ask(text));
  await fee();
  return answers;
}

/** More requests in one activity than an entry lists. */
export async function manyQuestions(texts: string[]): Promise<number> {
  return askMany(texts);
}

/** Every run asks once, and hands its books on. */
export async function continuing(rest: string[]): Promise<void> {
  await ask(rest[0] ?? '');
  if (rest.length > 1) await continueAsNew<typeof continuing>(rest.slice(1));
}

/** Does not wait for its first question: that one is billed late. */
export async function leaving(): Promise<string> {
  const left = ask('slow, and nobody waits');
  left.catch(() => undefined);
  return ask('quick');
}
