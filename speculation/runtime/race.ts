import {
  ActivityCancellationType,
  type ActivityInput,
  CancellationScope,
  isCancellation,
  type Next,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { checkAdmissible } from '../decision/admissibility';
import { fitsBudget } from '../decision/budget';
import { speculativeCostUsd } from '../decision/speculative-cost';
import { launchPolicy } from '../policies/by-name';
import { unwrapFailure, unwrapResult } from './bill';
import { cancelledActivity } from './cancelled-activity';
import { declaredOf } from './decision-inputs';
import { scheduleEarly } from './early-call';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { COPY_PREFIX } from './protocol';
import { within } from './run';
import { cancellableWithin } from './scope';

/** A call that runs in several copies side by side; the first answer counts and the others are cancelled. */
export class Race {
  /** By activity id. */
  readonly copies = new Map<string, CancellationScope>();
  /** The copy whose answer counts; null as long as none has answered first. */
  winner: string | null = null;
  over = false;
  /** Settles with the answer of the first copy that has one, if the call itself has not answered before. */
  readonly won: Promise<unknown>;
  #win: (result: unknown) => void = () => undefined;

  constructor() {
    this.won = new Promise((resolve) => (this.#win = resolve));
  }

  /** @returns whether this answer is the one that counts */
  finish(activityId: string, result: unknown): boolean {
    if (this.over) return false;
    this.over = true;
    this.winner = activityId;
    this.#win(result);
    return true;
  }
}

type Schedule = Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>;

/** How many copies of a call the policy in force wants beside the call itself. */
export function copiesBeside(pipeline: Pipeline): number {
  if (!pipeline.speculating || !pipeline.knob.enabled) return 0;
  return (launchPolicy(pipeline.policyName).copies ?? 1) - 1;
}

/**
 * Makes a call of which copies may be started, see `startCopies`.
 *
 * @param activityId of the call itself, whose entry is settled here if a copy is faster
 */
export function callRaced(
  pipeline: Pipeline,
  race: Race,
  activityId: string,
  input: ActivityInput,
  next: Schedule,
): Promise<unknown> {
  const { options, activityType } = input;
  const around = CancellationScope.current();
  const scope = new CancellationScope();
  // Whoever is slower is waited for in the background, because it says what it has consumed.
  const waiting = { ...options, cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED };
  const call = scope.run(() => next({ ...input, options: waiting }));
  const first = Promise.race([call, race.won, leftAtOnce()]).finally(() => {
    race.over = true;
    for (const [copyId, copy] of race.copies) if (copyId !== race.winner) copy.cancel();
    if (race.winner !== null) scope.cancel();
  });
  const settleSlower = (result: { usage: ReturnType<typeof unwrapFailure> }): void => {
    if (race.winner !== null) pipeline.books.settle(activityId, 'cancelled', result.usage);
  };
  call.then(
    (result) => settleSlower(unwrapResult(result)),
    (error: unknown) => {
      if (race.winner !== null) settleSlower({ usage: unwrapFailure(error, pipeline.settings?.free) });
    },
  );
  return first;

  /** As the SDK does for a caller that does not wait for the end of what it has cancelled. */
  async function leftAtOnce(): Promise<never> {
    if (options.cancellationType === ActivityCancellationType.WAIT_CANCELLATION_COMPLETED || !around.cancellable) {
      return new Promise(() => undefined);
    }
    try {
      return await around.cancelRequested;
    } catch (error) {
      throw cancelledActivity(activityType, activityId, error);
    }
  }
}

/** Starts the copies of a call of which enough is known now. Part of the engine. */
export function startCopies(pipeline: Pipeline, operation: Operation): void {
  const { race, briefing, activityType, args, options } = operation;
  const own = briefing?.downstream[activityType];
  if (race === null || race.over || own === undefined || !checkAdmissible(declaredOf(own)).admissible) return;
  const mostUsd = own.mostUsd ?? speculativeCostUsd(own.cost);
  for (let left = copiesBeside(pipeline) - race.copies.size; left > 0; left -= 1) {
    const { spentUsd, reservedUsd } = pipeline.books.spending();
    if (!fitsBudget(spentUsd, reservedUsd, mostUsd, pipeline.knob.budgetUsd)) return;
    const activityId = `${COPY_PREFIX}${pipeline.nextLaunch()}`;
    const scope = cancellableWithin(pipeline.shield);
    race.copies.set(activityId, scope);
    pipeline.books.ledger.open({
      id: activityId,
      operation: activityType,
      kind: 'copy',
      edge: null,
      reservedUsd: String(mostUsd),
      atMs: pipeline.nowMs,
    });
    const summary = `a copy of ${activityType}: the first answer counts`;
    void scheduleEarly(pipeline, {
      activityId,
      activityType,
      args,
      options,
      scope,
      upstream: activityType,
      summary,
    }).then(
      (result) =>
        within(pipeline.engine, () => {
          const outcome = race.finish(activityId, result) ? 'committed' : 'cancelled';
          pipeline.books.settle(activityId, outcome, unwrapResult(result).usage);
        }),
      (error: unknown) =>
        within(pipeline.engine, () => {
          const usage = unwrapFailure(error, pipeline.settings?.free);
          pipeline.books.settle(activityId, isCancellation(error) ? 'cancelled' : 'failed', usage);
        }),
    );
  }
}
