import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface Sorted {
  route: 'refund' | 'shipping';
  reason: string;
}

interface Account {
  plan: string;
}

const { branchSort, branchAccount, branchRefund, branchShipping } = operations<{
  branchSort: (input: ShapeInput) => Promise<Sorted>;
  branchAccount: (input: ShapeInput & { route: string }) => Promise<Account>;
  branchRefund: (input: ShapeInput & { account: Account }) => Promise<{ reply: string }>;
  branchShipping: (input: ShapeInput & { account: Account }) => Promise<{ reply: string }>;
}>();

/** The route decides which answer is written. */
export async function branch(input: ShapeInput): Promise<{ reply: string; reason: string }> {
  const sorted = await branchSort(input);
  const account = await branchAccount({ ...input, route: sorted.route });
  const { reply } = await (sorted.route === 'refund'
    ? branchRefund({ ...input, account })
    : branchShipping({ ...input, account }));
  return { reply, reason: sorted.reason };
}
