import { condition } from '@temporalio/workflow';
import { admit } from './admission';
import { followCorrections } from './correct-forecast';
import { followEquivalence, hasEquivalenceWork } from './equivalence';
import { followStreams } from './follow-stream';
import { followAwaited } from './joint';
import { followAnswers, lookUp } from './look-up';
import type { Pipeline } from './pipeline';
import { buryFibers, discardOrphans } from './reaper';
import { rollUp } from './roll-up';
import { nextRound } from './rounds';

/**
 * The background loop of a pipeline. It acts only while the pipeline is at rest and no local activity is under way, and does one
 * thing after the other in a fixed order. A worker may see the answers of local activities one by one and a replay all at once:
 * because nothing is done in between, both give the same commands. Nothing is lost by waiting, as the server gets no command
 * before the last local activity has answered.
 */
export async function runEngine(pipeline: Pipeline): Promise<void> {
  for (;;) {
    await condition(() => pipeline.stopped || (hasWork(pipeline) && pipeline.reads === 0));
    if (pipeline.stopped) return;
    if (mayBeMoving(pipeline)) await rest(pipeline);
    if (pipeline.reads > 0) continue;
    if (hasEquivalenceWork(pipeline)) {
      await followEquivalence(pipeline, () => rest(pipeline));
      continue;
    }
    if (pipeline.streamUpdates.length > 0) await followStreams(pipeline);
    if (pipeline.reads > 0) continue;
    if (pipeline.dirty) {
      pipeline.dirty = false;
      discardOrphans(pipeline);
      buryFibers(pipeline);
      rollUp(pipeline);
    }
    if (pipeline.settingsKnown) for (const operation of pipeline.unasked.splice(0)) lookUp(pipeline, operation);
    if (pipeline.reads === 0) await followAnswers(pipeline);
    if (pipeline.reads === 0) followCorrections(pipeline);
    if (pipeline.reads === 0) await followAwaited(pipeline);
    if (pipeline.reads === 0 && hasUndecided(pipeline)) admit(pipeline);
  }
}

function hasWork(pipeline: Pipeline): boolean {
  return (
    pipeline.dirty ||
    hasEquivalenceWork(pipeline) ||
    pipeline.drafted.length > 0 ||
    pipeline.corrections.length > 0 ||
    pipeline.streamUpdates.length > 0 ||
    pipeline.awaited.size > 0 ||
    pipeline.asking.length > 0 ||
    (pipeline.settingsKnown && pipeline.unasked.length > 0) ||
    hasUndecided(pipeline)
  );
}

function hasUndecided(pipeline: Pipeline): boolean {
  if (!pipeline.speculating) return false;
  return pipeline.proposals.length > 0 || (pipeline.reconsider && pipeline.waiting.length > 0);
}

/** Launches may just be claimed, or the pipeline may have been answered together with the engine. */
function mayBeMoving(pipeline: Pipeline): boolean {
  if (pipeline.equivalence.claims.length > 0 || pipeline.streamUpdates.length > 0) return true;
  if (pipeline.corrections.length > 0) return true;
  return pipeline.hasLocalActivities || (pipeline.dirty && pipeline.launches.size > 0) || hasUndecided(pipeline);
}

/**
 * Waits until the authoritative run has gone as far as this activation lets it, so that everything that it would claim has been
 * claimed: a round without a new call means that it has come to rest.
 */
async function rest(pipeline: Pipeline): Promise<void> {
  let seen: number;
  do {
    seen = pipeline.progress;
    await nextRound();
  } while (seen !== pipeline.progress);
}
