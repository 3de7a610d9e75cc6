import { needs, type ShapeCall, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';
import type { Seen, Step } from '../workflows/mutating-loop';

const ROUNDS = 3;

type Question = ShapeInput & { seen: Seen[] };

function stepOf(input: Question): Step {
  const round = input.seen.length;
  const query = words(6, `query/${input.case}/${round}`);
  return { query, done: round === ROUNDS, thought: words(round === ROUNDS ? 6 : 70, `thought/${input.case}/${round}`) };
}

function found(input: { query: string }): string {
  return `found ${input.query.length}`;
}

export const mutatingLoop: StreamingShape = {
  name: 'mutatingLoop',
  summary: 'a loop whose answers stream the next search, and whose questions hold all that was found',
  fields: 'early',
  operations: {
    mutatingLoopThink: {
      kind: 'model',
      reply: (input: Question) => ({ json: stepOf(input), firstTokenSeconds: 0.3, tokensPerSecond: 90 }),
    },
    mutatingLoopSearch: {
      kind: 'tool',
      seconds: (input: { query: string }) => between(0.4, 0.9, input.query),
      result: found,
    },
  },
  calls: (input) => {
    const calls: ShapeCall[] = [];
    const seen: Seen[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const question: Question = { ...input, seen: [...seen] };
      const think = `think ${round}`;
      calls.push({
        id: think,
        operation: 'mutatingLoopThink',
        input: question,
        needs: round === 0 ? [] : needs(`search ${round - 1}`),
      });
      if (round === ROUNDS) break;
      const { query } = stepOf(question);
      calls.push({
        id: `search ${round}`,
        operation: 'mutatingLoopSearch',
        input: { query },
        needs: needs([think, 'query'], [think, 'done']),
      });
      seen.push({ query, found: found({ query }) });
    }
    return calls;
  },
};
