import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface Order {
  customer: string;
  order: string;
  parcel: string;
  depot: string;
  carrier: string;
  claim: string;
  explanation: string;
}

const { serialChainRead, serialChainLookUp } = operations<{
  serialChainRead: (input: ShapeInput) => Promise<Order>;
  serialChainLookUp: (input: { key: string; after: string }) => Promise<string>;
}>();

/** Six look-ups, each with a field of the answer and with what the one before has found. */
export async function serialChain(input: ShapeInput): Promise<{ found: string; explanation: string }> {
  const read = await serialChainRead(input);
  let found = '';
  for (const field of ['customer', 'order', 'parcel', 'depot', 'carrier', 'claim'] as const) {
    found = await serialChainLookUp({ key: read[field], after: found });
  }
  return { found, explanation: read.explanation };
}
