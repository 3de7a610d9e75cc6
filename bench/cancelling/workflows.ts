import { proxyActivities } from '@temporalio/workflow';
import type { CancellingActivities, Question } from './activities';

const { sortWhole, sortStreamed, answer } = proxyActivities<CancellingActivities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { maximumAttempts: 1 },
});

/** The forecast of the first call is refuted when that has answered. */
export async function refutedByAnswer(question: Question): Promise<string> {
  const { route } = await sortWhole(question);
  return answer({ ...question, route });
}

/** The forecast of the first call is refuted while that still answers. */
export async function refutedByStream(question: Question): Promise<string> {
  const { route } = await sortStreamed(question);
  return answer({ ...question, route });
}

/** Teaches the history what the first call says; `count` times. */
export async function teach(count: number): Promise<void> {
  const lessons = Array.from({ length: count }, (_, index): Question => ({ id: `lesson ${index}`, answerTokens: 1 }));
  await Promise.all(lessons.flatMap((lesson) => [sortWhole(lesson), sortStreamed(lesson)]));
}
