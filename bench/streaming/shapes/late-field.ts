import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';

function judgedOf(input: ShapeInput): { reason: string; verdict: string } {
  return { reason: words(120, `reason/${input.case}`), verdict: words(1, `verdict/${input.case}`) };
}

export const lateField: StreamingShape = {
  name: 'lateField',
  summary: 'the field that is needed comes last: nothing to gain',
  fields: 'late',
  operations: {
    lateFieldJudge: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: judgedOf(input), firstTokenSeconds: 0.3, tokensPerSecond: 80 }),
    },
    lateFieldFile: {
      kind: 'tool',
      seconds: (input: ShapeInput) => between(0.6, 1.2, `file/${input.case}`),
      result: (input: { verdict: string }) => `filed as ${input.verdict}`,
    },
  },
  calls: (input) => {
    const { verdict } = judgedOf(input);
    return [
      { id: 'judge', operation: 'lateFieldJudge', input, needs: [] },
      { id: 'file', operation: 'lateFieldFile', input: { ...input, verdict }, needs: needs(['judge', 'verdict']) },
    ];
  },
};
