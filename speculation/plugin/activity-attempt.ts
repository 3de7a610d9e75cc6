import type { Info } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import type { TokenCounts } from '../decision/tokens';
import type { OperationBill, OperationObservation } from '../estimate/observation';
import { TOKEN_KINDS } from '../estimate/token-statistics';
import { canonicalJson } from '../forecast/canonical-json';
import { sumUsd } from '../ledger/price-usage';
import type { UsageRecord } from '../ledger/usage';
import type { OperationPolicy } from './operation-policy';

/** Longer outputs are not filed for `history`: the control plane keeps what is filed in its memory. */
const MAX_FILED_LENGTH = 8_192;

/** What an activity attempt teaches about its operation. */
export function operationObservation(attempt: {
  info: Info;
  pipeline: string;
  operation: OperationPolicy;
  args: readonly unknown[];
  outcome: { succeeded: true; value: unknown } | { succeeded: false };
  latencySeconds: number;
  /** Bills of this attempt alone. */
  usage: readonly UsageRecord[];
}): OperationObservation {
  const { info, operation, outcome, usage } = attempt;
  const filed = outcome.succeeded ? filedOutput(operation, attempt.args, outcome.value) : null;
  const calls = usage.filter(({ model }) => model !== 'fixed');
  const [only] = calls;
  return {
    kind: 'operation',
    id: `${runIdOf(info)}/${info.activityId}/${info.attempt}`,
    pipeline: attempt.pipeline,
    operation: operation.activityType,
    contextKey: filed?.contextKey ?? null,
    output: filed?.output ?? null,
    latencySeconds: attempt.latencySeconds,
    tokens: tokensOf(calls),
    costUsd: sumUsd(usage.map(({ costUsd }) => costUsd)),
    succeeded: outcome.succeeded,
    ...(only !== undefined && calls.length === 1 ? { model: only.model } : {}),
  };
}

/** The bill of an operation, all attempts together. */
export function operationBill(info: Info, usage: UsageRecord[], workflowGone: boolean): OperationBill {
  return {
    kind: 'bill',
    // Each attempt reports what all of them have cost so far.
    id: `${runIdOf(info)}/${info.activityId}/${info.attempt}/bill`,
    workflowId: info.workflowExecution?.workflowId ?? '',
    runId: runIdOf(info),
    activityId: info.activityId,
    operation: info.activityType,
    usage,
    workflowGone,
  };
}

/** Whether the server will probably run another attempt, which then carries the bills of this one. */
export function willBeRetried({ attempt, retryPolicy }: Info, failure: ApplicationFailure): boolean {
  if (failure.nonRetryable === true) return false;
  if (retryPolicy?.nonRetryableErrorTypes?.includes(failure.type ?? '') === true) return false;
  const { maximumAttempts = 0 } = retryPolicy ?? {};
  return maximumAttempts === 0 || attempt < maximumAttempts;
}

function runIdOf(info: Info): string {
  return info.workflowExecution?.runId ?? info.activityRunId ?? '';
}

function filedOutput(
  operation: OperationPolicy,
  args: readonly unknown[],
  value: unknown,
): { contextKey: string; output: unknown } | null {
  if (operation.contextKey === null) return null;
  try {
    const text = canonicalJson(value);
    // An output that JSON cannot say, such as undefined or bytes, cannot be handed to a fiber either.
    if (text.length > MAX_FILED_LENGTH || text !== canonicalJson(JSON.parse(text))) return null;
    return { contextKey: operation.contextKey(...args), output: value };
  } catch {
    return null;
  }
}

function tokensOf(calls: readonly UsageRecord[]): TokenCounts | null {
  if (calls.length === 0) return null;
  const sum: TokenCounts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  for (const { tokens } of calls) {
    for (const kind of TOKEN_KINDS) {
      // Counts that a provider does not report stay absent.
      const count = tokens[kind];
      if (count !== undefined) sum[kind] = (sum[kind] ?? 0) + count;
    }
  }
  return sum;
}
