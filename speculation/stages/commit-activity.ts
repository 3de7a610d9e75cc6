import { ApplicationFailure, Context } from '@temporalio/activity';
import { STAGE_GONE, type StageReference } from '../runtime/protocol';
import type { StageDefinition } from './stage-definition';
import { commitStage } from './staged-activity';

/** Beats so often within its time-out. */
const BEATS_PER_TIMEOUT = 4;

/** Makes visible what a launch has prepared, after its claim. Succeeds as often as it is asked, and commits once. */
export function commitActivity(options: {
  definitions: ReadonlyMap<string, StageDefinition>;
  /** Called after a commit: there may be messages to deliver. */
  committed: (definition: StageDefinition) => void;
}): (reference: StageReference) => Promise<void> {
  return async ({ activityType, id }) => {
    const definition = options.definitions.get(activityType);
    if (definition === undefined) {
      throw ApplicationFailure.retryable(
        `The policy of this worker has no stage for ${activityType}. Give all workers of a task queue the same policy.`,
        'RunaheadStageUnknown',
      );
    }
    const outcome = await beating(() => commitStage(definition, id));
    if (outcome === 'gone') {
      throw ApplicationFailure.nonRetryable(`The stage ${id} of ${activityType} was discarded before.`, STAGE_GONE);
    }
    if (outcome === 'committed') options.committed(definition);
  };
}

/** It is scheduled with the options of the call that it stands for, so it may have a heartbeat time-out. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs === 0) return work();
  const beat = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / BEATS_PER_TIMEOUT);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
