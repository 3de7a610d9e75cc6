import { shortHash } from '../estimate/short-hash';
import { InvalidBudgetError } from './invalid-budget-error';

/** Whose spending it is. */
export interface Spender {
  /** Workflow type. */
  pipeline: string;
  /** @default nobody's in particular; budgets of tenants then do not apply */
  tenant?: string;
}

/** Every pipeline of the namespace. */
export const EVERYTHING = '*';
/** What each tenant has that has no budget of its own. */
export const EACH_TENANT = 'tenant:*';
/** One pot for all tenants beyond the number that is kept apart on one day. */
export const OTHER_TENANTS = 'tenant:(others)';

const MAX_GIVEN_NAME = 200;
const MAX_KEPT_NAME = 48;
const FORMS =
  'use "*" for everything, "pipeline:<workflow type>", "tenant:<name>", or "tenant:*" for each tenant without a budget of its own';

/** The budgets that some spending counts against, widest first. */
export function scopesOf({ pipeline, tenant }: Spender): string[] {
  const scopes = [EVERYTHING, `pipeline:${keptName(pipeline)}`];
  if (tenant !== undefined && tenant !== '') scopes.push(`tenant:${keptName(tenant)}`);
  return scopes;
}

/**
 * Checks a scope that came from outside, and writes it as it is kept.
 *
 * @throws InvalidBudgetError
 */
export function parseScope(input: unknown): string {
  if (input === EVERYTHING || input === EACH_TENANT) return input;
  const [, kind, name] = (typeof input === 'string' && /^(pipeline|tenant):(.+)$/u.exec(input)) || [];
  if (kind === undefined || name === undefined || name !== name.trim() || name.length > MAX_GIVEN_NAME) {
    throw new InvalidBudgetError('scope', input, FORMS);
  }
  if (kind === 'pipeline' && name === '*') {
    throw new InvalidBudgetError('scope', input, `there is no budget of each pipeline; ${FORMS}`);
  }
  return `${kind}:${keptName(name)}`;
}

/** Names come from outside, and thousands of them have to fit into one payload. */
function keptName(name: string): string {
  return name.length <= MAX_KEPT_NAME ? name : `${name.slice(0, MAX_KEPT_NAME - 12)}~${shortHash(name)}`;
}
