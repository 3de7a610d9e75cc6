import { BUNDLES, type Bundle } from '../../workers/sample-model/message-templates';
import type { SupportMessage } from '../../workflows/auto-reply';
import { pick } from './seeded-random';

/** Regular customers: how often each writes, and what each mostly writes about. */
const CUSTOMERS: readonly { customerId: string; weight: number; mostly: Bundle }[] = [
  { customerId: 'customer-04', weight: 4, mostly: 'parcel' },
  { customerId: 'customer-11', weight: 3, mostly: 'money' },
  { customerId: 'customer-17', weight: 2, mostly: 'kiln' },
  { customerId: 'customer-23', weight: 1, mostly: 'login' },
];
const MOSTLY = 0.9;

/** Support messages as a small shop gets them. */
export function supportMessages(count: number, random: () => number): SupportMessage[] {
  return Array.from({ length: count }, (_, index) => {
    const customer = pick(
      random,
      CUSTOMERS,
      CUSTOMERS.map(({ weight }) => weight),
    );
    const bundle = random() < MOSTLY ? customer.mostly : pick(random, Object.keys(BUNDLES) as Bundle[]);
    const templates = BUNDLES[bundle];
    const { text } = pick(
      random,
      templates,
      templates.map((_template, nth) => (nth === templates.length - 1 ? 1 : 2)),
    );
    const order = 10_000 + Math.floor(random() * 90_000);
    return {
      messageId: `message-${index}-${order}`,
      customerId: customer.customerId,
      text: `${text} (order ${order})`,
    };
  });
}
