import { addBills, newEntry, type Entry, type OpenEntry, type Outcome } from './entry';
import type { CancellationMode } from './cancellation-mode';
import { LedgerError } from './ledger-error';
import { ledgerTable } from './ledger-table';
import { recentLabels } from './recent-labels';
import { RunningTotals, type LedgerTotals } from './totals';
import type { UsageRecord } from './usage';

export type { Entry, EntryKind, OpenEntry, Outcome } from './entry';
export type { LedgerTotals } from './totals';

export interface Settlement {
  outcome: Outcome;
  /** Bills that are not booked yet. */
  usage: UsageRecord[];
  /** When the attempt ended, which may be earlier than when it is booked. */
  atMs: number;
}

/** The books as a reader sees them. Plain JSON. */
export interface LedgerReport {
  totals: LedgerTotals;
  /** The latest 200 entries and whatever is still open, oldest first. */
  entries: readonly Readonly<Entry>[];
}

/** The books as plain JSON, for the next run of a pipeline that continues as new. */
export interface LedgerCarry {
  version: 1;
  totals: LedgerTotals;
  entries: Entry[];
}

/** Entries kept in detail; what is still open is kept beyond it. Totals are exact for ever. */
const KEPT_ENTRIES = 200;

/**
 * The books of one pipeline. Every launch ends in exactly one of claimed, cancelled, failed:
 *
 *     running -> claimed -> settled           claim, settle
 *     running -> finished -> claimed          finish, claim
 *     running, finished or claimed -> cancelled or failed
 *
 * Any other step throws a LedgerError. Plain calls, drafts, comparisons and copies go from running to committed, cancelled or failed.
 */
export class Ledger {
  #entries: Entry[] = [];
  readonly #byId = new Map<string, Entry>();
  #totals = new RunningTotals();

