import type { Forecast } from '../forecast/forecast';
import { clonePlain } from '../forecast/canonical-json';
import { Fiber } from './fiber';
import { Hypothesis } from './hypothesis';
import { Launch } from './launch';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { within } from './run';

/** Runs the pipeline function ahead on one more forecast: one fiber for each world in which the operation is running. */
export function fork(pipeline: Pipeline, operation: Operation, forecast: Forecast): void {
  const limits = pipeline.settings?.limits;
  if (limits === undefined || !pipeline.knob.enabled || !pipeline.mayFork(operation)) return;
  const hypothesis = new Hypothesis(operation, forecast);
  const open = operation.hypotheses.filter(({ state }) => state === 'open');
  if (open.length >= limits.maxBreadth || open.some(({ digest }) => digest === hypothesis.digest)) return;

  const worlds: (readonly Hypothesis[])[] =
    operation instanceof Launch && !operation.claimed
      ? [...operation.askers].filter((fiber) => fiber.live).map((fiber) => fiber.hypotheses)
      : [[]];
  for (const world of worlds) {
    if ([...pipeline.fibers].filter((fiber) => fiber.live).length >= limits.maxFibers) return;
    if (!operation.hypotheses.includes(hypothesis)) operation.hypotheses.push(hypothesis);
    const fiber = new Fiber([...world, hypothesis], pipeline.startedAtMs);
    pipeline.fibers.add(fiber);
    runFiber(pipeline, fiber).catch(() => undefined);
  }
}

/** Whatever becomes of the function in a fiber, nobody is told: its calls have done all there was to do. */
export async function runFiber(pipeline: Pipeline, fiber: Fiber): Promise<unknown> {
  try {
    const args = clonePlain(pipeline.args);
    return await pipeline.shield.run(() => within(fiber, () => pipeline.pipelineFunction(args)));
  } finally {
    fiber.end();
  }
}
