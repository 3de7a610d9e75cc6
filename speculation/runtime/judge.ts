import { TimeoutFailure, ActivityFailure } from '@temporalio/common';
import { ActivityCancellationType, isCancellation, proxyLocalActivities, scheduleActivity } from '@temporalio/workflow';
import { fitsBudget } from '../decision/budget';
import { canonicalJson, clonePlain } from '../forecast/canonical-json';
import { unwrapFailure, unwrapResult } from './bill';
import {
  EQUIVALENT_ACTIVITY,
  type EquivalenceAnswer,
  type EquivalenceRequest,
  JUDGE_PREFIX,
  JUDGE_TIMEOUT_MS,
} from './equivalence-protocol';
import type { Hypothesis } from './hypothesis';
import type { Pipeline } from './pipeline';
import { within } from './run';
import { cancellableWithin } from './scope';

interface Comparisons {
  [EQUIVALENT_ACTIVITY](request: EquivalenceRequest): Promise<EquivalenceAnswer>;
}

// A local activity holds back its whole workflow task: a function that compares may read memory only.
const memory = proxyLocalActivities<Comparisons>({ scheduleToCloseTimeout: '1s', retry: { maximumAttempts: 1 } });

/** Has a forecast that was not exactly right compared with the real output, once. */
export function judge(pipeline: Pipeline, hypothesis: Hypothesis): void {
  if (hypothesis.judgement !== 'none') return;
  hypothesis.judgement = 'pending';
  const { activityType, outcome } = hypothesis.operation;
  if (outcome.state !== 'resolved') throw new Error(`${activityType} has no output to compare a forecast with`);
  const request: EquivalenceRequest = {
    pipeline: pipeline.type,
    activityType,
    forecast: hypothesis.forecast.value,
    actual: clonePlain(outcome.value),
  };
  const conclude = (equivalent: boolean): void => {
    hypothesis.judgement = equivalent ? 'equivalent' : 'different';
    pipeline.dirty = true;
  };
  const { verdicts } = pipeline.equivalence;
  const pair = canonicalJson([activityType, request.forecast, request.actual]);
  // Who cannot tell has not found them equivalent, and the call is made as if nothing had been launched.
  const verdict = verdicts.get(pair) ?? compare(pipeline, hypothesis, request).catch(() => false);
  verdicts.set(pair, verdict);
  void verdict.then(conclude);
}

async function compare(pipeline: Pipeline, { operation }: Hypothesis, request: EquivalenceRequest): Promise<boolean> {
  if (operation.briefing?.equivalence === 'function') {
    const read = (): Promise<EquivalenceAnswer> => memory[EQUIVALENT_ACTIVITY](request);
    return isEquivalent(await pipeline.shield.run(() => within(pipeline.engine, read)));
  }
  return compareEmbeddings(pipeline, request, operation.briefing?.equivalenceMostUsd ?? 0);
}

/** Embeddings are money and take a while, so they are an ordinary activity, with books of its own. */
async function compareEmbeddings(pipeline: Pipeline, request: EquivalenceRequest, mostUsd: number): Promise<boolean> {
  const { spentUsd, reservedUsd } = pipeline.books.spending();
  if (!fitsBudget(spentUsd, reservedUsd, mostUsd, pipeline.knob.budgetUsd)) return false;
  const activityId = `${JUDGE_PREFIX}${pipeline.nextLaunch()}`;
  const scope = cancellableWithin(pipeline.shield);
  pipeline.equivalence.judges.add(scope);
  pipeline.books.ledger.open({
    id: activityId,
    operation: EQUIVALENT_ACTIVITY,
    kind: 'judge',
    edge: null,
    reservedUsd: String(mostUsd),
    atMs: pipeline.nowMs,
  });
  try {
    const call = (): Promise<unknown> =>
      scheduleActivity(EQUIVALENT_ACTIVITY, [request], {
        activityId,
        summary: `compares a forecast of ${request.activityType} with its output`.slice(0, 200),
        scheduleToCloseTimeout: JUDGE_TIMEOUT_MS,
        retry: { maximumAttempts: 1 },
        cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      });
    const { value, usage } = unwrapResult(await scope.run(() => within(pipeline.engine, call)));
    pipeline.books.settle(activityId, 'committed', usage);
    return isEquivalent(value);
  } catch (error) {
    // Given up, not ended: its worker reports what it consumed, and the control workflow books it.
    if (timedOut(error)) pipeline.books.leave([activityId]);
    else pipeline.books.settle(activityId, isCancellation(error) ? 'cancelled' : 'failed', unwrapFailure(error));
    return false;
  } finally {
    pipeline.equivalence.judges.delete(scope);
  }
}

function isEquivalent(answer: unknown): boolean {
  return (answer as Partial<EquivalenceAnswer> | null | undefined)?.equivalent === true;
}

function timedOut(error: unknown): boolean {
  return error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;
}
