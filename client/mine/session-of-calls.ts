import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { TrailCall } from '../../speculation/forecast/trail';
import type { HistoryCall } from './calls-in-history';

/** A call of a session, with what is needed to tell what was known when it was made. */
export interface SessionCall extends TrailCall {
  /** Made ahead of its input: by then some of what it knew was only assumed. */
  early: boolean;
  scheduledEvent: number;
  completedEvent: number;
}

export interface Session {
  workflowId: string;
  runId: string;
  /** In the order in which they were scheduled; each has ended well. */
  calls: readonly SessionCall[];
}

/**
 * What a pipeline has asked for and was answered: its own calls, and the launches that it claimed for them. Left out are drafts, launches
 * that nobody claimed, and calls that failed. Where a copy was faster than the call itself, its answer is the call's.
 *
 * @param claimed whether a launch that ended well was claimed for this very call
 */
export function sessionOfCalls(
  calls: readonly HistoryCall[],
  claimed: (launch: HistoryCall) => boolean,
): readonly SessionCall[] {
  const answers = answersOfCopies(calls);
  return calls.flatMap((call) => {
    if (call.kind === 'draft' || call.kind === 'copy') return [];
    const { output, completedEvent } = call.output === null ? (answers.get(call) ?? call) : call;
    if (output === null || completedEvent === null) return [];
    const early = call.kind === 'launch';
    if (early && !claimed(call)) return [];
    const { operation, args, scheduledEvent } = call;
    return [{ operation, args, output: output.value, early, scheduledEvent, completedEvent }];
  });
}

/** The calls before one that had been answered when it was made; before a launch also those that were only assumed. */
export function knownBefore(calls: readonly SessionCall[], index: number): readonly SessionCall[] {
  const call = calls[index];
  if (call === undefined) return [];
  return calls
    .slice(0, index)
    .filter(({ early, completedEvent }) => early || call.early || completedEvent < call.scheduledEvent);
}

/** A call without an answer of its own was raced: the first copy of it that has one gave it. */
function answersOfCopies(calls: readonly HistoryCall[]): Map<HistoryCall, HistoryCall> {
  const answers = new Map<HistoryCall, HistoryCall>();
  for (const copy of calls) {
    if (copy.kind !== 'copy' || copy.output === null) continue;
    const text = canonicalJson(copy.args);
    const raced = calls.find(
      (call) =>
        call.kind === 'plain' &&
        call.output === null &&
        call.operation === copy.operation &&
        call.scheduledEvent < copy.scheduledEvent &&
        canonicalJson(call.args) === text &&
        !answers.has(call),
    );
    if (raced !== undefined) answers.set(raced, copy);
  }
  return answers;
}
