import { z } from 'zod';
import { callModel } from './model';
import { callModelJson } from './model-json-call';
import { MODEL } from './model-roles';
import { deliver } from './outbox';
import { remoteLatency } from './remote-latency';
import { accountFacts, policyArticle, ROUTES } from './support-desk';
import type { AccountFacts, PolicyArticle, Route } from './support-desk';

export const CLASSIFY_PROMPT = `You sort the mail of a pottery supplier. Answer with JSON {"route": one of ${ROUTES.join(', ')}}.`;
export const DRAFT_PROMPT =
  'You answer the mail of a pottery supplier. Use only the account facts and the policy article. Be brief and kind.';
export const CHECK_PROMPT =
  'You check a reply before it is sent. Answer with JSON {"verdict": "pass"} or {"verdict": "revise", "reason": why}.';

const classification = z.object({ route: z.enum(ROUTES) });
const check = z.discriminatedUnion('verdict', [
  z.object({ verdict: z.literal('pass') }),
  z.object({ verdict: z.literal('revise'), reason: z.string() }),
]);
export type Check = z.infer<typeof check>;

/** Decides what a message is about. */
export function classifyMessage(input: { text: string }): Promise<{ route: Route }> {
  return callModelJson('classifyMessage', classification, {
    model: MODEL.small,
    messages: [
      { role: 'system', content: CLASSIFY_PROMPT },
      { role: 'user', content: input.text },
    ],
    maxTokens: 20,
    temperature: 0,
  });
}

/** Reads what the customer's record says about the matter. */
export async function lookUpAccount(input: { customerId: string; route: Route }): Promise<AccountFacts> {
  await remoteLatency(400, input.customerId);
  return accountFacts(input.customerId, input.route);
}

/** Reads the policy article for the matter. */
export async function findPolicyArticle(input: { route: Route }): Promise<PolicyArticle> {
  await remoteLatency(250, input.route);
  return policyArticle(input.route);
}

export interface DraftRequest {
  text: string;
  route: Route;
  account: AccountFacts;
  article: PolicyArticle;
  /** What was wrong with the first draft; null for the first one. */
  revision: { reply: string; reason: string } | null;
}

/** Writes the reply. */
export async function draftReply(input: DraftRequest): Promise<{ reply: string }> {
  const answer = await callModel({
    model: MODEL.big,
    messages: [
      { role: 'system', content: DRAFT_PROMPT },
      {
        role: 'user',
        content: [
          `Matter: ${input.route}`,
          `Account (${input.account.segment}): ${input.account.facts}`,
          `Policy "${input.article.title}": ${input.article.body}`,
          `Message: ${input.text}`,
        ].join('\n'),
      },
      ...(input.revision === null
        ? []
        : [
            { role: 'assistant' as const, content: input.revision.reply },
            { role: 'user' as const, content: `Please revise: ${input.revision.reason}` },
          ]),
    ],
    maxTokens: 300,
    temperature: 0,
  });
  return { reply: answer.text };
}

/** Lets a second model read the reply against the policy. */
export function checkReply(input: { text: string; reply: string; article: PolicyArticle }): Promise<Check> {
  return callModelJson('checkReply', check, {
    model: MODEL.small,
    messages: [
      { role: 'system', content: CHECK_PROMPT },
      { role: 'user', content: `Policy: ${input.article.body}\nMessage: ${input.text}\nReply: ${input.reply}` },
    ],
    maxTokens: 60,
    temperature: 0,
  });
}

/** Sends the reply. Cannot be taken back. */
// eslint-disable-next-line @typescript-eslint/require-await -- an activity is asynchronous by contract
export async function sendReply(input: {
  messageId: string;
  customerId: string;
  reply: string;
}): Promise<{ sent: true }> {
  deliver({ kind: 'reply', key: input.messageId, content: { to: input.customerId, reply: input.reply } });
  return { sent: true };
}
