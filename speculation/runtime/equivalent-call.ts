import { type ActivityInput, CancellationScope } from '@temporalio/workflow';
import { cancelledActivity } from './cancelled-activity';
import { claim, type Claimed } from './claim';
import type { EquivalentClaim } from './equivalent-claim';
import type { Launch } from './launch';
import { lookUp } from './look-up';
import { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { discard } from './reaper';
import { settleHypotheses } from './settle-hypotheses';

/** Waits until it is known whether an equivalent launch may take the place of a call, and claims it if so. */
export async function callEquivalent(
  pipeline: Pipeline,
  waiting: EquivalentClaim,
  input: ActivityInput,
): Promise<Claimed> {
  const scope = CancellationScope.current();
  if (scope.cancellable) {
    scope.cancelRequested.catch(() => {
      if (waiting.state === 'answered') return;
      pipeline.equivalence.remove(waiting);
      waiting.answer(null);
    });
  }
  const launch = await waiting.answered;
  if (launch?.claimable === true && pipeline.written.makeStale(launch)) discard(pipeline, launch);
  if (launch?.claimable === true) return claimAs(pipeline, launch, waiting.identity, input);
  if (scope.consideredCancelled) throw giveUp(pipeline, waiting.identity, input);
  return { served: false };
}

/** The launch was made with other arguments, so from here on an operation with those of the call stands for it. */
async function claimAs(pipeline: Pipeline, launch: Launch, identity: string, input: ActivityInput): Promise<Claimed> {
  const operation = new Operation(identity, input.activityType, input.args, launch.startedAtMs, 0, input.options);
  launch.standsFor = operation;
  pipeline.journal.set(identity, operation);
  const claiming = claim(pipeline, launch, input);
  if (launch.pending) lookUp(pipeline, operation);
  try {
    const claimed = await claiming;
    if (claimed.served) operation.resolve(claimed.value, pipeline.nowMs);
    else operation.reject(new Error('the launch that stood for it failed'), pipeline.nowMs);
    return claimed;
  } catch (error) {
    operation.reject(error, pipeline.nowMs);
    throw error;
  } finally {
    settleHypotheses(pipeline, operation);
  }
}

/** The call was never made, and its scope is cancelled: it ends as one that was. */
function giveUp(pipeline: Pipeline, identity: string, input: ActivityInput): Error {
  const { seq, activityType, args, options } = input;
  const error = cancelledActivity(activityType, options.activityId ?? String(seq));
  const operation = new Operation(identity, activityType, args, pipeline.nowMs, 0, options);
  pipeline.journal.set(identity, operation);
  operation.reject(error, pipeline.nowMs);
  return error;
}
