import type { Forecast } from '../forecast/forecast';
import { clonePlain } from '../forecast/canonical-json';
import { Fiber } from './fiber';
import { Hypothesis } from './hypothesis';
import { Launch } from './launch';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { within } from './run';

/**
 * Runs the pipeline function ahead on one more forecast: one fiber for each world in which the operation is running.
 *
 * @returns whether any fiber was started
 */
export function fork(pipeline: Pipeline, operation: Operation, forecast: Forecast): boolean {
  const limits = pipeline.settings?.limits;
  if (limits === undefined || !pipeline.knob.enabled || !pipeline.mayFork(operation)) return false;
  // What it was claimed for is looked up by itself.
  if (operation instanceof Launch && operation.standsFor !== null) return false;
  const hypothesis = new Hypothesis(operation, forecast);
  const known = openGuesses(operation).some(({ digest }) => digest === hypothesis.digest);
  if (known || placesLeft(pipeline, operation) === 0) return false;

  return runAhead(pipeline, operation, hypothesis);
}

/** How many more guesses at the output of the operation can be followed. */
export function placesLeft(pipeline: Pipeline, operation: Operation): number {
  const { maxBreadth = 0 } = pipeline.settings?.limits ?? {};
  return Math.max(0, maxBreadth - openGuesses(operation).length);
}

function openGuesses({ hypotheses }: Operation): Hypothesis[] {
  return hypotheses.filter((each) => each.state === 'open' && each.forecast.source !== 'stream');
}

/**
 * Runs the pipeline function ahead in each world in which the operation is running, and in which it was not yet run on this hypothesis.
 *
 * @returns whether any fiber was started
 */
export function runAhead(pipeline: Pipeline, operation: Operation, hypothesis: Hypothesis): boolean {
  const { maxFibers = 0 } = pipeline.settings?.limits ?? {};
  let started = false;
  for (const world of worldsOf(pipeline, operation)) {
    if ([...pipeline.fibers].filter((fiber) => fiber.live).length >= maxFibers) break;
    if (!operation.hypotheses.includes(hypothesis)) operation.hypotheses.push(hypothesis);
    const assumed = [...world, hypothesis];
    if (assumed.some(({ worlds }) => worlds.some((known) => isSame(known, assumed)))) continue;
    hypothesis.worlds.push(assumed);
    startFiber(pipeline, assumed);
    started = true;
  }
  return started;
}

export function startFiber(pipeline: Pipeline, assumed: readonly Hypothesis[]): void {
  const fiber = new Fiber(assumed, pipeline.startedAtMs);
  pipeline.fibers.add(fiber);
  runFiber(pipeline, fiber).catch(() => undefined);
}

/** What fibers assume that wait for the operation. Nothing at all is assumed where the authoritative run waits for it. */
function worldsOf(pipeline: Pipeline, operation: Operation): (readonly Hypothesis[])[] {
  if (operation instanceof Launch && !operation.claimed) return worldsOfFibers(operation.askers);
  if (pipeline.settings?.joint !== true) return [[]];
  const elsewhere = [...operation.awaiters].filter(({ hypotheses }) =>
    hypotheses.every((hypothesis) => hypothesis.operation !== operation),
  );
  return [[], ...worldsOfFibers(elsewhere)];
}

function worldsOfFibers(fibers: Iterable<Fiber>): (readonly Hypothesis[])[] {
  return [...fibers].filter((fiber) => fiber.live).map((fiber) => fiber.hypotheses);
}

/** In whichever order they were assumed. */
function isSame(left: readonly Hypothesis[], right: readonly Hypothesis[]): boolean {
  return left.length === right.length && left.every((hypothesis) => right.includes(hypothesis));
}

/** Whatever becomes of the function in a fiber, nobody is told: its calls have done all there was to do. */
export function runFiber(pipeline: Pipeline, fiber: Fiber): Promise<unknown> {
  const args = clonePlain(pipeline.args);
  fiber.pipelineFunction = within(fiber, () => pipeline.modules.pipelineFunction());
  const run = pipeline.shield.run(() => within(fiber, () => pipeline.pipelineFunction(args)));
  return run.finally(() => {
    // What it has started for the elements of a list that still streams goes on.
    if (fiber.missing.length === 0) fiber.end();
  });
}
