import { ActivityCancellationType, type ActivityInput, CancellationScope } from '@temporalio/workflow';
import { clonePlain } from '../forecast/canonical-json';
import { cancelledActivity } from './cancelled-activity';
import type { Launch } from './launch';
import { Operation } from './operation';
import type { Pipeline } from './pipeline';
import type { StageReference } from './protocol';
import { commitStage } from './stage';

/** What a claim gives: the value, or the news that the launch failed and the call has to be made after all. */
export type Claimed = { served: true; value: unknown } | { served: false };

/**
 * The authoritative run asks for a call that was launched. From here on the call is its own: the scope it is claimed from
 * cancels it, with the cancellation type that the caller chose.
 */
export async function claim(pipeline: Pipeline, launch: Launch, input: ActivityInput): Promise<Claimed> {
  const { options } = input;
  launch.claimed = true;
  launch.writesUntil = pipeline.written.clock;
  pipeline.launches.delete(launch.identity);
  // What was claimed for another call is not what the authoritative run has made.
  if (launch.standsFor === null) pipeline.journal.set(launch.identity, launch);
  else pipeline.equivalence.standIns.set(launch.identity, launch);
  pipeline.books.claim(launch.activityId, launch.standsFor !== null);

  const cancelledByCaller = obeyScope(launch, options.cancellationType);
  try {
    await Promise.race([launch.settled, cancelledByCaller.rejected]);
  } catch (error) {
    leave(pipeline, launch, input, error);
    throw error;
  }
  const { outcome } = launch;
  if (outcome.state === 'resolved') {
    if (launch.stage !== null && !(await committed(pipeline, launch, launch.stage, input))) return { served: false };
    pipeline.written.wrote(launch.writes);
    return { served: true, value: clonePlain(outcome.value) };
  }
  if (outcome.state === 'rejected' && cancelledByCaller.asked()) throw outcome.error;
  return { served: false };
}

/** The call ends for the pipeline as one that was cancelled, whatever becomes of the launch. */
function leave(
  pipeline: Pipeline,
  launch: Launch,
  { activityType, args, options }: ActivityInput,
  error: unknown,
): void {
  launch.left = true;
  const seen = new Operation(launch.identity, activityType, args, launch.startedAtMs, 0, options);
  seen.reject(error, pipeline.nowMs);
  if (launch.standsFor === null) pipeline.journal.set(launch.identity, seen);
}

/** Meanwhile the authoritative run has not come as far as its hypotheses: what builds on them is still wanted. */
async function committed(
  pipeline: Pipeline,
  launch: Launch,
  stage: StageReference,
  input: ActivityInput,
): Promise<boolean> {
  pipeline.commitsUnderWay += 1;
  try {
    return await commitStage(pipeline, launch, stage, input);
  } finally {
    pipeline.commitsUnderWay -= 1;
    pipeline.dirty = true;
  }
}

/** Mirrors what the SDK does for an activity whose scope is cancelled. */
function obeyScope(launch: Launch, cancellationType: ActivityInput['options']['cancellationType']): ScopeWatch {
  const scope = CancellationScope.current();
  let asked = false;
  const rejected = new Promise<never>((_, reject) => {
    if (!scope.cancellable) return;
    scope.cancelRequested.catch((error: unknown) => {
      if (!launch.pending) return;
      asked = true;
      if (cancellationType !== ActivityCancellationType.ABANDON) launch.scope.cancel();
      const waits = cancellationType === ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;
      if (!waits) reject(cancelledActivity(launch.activityType, launch.activityId, error));
    });
  });
  rejected.catch(() => undefined);
  return { rejected, asked: () => asked };
}

interface ScopeWatch {
  rejected: Promise<never>;
  asked: () => boolean;
}
