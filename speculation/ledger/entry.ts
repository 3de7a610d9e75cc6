import { LedgerError } from './ledger-error';
import { isMissingBill } from './missing-bill';
import type { UsageRecord } from './usage';
import { Usd } from './usd';

/**
 * A plain call of the pipeline, a launch ahead of its input, a draft that was paid for a forecast, a paid comparison of one, or a copy of a
 * call that runs beside it.
 */
export type EntryKind = 'plain' | 'launch' | 'draft' | 'judge' | 'copy';

/** `claimed` ends a launch that the pipeline asked for after all, `committed` everything else that succeeded. */
export type Outcome = 'committed' | 'claimed' | 'cancelled' | 'failed';

/** One operation attempt. Plain JSON. */
export interface Entry {
  id: string;
  operation: string;
  kind: EntryKind;
  /** `upstream>downstream`; null for a plain call. */
  edge: string | null;
  /** `finished`: a launch that has ended and that nobody has claimed yet. A launch is `claimed` as soon as it is claimed. */
  state: 'running' | 'finished' | Outcome;
  /** For a claimed launch whose forecasts were not exactly right: they were equivalent. @default they were exactly right */
  match?: 'equivalent';
  /** Nothing can change any more. */
  settled: boolean;
  /** Left behind at close: its cost is billed late, to the control workflow. */
  unresolved: boolean;
  /** US dollars set aside while nobody has claimed or settled it. */
  reservedUsd: string;
  openedAtMs: number;
  claimedAtMs: number | null;
  endedAtMs: number | null;
  costUsd: string;
  /** Part of `costUsd` that was counted locally, because the provider did not report it. */
  estimatedUsd: string;
  /** The bill of an attempt is missing: its worker died, and nobody can say what it cost. @default every bill is there */
  unbilled?: true;
  /** Milliseconds that the pipeline did not have to wait, because this ran before it asked. */
  savedMs: number;
  /** The first bills; see `omittedBills`. */
  usage: UsageRecord[];
  /** Bills that are in `costUsd` but not listed in `usage`. */
  omittedBills: number;
}

export interface OpenEntry {
  id: string;
  operation: string;
  kind: EntryKind;
  /** `upstream>downstream`; null for a plain call. */
  edge: string | null;
  /** US dollars, a decimal string of at least 0. */
  reservedUsd: string;
  atMs: number;
}

const LISTED_BILLS = 20;

export function newEntry({ id, operation, kind, edge, reservedUsd, atMs }: OpenEntry): Entry {
  return {
    id,
    operation,
    kind,
    edge,
    state: 'running',
    settled: false,
    unresolved: false,
    reservedUsd: amount(id, 'reservedUsd', reservedUsd).toFixed(),
    openedAtMs: atMs,
    claimedAtMs: null,
    endedAtMs: null,
    costUsd: '0',
    estimatedUsd: '0',
    savedMs: 0,
    usage: [],
    omittedBills: 0,
  };
}

/** Adds bills to an entry; returns what they add up to. */
export function addBills(entry: Entry, usage: readonly UsageRecord[]): { costUsd: Usd; estimatedUsd: Usd } {
  let costUsd = new Usd(0);
  let estimatedUsd = new Usd(0);
  for (const record of usage) {
    const cost = amount(entry.id, 'costUsd of a bill', record.costUsd);
    costUsd = costUsd.plus(cost);
    if (record.estimated) estimatedUsd = estimatedUsd.plus(cost);
    if (isMissingBill(record)) entry.unbilled = true;
  }
  const room = LISTED_BILLS - entry.usage.length;
  entry.usage.push(...usage.slice(0, room));
  entry.omittedBills += Math.max(0, usage.length - room);
  entry.costUsd = costUsd.plus(entry.costUsd).toFixed();
  entry.estimatedUsd = estimatedUsd.plus(entry.estimatedUsd).toFixed();
  return { costUsd, estimatedUsd };
}

function amount(entryId: string, field: string, value: string): Usd {
  let parsed: Usd | null = null;
  try {
    parsed = new Usd(value);
  } catch {
    // decimal.js throws a nameless Error for what it cannot read.
  }
  if (parsed?.isFinite() && !parsed.isNegative()) return parsed;
  throw new LedgerError(
    entryId,
    `has ${field} ${JSON.stringify(value)}; use US dollars of at least 0 as a decimal such as "0.0135"`,
  );
}
