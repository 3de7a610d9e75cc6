import { proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { classify, draft, send } = proxyActivities<typeof activities>({ startToCloseTimeout: '2 minutes' });

export async function support(message: string): Promise<string> {
  const route = await classify(message);
  const reply = await draft(message, route);
  await send(reply);
  return reply;
}
