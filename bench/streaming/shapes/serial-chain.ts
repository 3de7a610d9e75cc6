import { needs, type ShapeInput, type StreamingShape } from '../shape';
import { between, words } from '../variation';
import type { Order } from '../workflows/serial-chain';

const FIELDS = ['customer', 'order', 'parcel', 'depot', 'carrier', 'claim'] as const;

function orderOf(input: ShapeInput): Order {
  const fields = FIELDS.map((field) => [field, words(3, `${field}/${input.case}`)] as const);
  const explanation = words(170, `explanation/${input.case}`);
  return { ...(Object.fromEntries(fields) as Record<(typeof FIELDS)[number], string>), explanation };
}

function lookedUp(input: { key: string; after: string }): string {
  return `${input.key.split(' ')[0] ?? ''} behind ${input.after.slice(0, 12)}`;
}

export const serialChain: StreamingShape = {
  name: 'serialChain',
  summary: 'six look-ups one after another, each with a field of the answer',
  fields: 'early',
  operations: {
    serialChainRead: {
      kind: 'model',
      reply: (input: ShapeInput) => ({ json: orderOf(input), firstTokenSeconds: 0.4, tokensPerSecond: 60 }),
    },
    serialChainLookUp: {
      kind: 'tool',
      seconds: (input: { key: string }) => between(0.3, 0.6, input.key),
      result: lookedUp,
    },
  },
  calls: (input) => {
    const order = orderOf(input);
    let after = '';
    const chain = FIELDS.map((field, index) => {
      const call = {
        id: field,
        operation: 'serialChainLookUp',
        input: { key: order[field], after },
        needs: needs(['read', field], ...FIELDS.slice(Math.max(0, index - 1), index)),
      };
      after = lookedUp(call.input);
      return call;
    });
    return [{ id: 'read', operation: 'serialChainRead', input, needs: [] }, ...chain];
  },
};
