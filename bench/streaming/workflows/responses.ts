import type { ShapeInput } from '../shape';
import { operations } from './operations';

const { responsesPlan, responsesFetch, responsesAnswer } = operations<{
  responsesPlan: (input: ShapeInput) => Promise<{ source: string; outline: string }>;
  responsesFetch: (input: { source: string }) => Promise<string>;
  responsesAnswer: (input: ShapeInput & { text: string }) => Promise<{ answer: string }>;
}>();

/** As `branch`, with the Responses API. */
export async function responses(input: ShapeInput): Promise<{ answer: string; outline: string }> {
  const plan = await responsesPlan(input);
  const text = await responsesFetch({ source: plan.source });
  const { answer } = await responsesAnswer({ ...input, text });
  return { answer, outline: plan.outline };
}
