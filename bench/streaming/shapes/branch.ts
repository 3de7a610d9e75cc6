import { needs, type ModelOperation, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';
import type { Sorted } from '../workflows/branch';

function sortedOf(input: ShapeInput): Sorted {
  const route = between(0, 1, `route/${input.case}`) < 0.5 ? 'refund' : 'shipping';
  return { route, reason: words(150, `reason/${input.case}`) };
}

const account = { plan: 'basic' };

const write: ModelOperation = {
  kind: 'model',
  reply: (input: ShapeInput) => ({
    json: { reply: words(130, `reply/${input.case}`) },
    firstTokenSeconds: 0.4,
    tokensPerSecond: 90,
  }),
};

export const branch: StreamingShape = {
  name: 'branch',
  summary: 'an early router field decides which way to go, the reason follows',
  fields: 'early',
  operations: {
    branchSort: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: sortedOf(input), firstTokenSeconds: 0.3, tokensPerSecond: 70 }),
    },
    branchAccount: {
      kind: 'tool',
      seconds: (input: ShapeInput) => between(0.3, 0.6, `account/${input.case}`),
      result: () => account,
    },
    branchRefund: write,
    branchShipping: write,
  },
  calls: (input) => {
    const { route } = sortedOf(input);
    return [
      { id: 'sort', operation: 'branchSort', input, needs: [] },
      { id: 'account', operation: 'branchAccount', input: { ...input, route }, needs: needs(['sort', 'route']) },
      {
        id: 'write',
        operation: route === 'refund' ? 'branchRefund' : 'branchShipping',
        input: { ...input, account },
        needs: needs(['sort', 'route'], 'account'),
      },
    ];
  },
};
