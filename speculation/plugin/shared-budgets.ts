import { limitsOver, type BudgetsByScope } from '../budget/budget-limits';
import type { Spender } from '../budget/budget-scope';
import type { BudgetState } from '../budget/budget-state';
import type { BudgetRequest } from '../budget/reserve';
import type { BudgetDesk } from './budget-desk';
import { refusedByBudget, refusedUnheard, refusedUnpriced } from './budget-refused';

/** Leave to spend; to be settled once. */
export interface Reserved {
  /** @param costUsd what it really cost, US dollars, exact */
  settle(costUsd: string): void;
}

export interface SpendingRequest extends Omit<BudgetRequest, 'amountUsd'> {
  activityType: string;
  /** Most that it may cost, US dollars, a plain decimal; null when nobody knows. */
  amountUsd: string | null;
}

/** What a worker does about the budgets that its pipelines share with those of other workers. */
export class SharedBudgets {
  constructor(
    private readonly options: {
      /** What the policy says; in force for scopes that nobody has set anything for, also before the control plane was heard. */
      declared: BudgetsByScope;
      /** What the control plane said last. */
      known: () => BudgetState | undefined;
      desk: BudgetDesk;
    },
  ) {}

  /** Whether a launch of this spender has to be reserved. Reads memory only. */
  applyTo(spender: Spender): boolean {
    const { declared, known } = this.options;
    return limitsOver({ ...declared, ...known()?.limits }, spender).length > 0;
  }

  /**
   * Reserves what a launch may cost before it starts; null, at once, when no budget applies.
   *
   * @throws ApplicationFailure `RunaheadBudget` when the budget or the control plane does not allow it
   * @throws the signal's reason when it is cancelled meanwhile
   */
  async reserve(
    { activityType, amountUsd, ...request }: SpendingRequest,
    signal: AbortSignal,
  ): Promise<Reserved | null> {
    if (!this.applyTo(request)) return null;
    if (amountUsd === null) throw refusedUnpriced(activityType);
    const { desk } = this.options;
    const answer = await desk.ask({ ...request, amountUsd }, signal);
    if ('unreachable' in answer) throw refusedUnheard(activityType, answer.unreachable);
    if (!answer.granted) throw refusedByBudget(activityType, amountUsd, answer.refusal);
    const { id, pipeline, tenant } = request;
    let settled = false;
    return {
      settle: (costUsd) => {
        if (settled) return;
        settled = true;
        desk.settle({ id, pipeline, ...(tenant !== undefined && { tenant }), costUsd });
      },
    };
  }

  /** Tries once to settle everything that has ended. */
  flush(): Promise<void> {
    return this.options.desk.flush();
  }
}
