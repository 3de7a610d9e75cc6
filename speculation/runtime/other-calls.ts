import { Fiber, held } from './fiber';
import type { Operation } from './operation';
import { OtherCall } from './other-call';
import type { Pipeline } from './pipeline';
import { currentRun, type Run } from './run';
import { share } from './share';

/**
 * Timers, local activities, children, Nexus operations and signals to others are never started early. The authoritative run
 * makes them and is remembered; a fiber that asks for the same one waits with it, and holds where there is none.
 */
export async function callOrHold(
  pipeline: Pipeline,
  what: string,
  parameters: unknown,
  make: () => Promise<unknown>,
): Promise<unknown> {
  const run = currentRun();
  if (run instanceof Fiber) return awaitWithAuthoritative(pipeline, run, what, parameters);
  if (run !== pipeline.authoritative) return make();
  const operation = remember(pipeline, run, what, parameters);
  return follow(pipeline, operation, make());
}

/** A child has two answers, its start and its result, and each is shared. */
export async function childOrHold(
  pipeline: Pipeline,
  what: string,
  parameters: unknown,
  make: () => Promise<[Promise<string>, Promise<unknown>]>,
): Promise<[Promise<string>, Promise<unknown>]> {
  const run = currentRun();
  if (run instanceof Fiber) {
    const started = awaitWithAuthoritative(pipeline, run, `start ${what}`, parameters) as Promise<string>;
    const finished = awaitWithAuthoritative(pipeline, run, `result ${what}`, parameters);
    // The SDK hands out both at once; the second may never be looked at.
    finished.catch(() => undefined);
    return [started, finished];
  }
  if (run !== pipeline.authoritative) return make();
  const start = remember(pipeline, run, `start ${what}`, parameters);
  const result = remember(pipeline, run, `result ${what}`, parameters);
  const [started, finished] = await make();
  void follow(pipeline, start, started).catch(() => undefined);
  void follow(pipeline, result, finished).catch(() => undefined);
  return [started, finished];
}

async function awaitWithAuthoritative(
  pipeline: Pipeline,
  fiber: Fiber,
  what: string,
  parameters: unknown,
): Promise<unknown> {
  if (!fiber.goesOn) return held();
  const identity = fiber.identify(what, parameters);
  const made = pipeline.journal.get(identity);
  if (made === undefined) fiber.audit?.unexpected(what, [parameters]);
  return made === undefined ? held() : share(fiber, made);
}

function remember(pipeline: Pipeline, run: Run, what: string, parameters: unknown): Operation {
  pipeline.progress++;
  const operation = new OtherCall(run.identify(what, parameters), what, [], pipeline.nowMs, 0, {});
  operation.failureEndsFibers = what !== 'timer';
  pipeline.journal.set(operation.identity, operation);
  return operation;
}

async function follow(pipeline: Pipeline, operation: Operation, call: Promise<unknown>): Promise<unknown> {
  try {
    const value = await call;
    operation.resolve(value, pipeline.nowMs);
    return value;
  } catch (error) {
    operation.reject(error, pipeline.nowMs);
    throw error;
  }
}