  /** Starts an entry. An id may return once its earlier entry is settled, as activity ids do in the next run. */
  open(request: OpenEntry): void {
    if (this.#byId.get(request.id)?.settled === false) throw new LedgerError(request.id, 'is already open');
    const entry = newEntry(request);
    this.#keep(entry);
    this.#totals.addUsd('reservedUsd', entry.reservedUsd);
    if (entry.kind === 'launch') this.#totals.count('launched');
    if (entry.kind === 'plain') this.#totals.count('operations');
  }

  /** The pipeline has asked for a launched call. From now on its cost is ordinary cost. */
  claim(id: string, atMs: number, { equivalent = false }: { equivalent?: boolean } = {}): void {
    const entry = this.#unsettled(id);
    if (entry.kind !== 'launch') throw new LedgerError(id, `is a ${entry.kind} call; only a launch can be claimed`);
    if (entry.state === 'claimed') throw new LedgerError(id, 'is claimed already');
    if (entry.state === 'finished') {
      this.#totals.subtractUsd('spentUsd', entry.costUsd);
      entry.settled = true;
    } else {
      this.#totals.subtractUsd('reservedUsd', entry.reservedUsd);
    }
    entry.state = 'claimed';
    if (equivalent) entry.match = 'equivalent';
    entry.claimedAtMs = atMs;
    this.#totals.count('claimed');
    this.#totals.count('operations');
    this.#setSavedMs(entry, savedUntil(entry, atMs));
  }

  /**
   * A launch has succeeded and nobody has claimed it yet: its real cost takes the place of its reservation. A later claim settles it;
   * a later discard is settled as cancelled, with no further bills.
   */
  finish(id: string, { usage, atMs }: { usage: UsageRecord[]; atMs: number }): void {
    const entry = this.#unsettled(id);
    if (entry.kind !== 'launch' || entry.state !== 'running') {
      throw new LedgerError(id, `is a ${entry.state} ${entry.kind} call; only a running launch can finish unclaimed`);
    }
    this.#totals.addUsd('spentUsd', this.#book(entry, usage, atMs));
    this.#totals.subtractUsd('reservedUsd', entry.reservedUsd);
    entry.state = 'finished';
  }

  /** The end of an entry, with its bills. */
  settle(id: string, { outcome, usage, atMs }: Settlement): void {
    const entry = this.#unsettled(id);
    const wasClaimed = entry.state === 'claimed';
    if (
      entry.kind === 'launch'
        ? outcome === 'committed' || (outcome === 'claimed' && !wasClaimed)
        : outcome === 'claimed'
    ) {
      throw new LedgerError(id, `is a ${entry.state} ${entry.kind} call and cannot settle as ${outcome}`);
    }
    const cost = this.#book(entry, usage, entry.endedAtMs ?? atMs);
    if (entry.state === 'running') this.#totals.subtractUsd('reservedUsd', entry.reservedUsd);
    entry.settled = true;
    if (outcome === 'claimed') {
      this.#setSavedMs(entry, savedUntil(entry, entry.claimedAtMs ?? atMs));
    } else {
      entry.state = outcome;
      if (entry.kind === 'launch') {
        if (!wasClaimed) this.#totals.addUsd('spentUsd', cost);
        this.#waste(entry, outcome === 'failed' ? 'failed' : 'cancelled', wasClaimed);
      } else if (entry.kind === 'copy' && outcome !== 'committed') {
        this.#totals.addUsd('spentUsd', cost);
        this.#totals.addUsd('wasteUsd', entry.costUsd);
      }
    }
  }

  /**
   * What still runs when the pipeline closes. It counts as cancelled; what it costs is not known here and is billed late to the
   * control workflow. Its reservation is never given back, because the money may well be spent.
   */
  leave(id: string): void {
    const entry = this.#unsettled(id);
    const wasClaimed = entry.state === 'claimed';
    if (entry.state !== 'finished') {
      entry.unresolved = true;
      this.#totals.count('unresolved');
    }
    entry.state = 'cancelled';
    entry.settled = true;
    if (entry.kind === 'launch') this.#waste(entry, 'cancelled', wasClaimed);
  }

  /** An entry that is still kept, settled or not. */
  entry(id: string): Readonly<Entry> | undefined {
    return this.#byId.get(id);
  }

  totals(): LedgerTotals {
    return this.#totals.snapshot();
  }

  report(): LedgerReport {
    return { totals: this.totals(), entries: this.#entries };
  }

  /** Labels such as `classify>draft:claimed`, for a keyword-list search attribute. Distinct, at most 16, at most 200 characters each. */
  recentLabels(): string[] {
    return recentLabels(this.#entries);
  }

  /** The books as a Markdown table, for the workflow's current details. At most 15,000 characters. */
  toMarkdown(cancellation?: CancellationMode): string {
    return ledgerTable(this.totals(), this.#entries, cancellation);
  }

  toJSON(): LedgerCarry {
    return { version: 1, totals: this.totals(), entries: this.#entries };
  }

  static fromJSON(carry: LedgerCarry): Ledger {
    const version: unknown = carry.version;
    if (version !== 1) throw new LedgerError('carry', `has version ${String(version)}; this code reads version 1`);
    const ledger = new Ledger();
    ledger.#totals = new RunningTotals(carry.totals);
    for (const entry of carry.entries) ledger.#keep({ ...entry, usage: [...entry.usage] });
    return ledger;
  }

  #unsettled(id: string): Entry {
    const entry = this.#byId.get(id);
    if (!entry) throw new LedgerError(id, 'is unknown; open it first');
    if (entry.settled) throw new LedgerError(id, `is settled as ${entry.state} and cannot change`);
    return entry;
  }

  #keep(entry: Entry): void {
    this.#entries.push(entry);
    this.#byId.set(entry.id, entry);
    if (this.#entries.length <= KEPT_ENTRIES) return;
    const oldest = this.#entries.findIndex(({ settled }) => settled);
    const [dropped] = oldest < 0 ? [] : this.#entries.splice(oldest, 1);
    if (dropped && this.#byId.get(dropped.id) === dropped) this.#byId.delete(dropped.id);
  }

  #book(entry: Entry, usage: readonly UsageRecord[], endedAtMs: number): string {
    const wasUnbilled = entry.unbilled === true;
    const { costUsd, estimatedUsd } = addBills(entry, usage);
    if (!wasUnbilled && entry.unbilled === true) this.#totals.count('unbilled');
    entry.endedAtMs = endedAtMs;
    this.#totals.addUsd('costUsd', costUsd);
    this.#totals.addUsd('estimatedUsd', estimatedUsd);
    if (entry.kind === 'draft' || entry.kind === 'judge') this.#totals.addUsd('draftUsd', costUsd);
    return costUsd.toFixed();
  }

  #waste(entry: Entry, outcome: 'cancelled' | 'failed', wasClaimed: boolean): void {
    this.#totals.addUsd('wasteUsd', entry.costUsd);
    this.#totals.count(outcome);
    if (!wasClaimed) return;
    this.#totals.count('claimed', -1);
    this.#totals.count('operations', -1);
    this.#setSavedMs(entry, 0);
  }

  #setSavedMs(entry: Entry, savedMs: number): void {
    this.#totals.count('savedMs', savedMs - entry.savedMs);
    entry.savedMs = savedMs;
  }
}

/** What the pipeline did not have to wait for: the run time before the claim, at most the whole duration. */
function savedUntil({ openedAtMs, endedAtMs }: Entry, claimedAtMs: number): number {
  return Math.max(0, Math.min(claimedAtMs, endedAtMs ?? claimedAtMs) - openedAtMs);
}
