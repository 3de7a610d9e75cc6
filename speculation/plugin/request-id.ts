import { createHash, randomUUID } from 'node:crypto';
import { Context, type Info } from '@temporalio/activity';

/** Longest `x-client-request-id` that OpenAI accepts; it must be ASCII. */
const LONGEST = 512;
/** An activity id may have 1,000 bytes; what is longer than this is cut and told apart by its hash. */
const LONGEST_ACTIVITY_ID = 300;

const requestsOf = new WeakMap<Context, number>();

/**
 * An id for the next request to a provider, to be sent as `x-client-request-id` and given to `recordUsage` as `clientRequestId`. In an
 * activity it is `runId/activityId/attempt/n`, with n = 1, 2, ... within the attempt: it is known before anything is sent, so a request
 * whose worker died can still be found in the provider's export. Outside of an activity it is random. ASCII, at most 512 characters.
 *
 * @example
 * const clientRequestId = nextRequestId();
 * const answer = await openai.chat.completions.create(body, { headers: { 'x-client-request-id': clientRequestId }, maxRetries: 0 });
 * recordUsage({ requestId: answer.id, clientRequestId, model: body.model, tokens });
 */
export function nextRequestId(): string {
  const context = runningActivity();
  if (context === null) return randomUUID();
  const count = (requestsOf.get(context) ?? 0) + 1;
  requestsOf.set(context, count);
  return requestIdOf(context.info, context.info.attempt, count);
}

/** The id of the `count`-th request of an attempt. */
export function requestIdOf(info: Info, attempt: number, count: number): string {
  const runId = info.workflowExecution?.runId ?? info.activityRunId ?? '';
  return `${runId}/${ascii(info.activityId)}/${attempt}/${count}`.slice(0, LONGEST);
}

/** A slash of its own would make the parts ambiguous. */
function ascii(activityId: string): string {
  const encoded = encodeURIComponent(activityId);
  if (encoded.length <= LONGEST_ACTIVITY_ID) return encoded;
  const hash = createHash('sha256').update(activityId).digest('hex').slice(0, 16);
  return `${encoded.slice(0, LONGEST_ACTIVITY_ID - hash.length - 1)}~${hash}`;
}

function runningActivity(): Context | null {
  try {
    return Context.current();
  } catch {
    return null;
  }
}
