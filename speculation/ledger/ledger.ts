import type { UsageRecord } from './usage';

export type EntryKind = 'plain' | 'launch' | 'draft';
export type Outcome = 'committed' | 'claimed' | 'cancelled' | 'failed';

export interface OpenEntry {
  id: string;
  operation: string;
  kind: EntryKind;
  /** `upstream>downstream`; null for a plain call. */
  edge: string | null;
  /** US dollars set aside until the entry is claimed or settled. */
  reservedUsd: string;
  atMs: number;
}

export interface Settlement {
  outcome: Outcome;
  usage: UsageRecord[];
  /** When the attempt ended (not when it is booked). */
  atMs: number;
}

export interface LedgerTotals {
  costUsd: string;
  wasteUsd: string;
  draftUsd: string;
  estimatedUsd: string;
  savedMs: number;
  launched: number;
  claimed: number;
  cancelled: number;
  failed: number;
  /** Part of `cancelled`: still running at close, billed late to the control workflow. */
  unresolved: number;
  reservedUsd: string;
  /** Spent so far on launches that nobody has claimed. */
  spentUsd: string;
  /** Operations that the pipeline itself asked for: plain calls and claimed launches. */
  operations: number;
}

export interface LedgerCarry {
  version: 1;
}

export class Ledger {
  open(entry: OpenEntry): void {
    throw new Error(`to be written: ${entry.id}`);
  }

  claim(id: string, atMs: number): void {
    throw new Error(`to be written: ${id} ${atMs}`);
  }

  /** A launch has ended and nobody has claimed it yet: its real cost replaces what was reserved. Optional; settle may follow directly. */
  finish(id: string, end: { usage: UsageRecord[]; atMs: number }): void {
    throw new Error(`to be written: ${id} ${end.atMs}`);
  }

  settle(id: string, settlement: Settlement): void {
    throw new Error(`to be written: ${id} ${settlement.atMs}`);
  }

  leave(id: string): void {
    throw new Error(`to be written: ${id}`);
  }

  totals(): LedgerTotals {
    throw new Error('to be written');
  }

  recentLabels(): string[] {
    throw new Error('to be written');
  }

  toMarkdown(): string {
    throw new Error('to be written');
  }

  toJSON(): LedgerCarry {
    return { version: 1 };
  }

  static fromJSON(carry: LedgerCarry): Ledger {
    throw new Error(`to be written: ${carry.version}`);
  }
}
