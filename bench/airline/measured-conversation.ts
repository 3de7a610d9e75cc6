import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Entry, LedgerTotals } from '../../speculation/ledger/ledger';
import type { LoggedDecision } from '../../speculation/runtime/decision-log';
import type { TravelOutcome, TravelRequest } from '../../workflows/tool-agent';
import { LATENCIES } from './latencies';
import type { Recording } from './recording';
import type { Lane } from './stage';

/** One conversation under one policy. Seconds are those of real life. */
export interface MeasuredConversation {
  task: number;
  scenarioId: string;
  workflowId: string;
  seconds: number;
  /** Part of it in which the user typed: nobody could have saved it. */
  typingSeconds: number;
  startedAtMs: number;
  /** What the pipeline returned. */
  result: string;
  /** Null without the plugin. */
  books: { totals: LedgerTotals; entries: readonly Readonly<Entry>[]; decisions: readonly LoggedDecision[] } | null;
}

/** Runs a conversation from its first word to its last. */
export async function measureConversation(
  { client, taskQueue, books, contestant }: Lane,
  recording: Recording,
  compression: number,
): Promise<MeasuredConversation> {
  const { scenarioId, task, goal, rounds } = recording;
  const workflowId = scenarioId.replaceAll('/', '-');
  const request: TravelRequest = { scenarioId, goal, maxSteps: rounds.length };
  const handle = await client.workflow.start('toolAgent', { taskQueue, workflowId, args: [request] });
  const outcome = (await handle.result()) as TravelOutcome;
  const { startTime, closeTime } = await handle.describe();
  const ms = (closeTime ?? startTime).getTime() - startTime.getTime();
  const replies = rounds.filter((round) => 'next' in round && round.next !== null).length;
  return {
    task,
    scenarioId,
    workflowId,
    seconds: (ms / 1000) * compression,
    typingSeconds: replies * LATENCIES.user.distribution.medianSeconds,
    startedAtMs: startTime.getTime(),
    result: canonicalJson(outcome),
    books:
      contestant.policy === 'plain'
        ? null
        : { ...(await books.ledger(workflowId)), decisions: await books.decisions(workflowId) },
  };
}
