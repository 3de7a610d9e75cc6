import { TOKEN_KINDS } from './token-statistics';
import type { TokenCounts } from '../decision/tokens';
import type { UsageRecord } from '../ledger/usage';

/** One request of a late bill, so that it can be found on the provider's own bill. */
export type LateRequest = Omit<UsageRecord, 'rates' | 'attempt'>;

const LISTED = 20;
const LONGEST_ID = 200;

/** The first 20 requests of a bill, as far as they are what they should be: anybody may signal anything. */
export function lateRequests(usage: readonly UsageRecord[]): LateRequest[] {
  return usage.slice(0, LISTED).flatMap((record) => {
    const { requestId, clientRequestId, model, tokens, costUsd, estimated, lost } = record;
    if (!isId(requestId) || !isId(model) || !isRecord(tokens)) return [];
    return [
      {
        requestId,
        model,
        tokens: countsOf(tokens),
        costUsd,
        estimated,
        ...(isId(clientRequestId) && clientRequestId !== requestId && { clientRequestId }),
        ...(lost === true && { lost }),
      },
    ];
  });
}

function countsOf(tokens: TokenCounts): TokenCounts {
  const counts: TokenCounts = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  for (const kind of TOKEN_KINDS) if (typeof tokens[kind] === 'number') counts[kind] = tokens[kind];
  return counts;
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_ID;
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
