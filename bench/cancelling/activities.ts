import type { OpenAI } from 'openai';
import { callModel } from '../../activities/model';
import { CANCELLING_MODEL } from './policy';

export interface Question {
  id: string;
  /** Length of the answer that is wanted in the end. */
  answerTokens: number;
}

export interface CancellingActivities {
  /** Answers all at once. */
  sortWhole: (question: Question) => Promise<{ route: string }>;
  /** Says the route first, and much afterwards. */
  sortStreamed: (question: Question) => Promise<{ route: string; reason: string }>;
  answer: (question: Question & { route: string }) => Promise<string>;
}

export function cancellingActivities(client: OpenAI): CancellingActivities {
  const ask = async (operation: string, input: unknown): Promise<string> => {
    const messages = [
      { role: 'system' as const, content: operation },
      { role: 'user' as const, content: JSON.stringify(input) },
    ];
    if (operation === 'answer') return (await callModel({ model: CANCELLING_MODEL, messages }, { client })).text;
    const request = { model: CANCELLING_MODEL, messages, responseFormat: 'json' as const };
    return (await callModel(request, { client, fields: { as: 'json' } })).text;
  };
  return {
    sortWhole: async (question) => JSON.parse(await ask('sortWhole', question)) as { route: string },
    sortStreamed: async (question) =>
      JSON.parse(await ask('sortStreamed', question)) as { route: string; reason: string },
    answer: (input) => ask('answer', input),
  };
}
