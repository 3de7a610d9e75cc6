import type { StageStore } from '../stages/stage-store';
import type { OperationPolicy } from './operation-policy';
import { PolicyError } from './policy-error';

/**
 * What a policy as a whole must keep to, beyond what `defineStage` has checked.
 *
 * @throws PolicyError
 */
export function checkStages(operations: ReadonlyMap<string, OperationPolicy>): void {
  const stores = new Map<string, { store: StageStore; activityType: string }>();
  for (const { activityType, effect, stage } of operations.values()) {
    if (stage === null) continue;
    const field = `activities.${activityType}`;
    if (effect !== 'staged') {
      const remedy = `Declare effect: 'staged', or leave the stage out.`;
      throw new PolicyError('POLICY_STAGE_NOT_STAGED', `${field}.effect`, effect, remedy, 'has a stage beside it');
    }
    const { store } = stage;
    const namesake = stores.get(store.name);
    if (namesake !== undefined && namesake.store !== store) {
      const remedy = 'Give each store a name of its own, or use the same store object in both.';
      const problem = `is also the name of another store, that of ${namesake.activityType}`;
      throw new PolicyError('POLICY_STORE_NAME_TAKEN', `${field}.stage.store.name`, store.name, remedy, problem);
    }
    stores.set(store.name, { store, activityType });
  }
}
