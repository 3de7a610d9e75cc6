import type { ScriptedToolCall } from '../scripted-reply';
import { needs, type ShapeCall, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';

const ROUNDS = 2;
const CALLS = 3;

type Question = ShapeInput & { results: string[] };

function callsOf(input: Question): ScriptedToolCall[] {
  const round = input.results.length / CALLS;
  if (round === ROUNDS) return [];
  return Array.from({ length: CALLS }, (_, index) => ({
    name: `look_up_${index}`,
    arguments: {
      query: words(8, `query/${input.case}/${round}/${index}`),
      purpose: words(45, `purpose/${input.case}/${round}/${index}`),
    },
  }));
}

function ran(input: { tool: string; arguments: Record<string, unknown> }): string {
  return `${input.tool} found ${JSON.stringify(input.arguments).length}`;
}

export const toolCalls: StreamingShape = {
  name: 'toolCalls',
  summary: 'an agent that asks for three tools at a time, two rounds of them',
  fields: 'early',
  operations: {
    toolCallsTurn: {
      kind: 'model',
      reply: (input: Question) => ({ toolCalls: callsOf(input), firstTokenSeconds: 0.4, tokensPerSecond: 70 }),
    },
    toolCallsRun: {
      kind: 'tool',
      // The first one asked for is the slow one, as far as there is a rule at all.
      seconds: (input: { tool: string; arguments: Record<string, unknown> }) =>
        between(0.5, 1, JSON.stringify(input.arguments)) + (input.tool === 'look_up_0' ? 1.2 : 0),
      result: ran,
    },
  },
  calls: (input) => {
    const calls: ShapeCall[] = [];
    const results: string[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const question: Question = { ...input, results: [...results] };
      const turn = `turn ${round}`;
      const before = Array.from({ length: CALLS }, (_, index) => `run ${round - 1}.${index}`);
      // The question holds all results, and whether there are more calls is known only when the turn before has ended.
      const ended = needs(...before, `turn ${round - 1}`);
      calls.push({ id: turn, operation: 'toolCallsTurn', input: question, needs: round === 0 ? [] : ended });
      for (const [index, call] of callsOf(question).entries()) {
        const asked = { tool: call.name, arguments: call.arguments };
        const id = `run ${round}.${index}`;
        calls.push({ id, operation: 'toolCallsRun', input: asked, needs: needs([turn, 'calls', index]) });
        results.push(ran(asked));
      }
    }
    return calls;
  },
};
