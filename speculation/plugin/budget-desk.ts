import { MOST_IN_BATCH, type BudgetBatch } from '../budget/budget-batch';
import type { BudgetsByScope } from '../budget/budget-limits';
import type { BudgetDecision, BudgetRequest } from '../budget/reserve';
import type { BudgetSettlement } from '../budget/settle';
import type { WarnOnce } from './warn-once';

export interface BudgetDeskOptions {
  /** Brings one batch to the control plane; fails when there is no answer in time, although it may have been taken in. */
  send: (batch: BudgetBatch) => Promise<BudgetDecision[]>;
  /** What the policy of this worker says. */
  declared: BudgetsByScope;
  /** Longest that a request waits for its answer, milliseconds. */
  waitMs: number;
  warnOnce: WarnOnce;
  /** How long a settlement waits for company, milliseconds. @default 100 */
  settleMs?: number;
  /** Settlements that are kept while the control plane cannot be reached; then the oldest go. @default 10000 */
  capacity?: number;
}

export type DeskAnswer = BudgetDecision | { id: string; granted: false; unreachable: string };

interface Waiting {
  request: BudgetRequest;
  /** It may have been granted without our knowledge. */
  sent: boolean;
  finish: (answer: DeskAnswer) => void;
}

const RETRY_REQUEST_MS = 100;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/**
 * Asks the control plane for leave to spend, and tells it what was spent. One batch is under way at a time; whatever comes up meanwhile
 * goes with the next one. A settlement is sent until it is confirmed. Nothing counts twice, because the control plane knows the ids.
 */
export class BudgetDesk {
  readonly #options: Required<BudgetDeskOptions>;
  readonly #waiting = new Map<string, Waiting>();
  #unsettled: BudgetSettlement[] = [];
  #underWay: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #lastProblem = '';

  constructor(options: BudgetDeskOptions) {
    this.#options = { settleMs: 100, capacity: 10_000, ...options };
  }

  /**
   * Asks for one launch. Resolves within `waitMs`, come what may; what may have been granted by then is given back.
   *
   * @throws the signal's reason when the launch is cancelled meanwhile
   */
  ask(request: BudgetRequest, signal: AbortSignal): Promise<DeskAnswer> {
    const { id } = request;
    const { waitMs } = this.#options;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
        this.#waiting.delete(id);
      };
      const giveUp = (): void => {
        stop();
        if (waiting.sent) this.#giveBack(request);
      };
      const cancel = (): void => {
        giveUp();
        reject(signal.reason instanceof Error ? signal.reason : new Error('cancelled'));
      };
      const timer = setTimeout(() => {
        giveUp();
        const problem = this.#lastProblem === '' ? '' : ` (${this.#lastProblem})`;
        resolve({ id, granted: false, unreachable: `no answer within ${waitMs} ms${problem}` });
      }, waitMs);
      const waiting: Waiting = {
        request,
        sent: false,
        finish: (answer) => {
          stop();
          resolve(answer);
        },
      };
      if (signal.aborted) {
        cancel();
        return;
      }
      signal.addEventListener('abort', cancel);
      this.#waiting.set(id, waiting);
      this.#sendSoon(0);
    });
  }

  /** Never waits and never fails. */
  settle(settlement: BudgetSettlement): void {
    const { capacity, settleMs, warnOnce } = this.#options;
    this.#unsettled.push(settlement);
    if (this.#unsettled.length > capacity) {
      this.#unsettled.shift();
      warnOnce('budget-full', `More than ${capacity} launches wait to be settled; the oldest stay reserved for today.`);
    }
    this.#sendSoon(this.#failures === 0 ? settleMs : this.#retryMs());
  }

  /** Tries once to settle everything; resolves also when that fails. */
  async flush(): Promise<void> {
    await this.#underWay;
    const unsettled = this.#unsettled.length;
    for (let sent = 0; sent < unsettled; sent += MOST_IN_BATCH) {
      const failures = this.#failures;
      await this.#send();
      if (this.#failures > failures) return;
    }
  }

  #giveBack({ id, pipeline, tenant }: BudgetRequest): void {
    this.settle({ id, pipeline, ...(tenant !== undefined && { tenant }), costUsd: '0' });
  }

  #sendSoon(delayMs: number): void {
    if (this.#underWay !== null || (this.#timer !== undefined && delayMs > 0)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), delayMs);
    this.#timer.unref();
  }

  #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#underWay ??= this.#sendBatch().finally(() => {
      this.#underWay = null;
      if (this.#waiting.size > 0) this.#sendSoon(this.#failures === 0 ? 0 : RETRY_REQUEST_MS);
      else if (this.#unsettled.length > 0) {
        this.#sendSoon(this.#failures === 0 ? this.#options.settleMs : this.#retryMs());
      }
    });
    return this.#underWay;
  }

  async #sendBatch(): Promise<void> {
    const { declared, send, warnOnce } = this.#options;
    const asking = [...this.#waiting.values()].slice(0, MOST_IN_BATCH);
    const settling = this.#unsettled.slice(0, MOST_IN_BATCH);
    if (asking.length + settling.length === 0) return;
    for (const each of asking) each.sent = true;
    try {
      const decisions = await send({
        ...(Object.keys(declared).length > 0 && { declared }),
        reserve: asking.map(({ request }) => request),
        settle: settling,
      });
      if (decisions.length !== asking.length)
        throw new Error(`${decisions.length} answers to ${asking.length} requests`);
      this.#failures = 0;
      this.#lastProblem = '';
      const settled = new Set(settling);
      this.#unsettled = this.#unsettled.filter((settlement) => !settled.has(settlement));
      for (const decision of decisions) this.#waiting.get(decision.id)?.finish(decision);
    } catch (error) {
      this.#failures += 1;
      this.#lastProblem = error instanceof Error ? error.message : String(error);
      warnOnce(
        'budget-unreachable',
        `The control workflow cannot be asked about budgets (${this.#lastProblem}); nothing is launched early under a budget until it can.`,
      );
    }
  }

  #retryMs(): number {
    return Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
  }
}
