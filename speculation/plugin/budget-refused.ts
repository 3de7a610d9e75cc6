import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { BudgetRefusal } from '../budget/reserve';

/** Type of the failure of a launch that a shared budget kept from starting. */
export const BUDGET_FAILURE = 'RunaheadBudget';

const NOTHING_SPENT = 'Nothing was spent.';

/** The budget does not allow it. */
export function refusedByBudget(activityType: string, amountUsd: string, refusal: BudgetRefusal): ApplicationFailure {
  return failure(`${sentenceOf(activityType, amountUsd, refusal)} ${NOTHING_SPENT}`, refusal);
}

/** Nobody can say whether the budget allows it, so it does not. */
export function refusedUnheard(activityType: string, problem: string): ApplicationFailure {
  return failure(
    `A budget is in force and the control workflow was not reached before ${activityType} could start: ${problem}. ${NOTHING_SPENT}`,
    { reason: 'unreachable' },
  );
}

/** A budget is in force and nobody knows how much of it this would use. */
export function refusedUnpriced(activityType: string): ApplicationFailure {
  return failure(
    `A budget is in force and nothing says what ${activityType} may cost. Declare its cost in the policy of this worker. ${NOTHING_SPENT}`,
    { reason: 'unpriced' },
  );
}

function failure(message: string, detail: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: BUDGET_FAILURE,
    nonRetryable: true,
    details: [detail],
    // It is what the operator asked for: no warning in the log, no failure in the metrics.
    category: ApplicationFailureCategory.BENIGN,
  });
}

function sentenceOf(activityType: string, amountUsd: string, { reason, scope, limit, left }: BudgetRefusal): string {
  const budget = `The budget ${scope ?? ''}`;
  switch (reason) {
    case 'dollars':
      return `${budget} has ${left ?? '0'} of ${limit ?? '0'} dollars a day left, and ${activityType} may cost ${amountUsd}.`;
    case 'launches':
      return `${budget} allows ${limit ?? '0'} launches at the same time, and as many run; ${activityType} would be one more.`;
    case 'crowded':
      return `More launches run under budgets than the control workflow keeps apart; ${activityType} would be one more.`;
    case 'closed':
      return `This launch of ${activityType} was settled before it started.`;
    case 'unusable':
      return `The control workflow cannot reserve ${amountUsd} dollars for ${activityType}.`;
  }
}
