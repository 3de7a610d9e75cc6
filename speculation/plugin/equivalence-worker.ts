import type { WorkerOptions } from '@temporalio/worker';
import { checkLocalModel } from './embedder-local';
import { equivalenceActivities } from './equivalence-activity';
import type { Policy } from './policy-file';
import type { WarnOnce } from './warn-once';

/**
 * What a worker must run so that pipelines can have outputs compared; nothing where the policy declares no equivalence.
 *
 * @throws EmbeddingModelMissingError when the policy compares on this machine and the model is not installed
 */
export function comparisonActivities(
  policy: Policy | null,
  warnOnce: WarnOnce,
): NonNullable<WorkerOptions['activities']> {
  const equivalences = [...(policy?.operations.values() ?? [])].flatMap(({ equivalence }) => equivalence ?? []);
  if (policy === null || equivalences.length === 0) return {};
  if (equivalences.some((each) => each.kind === 'embedding' && each.embed.kind === 'local')) checkLocalModel();
  return { ...equivalenceActivities(policy, warnOnce) };
}
