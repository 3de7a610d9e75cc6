import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';
import type { Candidates } from '../workflows/early-break';

const CANDIDATES = 10;
/** Index of the one that fits. */
const FITTING = 5;

function candidatesOf(input: ShapeInput): Candidates {
  return {
    candidates: Array.from({ length: CANDIDATES }, (_, index) => ({
      title: words(8, `title/${input.case}/${index}`),
      link: `/${words(2, `link/${input.case}/${index}`).replace(' ', '/')}/${index}`,
    })),
  };
}

export const earlyBreak: StreamingShape = {
  name: 'earlyBreak',
  summary: 'a loop over a streamed list that stops at the sixth of ten elements',
  fields: 'early',
  operations: {
    earlyBreakList: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: candidatesOf(input), firstTokenSeconds: 0.4, tokensPerSecond: 70 }),
    },
    earlyBreakCheck: {
      kind: 'tool',
      seconds: (input: { link: string }) => between(0.3, 0.6, input.link),
      result: (input: { link: string }) => ({ fits: input.link.endsWith(`/${FITTING}`) }),
    },
  },
  calls: (input) => [
    { id: 'list', operation: 'earlyBreakList', input, needs: [] },
    ...candidatesOf(input)
      .candidates.slice(0, FITTING + 1)
      .map(({ link }, index) => ({
        id: `check ${index}`,
        operation: 'earlyBreakCheck',
        input: { link },
        needs: [
          // Title and link are read together.
          ...needs(['list', 'candidates', index, 'title'], ['list', 'candidates', index, 'link']),
          // Whether it is asked at all depends on what the one before says.
          ...(index === 0 ? [] : needs(`check ${index - 1}`)),
        ],
      })),
  ],
};
