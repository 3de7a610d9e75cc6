import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';

/** Cases that only teach the history are marked by it. */
const BEFORE = 'before ';

/** Customers are told apart, so that what was measured before changes nothing for the next. */
function customerOf(input: ShapeInput): string {
  return input.case.replace(/^before \d+ /, '');
}

function sortedOf(input: ShapeInput): { route: string; reason: string } {
  if (input.case.startsWith(BEFORE)) return { route: 'refund', reason: words(2, `reason/${customerOf(input)}`) };
  return { route: 'shipping', reason: words(190, `reason/${input.case}`) };
}

export const contradicted: StreamingShape = {
  name: 'contradicted',
  summary: 'a forecast from history that the stream contradicts',
  fields: 'contradicted',
  operations: {
    contradictedSort: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: sortedOf(input), firstTokenSeconds: 0.5, tokensPerSecond: 70 }),
      forecast: [{ kind: 'history', top: 1 }],
      contextKey: customerOf,
      // Worth a bet however often it was wrong here.
      dependency: { type: 'repeated_context', mean: 0.9, strength: 1000 },
    },
    contradictedAnswer: {
      kind: 'model',
      reply: (input: ShapeInput & { route: string }) => ({
        json: { reply: words(input.case.startsWith(BEFORE) ? 2 : 170, `${input.route}/${input.case}`) },
        firstTokenSeconds: 0.4 + between(0, 0.1, input.case),
        tokensPerSecond: 90,
      }),
    },
  },
  calls: (input) => {
    const { route } = sortedOf(input);
    return [
      { id: 'sort', operation: 'contradictedSort', input, needs: [] },
      {
        id: 'answer',
        operation: 'contradictedAnswer',
        input: { ...input, route },
        needs: needs(['sort', 'route']),
      },
    ];
  },
  historyBefore: (input) => [0, 1, 2].map((index) => ({ case: `${BEFORE}${index} ${input.case}` })),
};
