import type { Entry } from '../../speculation/ledger/ledger';
import type { PolicyComparison, ReliabilityBin, TimelineBar } from '../measure/policy-comparison';
import type { MeasuredConversation } from './measured-conversation';

const BINS = 10;

/** How often forecasts came true of which a decision said how likely they were. */
export function reliabilityOf(conversations: readonly MeasuredConversation[]): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ sum: 0, right: 0, total: 0 }));
  for (const row of conversations.flatMap(({ books }) => books?.decisions ?? [])) {
    const { forecast } = row.outcome;
    if (row.phase !== 'launch' || (forecast !== 'right' && forecast !== 'wrong')) continue;
    const newest = row.supports.at(-1)?.at(-1);
    const bin = newest === undefined ? undefined : bins[Math.min(BINS - 1, Math.floor(newest.probability * BINS))];
    if (newest === undefined || bin === undefined) continue;
    bin.sum += newest.probability;
    bin.total += 1;
    if (forecast === 'right') bin.right += 1;
  }
  return bins
    .filter(({ total }) => total > 0)
    .map(({ sum, right, total }) => ({ predicted: sum / total, observed: { numerator: right, denominator: total } }));
}

/** Mean distance between what was said and what came true, weighted by how often it was said; null without any. */
export function calibrationError(bins: readonly ReliabilityBin[]): number | null {
  const total = bins.reduce((sum, { observed }) => sum + observed.denominator, 0);
  if (total === 0) return null;
  return bins.reduce(
    (sum, { predicted, observed }) => sum + Math.abs(predicted * observed.denominator - observed.numerator) / total,
    0,
  );
}

/** Who waited for whom in one conversation, in seconds of real life. */
export function timelineOf(
  policy: string,
  { books, startedAtMs }: MeasuredConversation,
  compression: number,
): NonNullable<PolicyComparison['timelines']>[number] {
  const seconds = (atMs: number): number => ((atMs - startedAtMs) / 1000) * compression;
  const bars = (books?.entries ?? []).map((entry): TimelineBar => ({
    lane: laneOf(entry.operation),
    label: entry.operation,
    startSeconds: seconds(entry.openedAtMs),
    endSeconds: seconds(entry.endedAtMs ?? entry.claimedAtMs ?? entry.openedAtMs),
    kind: kindOf(entry),
  }));
  return { policy, bars };
}

function laneOf(operation: string): string {
  if (operation === 'agentStep') return 'agent';
  if (operation === 'draftAgentStep') return 'draft model';
  return operation === 'replyToUser' ? 'user' : 'tools';
}

function kindOf({ kind, state }: Readonly<Entry>): TimelineBar['kind'] {
  if (kind === 'draft') return 'draft';
  if (state === 'cancelled' || state === 'failed') return 'wasted';
  return kind === 'launch' ? 'claimed' : 'plain';
}
