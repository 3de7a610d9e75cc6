import { ANY_RESOURCE, type Billed } from '../runtime/protocol';
import type { OperationPolicy } from './operation-policy';
import type { WarnOnce } from './warn-once';

/**
 * What a call has read and written, as its owner declares it from the arguments. A declaration that fails counts as one of everything:
 * nothing stale must be served because of it.
 */
export function touchedResources(
  operation: OperationPolicy | null,
  args: readonly unknown[],
  warnOnce: WarnOnce,
): Pick<Billed, 'reads' | 'writes'> {
  if (operation === null) return {};
  const { activityType, reads, writes } = operation;
  const read = named(`activities.${activityType}.reads`, reads, args, warnOnce);
  const written = named(`activities.${activityType}.writes`, writes, args, warnOnce);
  // An operation that writes says so also where a call of it has written nothing: silence counts as anything.
  return { ...(read.length > 0 && { reads: read }), ...(writes !== null && { writes: written }) };
}

function named(
  field: string,
  declared: OperationPolicy['reads'],
  args: readonly unknown[],
  warnOnce: WarnOnce,
): string[] {
  if (declared === null) return [];
  let problem: string;
  try {
    const resources: unknown = declared(...args);
    if (Array.isArray(resources) && resources.every((each) => typeof each === 'string')) return resources;
    problem = 'is no list of names';
  } catch (error) {
    problem = `failed: ${String(error)}`;
  }
  warnOnce(
    `resources:${field}`,
    `${field} ${problem}. Until it answers with names, the call counts as touching everything.`,
  );
  return [ANY_RESOURCE];
}
