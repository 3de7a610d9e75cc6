import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';

function planOf(input: ShapeInput): { source: string; outline: string } {
  return { source: words(3, `source/${input.case}`), outline: words(180, `outline/${input.case}`) };
}

function textOf(input: { source: string }): string {
  return `text of ${input.source}`;
}

export const responses: StreamingShape = {
  name: 'responses',
  summary: 'a call of the Responses API with an early field',
  fields: 'early',
  operations: {
    responsesPlan: {
      kind: 'model',
      api: 'responses',
      reply: (input: ShapeInput) => ({ json: planOf(input), firstTokenSeconds: 0.4, tokensPerSecond: 80 }),
    },
    responsesFetch: {
      kind: 'tool',
      seconds: (input: { source: string }) => between(0.4, 1, input.source),
      result: textOf,
    },
    responsesAnswer: {
      kind: 'model',
      api: 'responses',
      reply: (input: ShapeInput) => ({
        json: { answer: words(110, `answer/${input.case}`) },
        firstTokenSeconds: 0.4,
        tokensPerSecond: 90,
      }),
    },
  },
  calls: (input) => {
    const { source } = planOf(input);
    return [
      { id: 'plan', operation: 'responsesPlan', input, needs: [] },
      { id: 'fetch', operation: 'responsesFetch', input: { source }, needs: needs(['plan', 'source']) },
      {
        id: 'answer',
        operation: 'responsesAnswer',
        input: { ...input, text: textOf({ source }) },
        needs: needs('fetch'),
      },
    ];
  },
};
