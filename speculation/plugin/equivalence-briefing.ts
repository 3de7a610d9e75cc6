import type { Briefing, DownstreamBriefing } from '../forecast/briefing';
import { acceptsEquivalentOf } from './equivalence-policy';
import type { OperationPolicy } from './operation-policy';
import type { Policy } from './policy-file';

/** How outputs of an operation are compared; nothing where nobody accepts equivalent ones, as it is stored in every history. */
export function equivalenceBriefing(
  upstream: string,
  { operations }: Policy,
): Pick<Briefing, 'equivalence' | 'equivalenceMostUsd'> {
  const equivalence = operations.get(upstream)?.equivalence ?? null;
  if (equivalence === null) return {};
  if (![...operations.values()].some((operation) => acceptsEquivalentOf(operation, upstream))) return {};
  // Both are quick and free.
  if (equivalence.kind !== 'embedding') return { equivalence: 'function' };
  return {
    equivalence: 'embedding',
    ...(equivalence.mostUsd === 0 ? {} : { equivalenceMostUsd: equivalence.mostUsd }),
  };
}

/** Whether the edge from an operation to this one accepts equivalent forecasts; said only if so. */
export function acceptanceBriefing(
  upstream: string,
  operation: OperationPolicy,
  { operations }: Policy,
): Pick<DownstreamBriefing, 'acceptsEquivalent'> {
  const comparable = (operations.get(upstream)?.equivalence ?? null) !== null;
  return comparable && acceptsEquivalentOf(operation, upstream) ? { acceptsEquivalent: true } : {};
}
