import { proxyActivities } from '@temporalio/workflow';
import type * as activities from '../activities/auto-reply';
import type { Route } from '../activities/support-desk';

const { classifyMessage, draftReply, checkReply } = proxyActivities<typeof activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 4 },
});
const { lookUpAccount, findPolicyArticle } = proxyActivities<typeof activities>({
  startToCloseTimeout: '20 seconds',
  retry: { maximumAttempts: 4 },
});
const { sendReply } = proxyActivities<typeof activities>({ startToCloseTimeout: '20 seconds' });

export interface SupportMessage {
  messageId: string;
  customerId: string;
  text: string;
}

export interface SupportReply {
  route: Route;
  reply: string;
  /** What the checker said about the first draft. */
  verdict: 'pass' | 'revise';
  sent: boolean;
}

/** Answers a support message: sort it, look things up, write, check, send. A draft that does not pass is revised once. */
export async function autoReply(message: SupportMessage): Promise<SupportReply> {
  const { text, customerId } = message;
  const { route } = await classifyMessage({ text });
  const [account, article] = await Promise.all([lookUpAccount({ customerId, route }), findPolicyArticle({ route })]);
  let { reply } = await draftReply({ text, route, account, article, revision: null });
  const check = await checkReply({ text, reply, article });
  if (check.verdict === 'revise') {
    const revision = { reply, reason: check.reason };
    ({ reply } = await draftReply({ text, route, account, article, revision }));
  }
  const { sent } = await sendReply({ messageId: message.messageId, customerId, reply });
  return { route, reply, verdict: check.verdict, sent };
}
