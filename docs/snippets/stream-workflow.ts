import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './stream-activities';

const { planSearch, search, report } = proxyActivities<typeof activities>({ startToCloseTimeout: '2 minutes' });

export async function research(question: string): Promise<string> {
  const plan = await planSearch(question);
  const found = await Promise.all(plan.queries.map((query) => search(query)));
  return report(plan.topic, found);
}
