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
  const open = operation.hypotheses.filter(({ state }) => state === 'open');
  if (open.length >= limits.maxBreadth || open.some(({ digest }) => digest === hypothesis.digest)) return false;

  const worlds: (readonly Hypothesis[])[] =
    operation instanceof Launch && !operation.claimed
      ? [...operation.askers].filter((fiber) => fiber.live).map((fiber) => fiber.hypotheses)
      : [[]];
  for (const world of worlds) {
    if ([...pipeline.fibers].filter((fiber) => fiber.live).length >= limits.maxFibers) break;
    if (!operation.hypotheses.includes(hypothesis)) operation.hypotheses.push(hypothesis);
    const fiber = new Fiber([...world, hypothesis], pipeline.startedAtMs);
    pipeline.fibers.add(fiber);
    runFiber(pipeline, fiber).catch(() => undefined);
  }
  return operation.hypotheses.includes(hypothesis);
}

/** Whatever becomes of the function in a fiber, nobody is told: its calls have done all there was to do. */
export function runFiber(pipeline: Pipeline, fiber: Fiber): Promise<unknown> {
  const args = clonePlain(pipeline.args);
  fiber.pipelineFunction = within(fiber, () => pipeline.modules.pipelineFunction());
  const run = pipeline.shield.run(() => within(fiber, () => pipeline.pipelineFunction(args)));
  return run.finally(() => fiber.end());
}
