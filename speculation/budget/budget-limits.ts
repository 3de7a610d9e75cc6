import { plainDecimal } from '../decision/decimal-text';
import { ownEntry } from '../forecast/own-entry';
import { EACH_TENANT, parseScope, scopesOf, type Spender } from './budget-scope';
import { InvalidBudgetError } from './invalid-budget-error';

/** What may be spent on launches and drafts under one scope. */
export interface BudgetLimits {
  /** US dollars a UTC day, a plain decimal; null is unbounded. */
  usdPerDay: string | null;
  /** Launches and drafts that may run at the same time; null is unbounded. */
  concurrentLaunches: number | null;
}

/** The fields that are set; for a tenant the others are those of `tenant:*`. */
export type BudgetChange = Partial<BudgetLimits>;

/** What was set, by scope. */
export type BudgetsByScope = Record<string, BudgetChange>;

/** A scope and what is in force for it. */
export interface ScopedLimits extends BudgetLimits {
  scope: string;
}

const MAX_DECIMALS = 12;
const MOST_USD = 1e12;
const MOST_LAUNCHES = 1_000_000;
const KNOWN_FIELDS = 'scope, usdPerDay, concurrentLaunches';
const EXAMPLE = `send an object such as {"scope": "tenant:acme", "usdPerDay": "5"}; known fields: ${KNOWN_FIELDS}`;

/** The budgets that are in force for a spender; empty when it may spend as it likes. */
export function limitsOver(budgets: BudgetsByScope, spender: Spender): ScopedLimits[] {
  if (Object.keys(budgets).length === 0) return [];
  return scopesOf(spender)
    .map((scope) => ({ scope, ...limitsOf(budgets, scope) }))
    .filter(({ usdPerDay, concurrentLaunches }) => usdPerDay !== null || concurrentLaunches !== null);
}

/** What is in force for one scope: what was set for it, and for a tenant what each tenant has below that. */
export function limitsOf(budgets: BudgetsByScope, scope: string): BudgetLimits {
  const shared = scope.startsWith('tenant:') ? ownEntry(budgets, EACH_TENANT) : undefined;
  return { usdPerDay: null, concurrentLaunches: null, ...shared, ...ownEntry(budgets, scope) };
}

/**
 * Checks a change of a budget that came from outside: an Update, a command line, a policy.
 *
 * @throws InvalidBudgetError for anything but a scope with at least one known field and a usable value
 */
export function parseBudgetRequest(input: unknown): { scope: string; change: BudgetChange } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new InvalidBudgetError('the change', input, EXAMPLE);
  }
  const { scope: givenScope, ...fields } = input as Record<string, unknown>;
  const scope = parseScope(givenScope);
  const change: BudgetChange = {};
  for (const [field, value] of Object.entries(fields)) {
    switch (field) {
      case 'usdPerDay':
        change.usdPerDay = parseUsd(value);
        break;
      case 'concurrentLaunches':
        change.concurrentLaunches = parseLaunches(value);
        break;
      default:
        throw new InvalidBudgetError(field, value, `there is no such field; known fields: ${KNOWN_FIELDS}`);
    }
  }
  if (Object.keys(change).length === 0) throw new InvalidBudgetError('the change', input, EXAMPLE);
  return { scope, change };
}

/**
 * Checks budgets by scope, as a policy declares them.
 *
 * @throws InvalidBudgetError
 */
export function parseBudgets(input: Readonly<Record<string, unknown>>): BudgetsByScope {
  const parsed = Object.entries(input).map(([scope, fields]) => {
    if (typeof fields !== 'object' || fields === null) throw new InvalidBudgetError(scope, fields, EXAMPLE);
    return parseBudgetRequest({ ...fields, scope });
  });
  return Object.fromEntries(parsed.map(({ scope, change }) => [scope, change]));
}

function parseUsd(value: unknown): string | null {
  if (value === null) return null;
  const usd = typeof value === 'number' || typeof value === 'string' ? plainDecimal(value) : null;
  if (usd === null || Number(usd) > MOST_USD) {
    throw new InvalidBudgetError(
      'usdPerDay',
      value,
      'use US dollars of at least 0, such as "2.50", or null for no bound',
    );
  }
  if ((usd.split('.')[1]?.length ?? 0) > MAX_DECIMALS) {
    throw new InvalidBudgetError('usdPerDay', value, `use at most ${MAX_DECIMALS} decimals`);
  }
  return usd;
}

function parseLaunches(value: unknown): number | null {
  if (value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_LAUNCHES) return value;
  throw new InvalidBudgetError(
    'concurrentLaunches',
    value,
    `use a whole number from 0 to ${MOST_LAUNCHES}, or null for no bound`,
  );
}
