import { declareBudgets, type BudgetState } from './budget-state';
import { parseBudgets, type BudgetsByScope } from './budget-limits';
import { reserve, type BudgetDecision, type BudgetRequest } from './reserve';
import { settle, type BudgetSettlement } from './settle';

/** What one worker asks and reports at the same time. */
export interface BudgetBatch {
  /** What its policy says, for scopes that nobody has set anything for. @default nothing */
  declared?: BudgetsByScope;
  reserve: BudgetRequest[];
  settle: BudgetSettlement[];
}

/** Longer lists are cut into several batches by the worker. */
export const MOST_IN_BATCH = 200;

/** Settles first, so that what is given back can be reserved at once; in the order given. */
export function applyBudgetBatch(state: BudgetState, batch: BudgetBatch, nowMs: number): BudgetDecision[] {
  declareBudgets(state, batch.declared ?? {});
  for (const settlement of batch.settle) settle(state, settlement, nowMs);
  return batch.reserve.map((request) => reserve(state, request, nowMs));
}

/**
 * Checks what came by Update, by hand, because this runs in the workflow sandbox.
 *
 * @throws TypeError, or InvalidBudgetError for what the policy declares
 */
export function parseBudgetBatch(input: unknown): BudgetBatch {
  if (!isRecord(input)) throw new TypeError('expected { reserve: [...], settle: [...] }');
  const { reserve: requests = [], settle: settlements = [], declared = {} } = input;
  if (!isListOf<BudgetRequest>(requests, isRequest)) {
    throw new TypeError(`reserve: expected at most ${MOST_IN_BATCH} of { id, pipeline, tenant?, amountUsd, leaseMs }`);
  }
  if (!isListOf<BudgetSettlement>(settlements, isSettlement)) {
    throw new TypeError(`settle: expected at most ${MOST_IN_BATCH} of { id, pipeline, tenant?, costUsd }`);
  }
  if (!isRecord(declared)) throw new TypeError('declared: expected budgets by scope');
  return { reserve: requests, settle: settlements, declared: parseBudgets(declared) };
}

function isRequest(input: Record<string, unknown>): boolean {
  return isSpender(input) && typeof input['amountUsd'] === 'string' && typeof input['leaseMs'] === 'number';
}

function isSettlement(input: Record<string, unknown>): boolean {
  return isSpender(input) && typeof input['costUsd'] === 'string';
}

function isSpender({ id, pipeline, tenant }: Record<string, unknown>): boolean {
  const isNamed = typeof id === 'string' && id !== '' && typeof pipeline === 'string';
  return isNamed && (tenant === undefined || typeof tenant === 'string');
}

function isListOf<T>(input: unknown, isOne: (entry: Record<string, unknown>) => boolean): input is T[] {
  return Array.isArray(input) && input.length <= MOST_IN_BATCH && input.every((each) => isRecord(each) && isOne(each));
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
