import { mayBecome } from '../forecast/partial-value';
import { fork, runAhead, startFiber } from './fork';
import type { Hypothesis } from './hypothesis';
import { reviewLaunches } from './mid-stream';
import type { Operation } from './operation';
import { OutputStream } from './output-stream';
import { isViewable } from './partial-view';
import type { Pipeline } from './pipeline';
import { nextRound } from './rounds';
import { StreamHypothesis } from './stream-hypothesis';

/** Takes in what calls that stream have said since, and runs ahead on it. Part of the engine. */
export async function followStreams(pipeline: Pipeline): Promise<void> {
  const grown = new Set<Operation>();
  for (const update of pipeline.streamUpdates.splice(0)) {
    const operation = pipeline.streaming.get(update.activityId);
    if (operation?.pending !== true || operation.stream === null) continue;
    if (update.attempt > operation.stream.attempt) {
      withdrawStream(pipeline, operation);
      operation.stream = new OutputStream(update.activityId, update.attempt);
    }
    if (operation.stream.add(update)) grown.add(operation);
  }
  for (const operation of grown) {
    if (operation.stream === null || !pipeline.mayFork(operation)) continue;
    withdrawContradicted(pipeline, operation, operation.stream);
    reviewLaunches(pipeline, operation);
    await runAheadOn(pipeline, operation, operation.stream);
  }
}

/** What was announced by an attempt that has failed is no longer to be relied on. */
function withdrawStream(pipeline: Pipeline, operation: Operation): void {
  for (const hypothesis of operation.hypotheses) {
    if (hypothesis instanceof StreamHypothesis) withdraw(pipeline, hypothesis);
  }
}

/** A forecast that cannot come true any more: whatever rests on it alone is given up now, not when the whole output is there. */
function withdrawContradicted(pipeline: Pipeline, operation: Operation, { document }: OutputStream): void {
  for (const hypothesis of operation.hypotheses) {
    if (!mayBecome(document, hypothesis.forecast.value) && !(hypothesis instanceof StreamHypothesis)) {
      withdraw(pipeline, hypothesis);
    }
  }
}

function withdraw(pipeline: Pipeline, hypothesis: Hypothesis): void {
  if (hypothesis.state !== 'open') return;
  hypothesis.state = 'withdrawn';
  pipeline.dirty = true;
  pipeline.reconsider = true;
}

/** On forecasts that are still possible and had no place before, and on what is final by now. */
async function runAheadOn(pipeline: Pipeline, operation: Operation, { document }: OutputStream): Promise<void> {
  let running = false;
  const { briefing, hypotheses } = operation;
  for (const forecast of briefing?.forecasts ?? []) {
    const tried = hypotheses.some(
      ({ forecast: each }) => each.source === forecast.source && each.rank === forecast.rank,
    );
    if (tried || !mayBecome(document, forecast.value)) continue;
    if (running) await nextRound();
    running = fork(pipeline, operation, forecast);
  }
  if (briefing === null || !isViewable(document)) return;
  if (running) await nextRound();
  runAheadOnStream(pipeline, operation);
}

function runAheadOnStream(pipeline: Pipeline, operation: Operation): void {
  const { stream, hypotheses } = operation;
  if (stream === null) return;
  const open = hypotheses.find(
    (hypothesis): hypothesis is StreamHypothesis =>
      hypothesis instanceof StreamHypothesis && hypothesis.state === 'open',
  );
  const hypothesis = open ?? new StreamHypothesis(operation, stream);
  // A fiber that got to the end of what was known is run again, as far as it gets now; its launches are found again.
  for (const fiber of [...pipeline.fibers]) {
    if (!fiber.live || !hypothesis.getsFurther(fiber)) continue;
    fiber.end();
    startFiber(pipeline, fiber.hypotheses);
  }
  runAhead(pipeline, operation, hypothesis);
}
