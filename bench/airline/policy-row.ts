import { Decimal } from 'decimal.js';
import { bootstrap } from '../measure/bootstrap';
import { percentile } from '../measure/percentile';
import type { Interval, PolicyRow, Rate } from '../measure/policy-comparison';
import type { LaneBooks } from './lane-books';
import type { MeasuredConversation } from './measured-conversation';
import type { Lane } from './stage';

/** A task with its conversations under a policy, and without any: what is drawn together. */
interface Unit {
  own: MeasuredConversation[];
  base: MeasuredConversation[];
}

const DIGITS = 8;

/**
 * The row of one contestant.
 *
 * @param plain the same conversations without the plugin: what time is saved of
 * @param sequential the same conversations with books: what tokens are counted against; null where nobody ran them
 */
export function policyRow(
  { contestant }: Lane,
  own: readonly MeasuredConversation[],
  books: LaneBooks,
  {
    plain,
    sequential,
    seed,
  }: { plain: readonly MeasuredConversation[]; sequential: readonly MeasuredConversation[] | null; seed: number },
): PolicyRow {
  const seconds = own.map((each) => each.seconds);
  const totals = own.flatMap((each) => each.books?.totals ?? []);
  const extraTokens = sequential === null || totals.length === 0 ? undefined : moreTokens(own, sequential, seed);
  return {
    policy: contestant.policy,
    label: contestant.label,
    saved: savedShare(own, plain, seed, (each) => each.seconds),
    meanSeconds: seconds.reduce((sum, value) => sum + value, 0) / seconds.length,
    p95Seconds: percentile(seconds, 0.95),
    usd: each(books.usd, own.length),
    wasteUsd: each(books.wasteUsd, own.length),
    ...(extraTokens !== undefined && { extraTokens }),
    hits: hitsOf(own),
    claimed: {
      numerator: totals.reduce((sum, { claimed }) => sum + claimed, 0),
      denominator: totals.reduce((sum, { launched }) => sum + launched, 0),
    },
    knew: contestant.knew,
  };
}

/** Share of the plain time that is saved, of the time that `secondsOf` counts, with its interval over tasks. */
export function savedShare(
  own: readonly MeasuredConversation[],
  plain: readonly MeasuredConversation[],
  seed: number,
  secondsOf: (conversation: MeasuredConversation) => number,
): Interval {
  return bootstrap(unitsOf(own, plain), (sample) => 1 - ratio(sample, secondsOf), seed);
}

function moreTokens(
  own: readonly MeasuredConversation[],
  sequential: readonly MeasuredConversation[],
  seed: number,
): Interval {
  return bootstrap(unitsOf(own, sequential), (sample) => ratio(sample, tokensOf) - 1, seed);
}

function unitsOf(own: readonly MeasuredConversation[], base: readonly MeasuredConversation[]): Unit[] {
  const tasks = [...new Set(own.map(({ task }) => task))];
  return tasks.map((task) => ({
    own: own.filter((each) => each.task === task),
    base: base.filter((each) => each.task === task),
  }));
}

function ratio(sample: readonly Unit[], amountOf: (conversation: MeasuredConversation) => number): number {
  const sum = (conversations: readonly MeasuredConversation[]): number =>
    conversations.reduce((total, conversation) => total + amountOf(conversation), 0);
  return sum(sample.flatMap((unit) => unit.own)) / sum(sample.flatMap((unit) => unit.base));
}

function tokensOf({ books }: MeasuredConversation): number {
  const bills = books?.entries.flatMap(({ usage }) => usage) ?? [];
  return bills.reduce((sum, { tokens }) => sum + tokens.inputTokens + tokens.outputTokens, 0);
}

/** Launches whose latest forecast was right, of those whose forecast was compared with the real output. */
function hitsOf(conversations: readonly MeasuredConversation[]): Rate {
  const outcomes = conversations
    .flatMap(({ books }) => books?.decisions ?? [])
    .flatMap((row) => (row.phase === 'launch' && row.decision === 'launch' ? [row.outcome.forecast] : []));
  const right = outcomes.filter((outcome) => outcome === 'right').length;
  return { numerator: right, denominator: right + outcomes.filter((outcome) => outcome === 'wrong').length };
}

function each(usd: string, conversations: number): string {
  return new Decimal(usd).div(conversations).toDecimalPlaces(DIGITS).toFixed();
}
