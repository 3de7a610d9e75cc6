import { type CancellationScope, isCancellation } from '@temporalio/workflow';
import { type AskDecision, decideAsk } from '../decision/ask-draft';
import { speculativeCostUsd } from '../decision/speculative-cost';
import { forecastProbability } from '../estimate/beta-posterior';
import { expectedOverlapSeconds, remainingSeconds } from '../estimate/overlap';
import type { Briefing, DraftBriefing } from '../forecast/briefing';
import { readGuesses } from '../forecast/draft-guess';
import type { Forecast } from '../forecast/forecast';
import { sumUsd } from '../ledger/price-usage';
import { unwrapFailure, unwrapResult } from './bill';
import { scheduleEarly } from './early-call';
import { placesLeft } from './fork';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { DRAFT_PREFIX } from './protocol';
import { cancellableWithin } from './scope';

/** A cheaper activity that is guessing the output of an operation. */
export interface Draft {
  activityId: string;
  scope: CancellationScope;
}

/** An answer of a drafter, which the engine follows when the pipeline is at rest. */
export interface DraftedForecast {
  operation: Operation;
  forecast: Forecast;
}

/** Asks the drafter if its answer can be expected to be worth its price, and follows what it says. */
export async function considerDraft(pipeline: Pipeline, operation: Operation, draft: DraftBriefing): Promise<void> {
  const decision = decideAsk({
    id: pipeline.nextDecision(),
    atMs: pipeline.nowMs,
    pipeline: pipeline.type,
    phase: 'ask',
    upstream: operation.activityType,
    draft: draft.activityType,
    draftCostUsd: draft.expectedCostUsd,
    mostUsd: draft.mostUsd,
    candidates: candidates(operation, draft, pipeline.nowMs),
    knob: pipeline.knob,
    ...pipeline.books.spending(),
    sharedBudget: operation.briefing?.sharedBudget,
    ...(pipeline.settings?.drafting === 'by-policy' && {
      policyName: pipeline.policyName,
      places: placesLeft(pipeline, operation),
    }),
  });
  if (decision.decision === 'skip') {
    pipeline.books.decisions.log(decision);
    return;
  }

  const activityId = `${DRAFT_PREFIX}${pipeline.nextLaunch()}`;
  pipeline.books.decisions.log(decision, { activityId });
  const scope = cancellableWithin(pipeline.shield);
  pipeline.drafts.set(operation, { activityId, scope });
  pipeline.books.ledger.open({
    id: activityId,
    operation: draft.activityType,
    kind: 'draft',
    edge: null,
    reservedUsd: String(draft.mostUsd ?? draft.expectedCostUsd),
    atMs: pipeline.nowMs,
  });
  const call = scheduleEarly(pipeline, {
    activityId,
    activityType: draft.activityType,
    args: operation.args,
    options: operation.options,
    scope,
    upstream: operation.activityType,
    summary: `forecast of ${operation.activityType} · value $${decision.valueUsd.toFixed(5)} · C $${decision.draftCostUsd.toFixed(5)}`,
  });
  try {
    const { value, usage } = unwrapResult(await call);
    pipeline.books.settle(activityId, 'committed', usage);
    const costUsd = sumUsd(usage.map((record) => record.costUsd));
    const guesses = draft.several === true ? readGuesses(value) : [{ value }];
    for (const [rank, guess] of guesses.entries()) {
      pipeline.drafted.push({ operation, forecast: { ...guess, source: 'draft', rank, costUsd } });
    }
  } catch (error) {
    pipeline.books.settle(
      activityId,
      isCancellation(error) ? 'cancelled' : 'failed',
      unwrapFailure(error, pipeline.settings?.free),
    );
  } finally {
    pipeline.drafts.delete(operation);
  }
}

/** The answer itself is there: a draft of it is of no use any more. */
export function discardDraft(pipeline: Pipeline, operation: Operation): void {
  pipeline.drafts.get(operation)?.scope.cancel();
}

function candidates(operation: Operation, draft: DraftBriefing, nowMs: number): AskDecision['candidates'] {
  const { briefing } = operation;
  if (briefing === null) return [];
  const draftSeconds = meanOf(draft.latencySeconds);
  const elapsedSeconds = (nowMs - operation.startedAtMs) / 1000;
  const remaining = remainingSeconds(briefing.latencySeconds, elapsedSeconds).map((s) => Math.max(0, s - draftSeconds));
  return Object.entries(briefing.downstream)
    .filter(([, { observed }]) => !known(briefing) || Object.keys(observed).length > 0)
    .map(([downstream, { observed, cost, latencySeconds }]) => ({
      downstream,
      P: forecastProbability(briefing.prior, observed['draft#0'] ?? { successes: 0, failures: 0 }, null).probability,
      speculativeCostUsd: speculativeCostUsd(cost),
      latencySavedSeconds: expectedOverlapSeconds(remaining, latencySeconds),
    }));
}

/** Once any edge out of this operation was seen, only seen ones count: the others do not follow it. */
function known(briefing: Briefing): boolean {
  return Object.values(briefing.downstream).some(({ observed }) => Object.keys(observed).length > 0);
}

function meanOf(points: number[]): number {
  return points.length === 0 ? 0 : points.reduce((sum, point) => sum + point, 0) / points.length;
}
