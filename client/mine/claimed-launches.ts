import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Entry } from '../../speculation/ledger/entry';
import type { HistoryCall } from './calls-in-history';

/** Tells of a launch that ended well whether the pipeline has claimed it for this very call. */
export type ClaimTest = (launch: HistoryCall) => boolean;

/** Whether the history leaves open what was claimed: it has a launch that ended well. */
export function hasFinishedLaunches(calls: readonly HistoryCall[]): boolean {
  return calls.some(({ kind, output }) => kind === 'launch' && output !== null);
}

/** What the books of the run say, and the history where they do not list a launch any more. */
export function claimsInBooks(entries: readonly Entry[], calls: readonly HistoryCall[]): ClaimTest {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const byHistory = claimsInHistory(calls);
  return (launch) => {
    const entry = byId.get(launch.activityId);
    // One that was claimed as an equivalent of another call is not what the pipeline has asked for.
    return entry === undefined ? byHistory(launch) : entry.state === 'claimed' && entry.match === undefined;
  };
}

/**
 * No event says that a launch was claimed. Without the books it is taken for claimed where what it rests on came true, as far as the line
 * beside it shows that, and the pipeline did not make the same call itself afterwards.
 */
export function claimsInHistory(calls: readonly HistoryCall[]): ClaimTest {
  const known = new Map<HistoryCall, boolean>();
  const isClaimed = (launch: HistoryCall): boolean => {
    const before = known.get(launch);
    if (before !== undefined) return before;
    const claimed = cameTrue(launch) && !madeAgain(launch);
    known.set(launch, claimed);
    return claimed;
  };
  const cameTrue = ({ assumes, scheduledEvent }: HistoryCall): boolean =>
    assumes !== null &&
    calls.some(
      (call) =>
        call.operation === assumes.upstream &&
        call.scheduledEvent < scheduledEvent &&
        call.output !== null &&
        mayBeginWith(call.output.value, assumes.beginning) &&
        (call.kind === 'plain' || (call.kind === 'launch' && isClaimed(call))),
    );
  const madeAgain = (launch: HistoryCall): boolean => {
    const text = canonicalJson(launch.args);
    return calls.some(
      ({ kind, operation, args, scheduledEvent }) =>
        kind === 'plain' &&
        operation === launch.operation &&
        scheduledEvent > launch.scheduledEvent &&
        canonicalJson(args) === text,
    );
  };
  return isClaimed;
}

/** What a stream had said is final, and its keys are in the order in which they came. */
function mayBeginWith(output: unknown, beginning: string): boolean {
  return beginning.includes('…') || canonicalJson(output).startsWith(beginning);
}
