import { Usd } from './usd';

/** Everything that a pipeline ever booked, added up. Dollars are exact decimal strings. */
export interface LedgerTotals {
  /** All money spent, waste and drafts included. */
  costUsd: string;
  /** Cost of launches that were cancelled or failed, also after they had been claimed. */
  wasteUsd: string;
  /** Cost of drafts, and of comparing forecasts with real outputs. */
  draftUsd: string;
  /** Part of `costUsd` that was counted locally, because the provider did not report it. */
  estimatedUsd: string;
  /** Time that claimed launches had already run, or needed, when they were claimed. */
  savedMs: number;
  /** launched = claimed + cancelled + failed + still open. */
  launched: number;
  claimed: number;
  cancelled: number;
  failed: number;
  /** Entries left behind at close: their cost is billed late, to the control workflow. */
  unresolved: number;
  /** Entries with a missing bill: an attempt was lost, and nobody can say what it cost. @default none */
  unbilled?: number;
  /** Set aside for what still runs unclaimed, and for what was left behind. */
  reservedUsd: string;
  /** Spent so far on launches that nobody has claimed: what counts against the budget. */
  spentUsd: string;
  /** Operations that the pipeline itself asked for: plain calls and claimed launches. */
  operations: number;
}

const AMOUNTS = ['costUsd', 'wasteUsd', 'draftUsd', 'estimatedUsd', 'reservedUsd', 'spentUsd'] as const;
const COUNTS = [
  'savedMs',
  'launched',
  'claimed',
  'cancelled',
  'failed',
  'unresolved',
  'unbilled',
  'operations',
] as const;
type Amount = (typeof AMOUNTS)[number];
type Count = (typeof COUNTS)[number];

/** Running sums. Adding to one of them is the only way to change it. */
export class RunningTotals {
  readonly #amounts = new Map<Amount, Usd>();
  readonly #counts = new Map<Count, number>();

  constructor(start?: LedgerTotals) {
    for (const amount of AMOUNTS) this.#amounts.set(amount, new Usd(start?.[amount] ?? 0));
    for (const count of COUNTS) this.#counts.set(count, start?.[count] ?? 0);
  }

  addUsd(amount: Amount, usd: Usd | string): void {
    this.#amounts.set(amount, this.#usd(amount).plus(usd));
  }

  subtractUsd(amount: Amount, usd: Usd | string): void {
    this.#amounts.set(amount, this.#usd(amount).minus(usd));
  }

  count(count: Count, by = 1): void {
    this.#counts.set(count, this.#number(count) + by);
  }

  snapshot(): LedgerTotals {
    return {
      costUsd: this.#usd('costUsd').toFixed(),
      wasteUsd: this.#usd('wasteUsd').toFixed(),
      draftUsd: this.#usd('draftUsd').toFixed(),
      estimatedUsd: this.#usd('estimatedUsd').toFixed(),
      savedMs: this.#number('savedMs'),
      launched: this.#number('launched'),
      claimed: this.#number('claimed'),
      cancelled: this.#number('cancelled'),
      failed: this.#number('failed'),
      unresolved: this.#number('unresolved'),
      ...(this.#number('unbilled') === 0 ? {} : { unbilled: this.#number('unbilled') }),
      reservedUsd: this.#usd('reservedUsd').toFixed(),
      spentUsd: this.#usd('spentUsd').toFixed(),
      operations: this.#number('operations'),
    };
  }

  #usd(amount: Amount): Usd {
    return this.#amounts.get(amount) ?? new Usd(0);
  }

  #number(count: Count): number {
    return this.#counts.get(count) ?? 0;
  }
}
