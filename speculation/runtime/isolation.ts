import { type Activator } from '@temporalio/workflow/lib/internals';
import { alea } from '@temporalio/workflow/lib/alea';
import { deriveAleaSeed } from '@temporalio/workflow/lib/random-stream-seed';
import { Fiber, FiberEnded } from './fiber';
import { QuietRejections } from './quiet-rejections';
import { currentRun } from './run';

/**
 * Keeps fibers away from what a workflow has only once: handlers, commands, logs, details, patches, the clock, the random
 * source. The authoritative run sees the SDK as it is; a fiber sees a private copy, so that pipelines which set handlers, log,
 * upsert or draw random numbers stay correct without a change. The SDK has no hook for this, so its per-workflow state is
 * wrapped here, once, and nowhere else. See docs/decisions/0002-isolated-fibers.md.
 *
 * @returns to be called at the end of each activation
 */
export function isolateFibers(listener: FiberListener): () => void {
  const activator = activeWorkflow();
  const rejections = new QuietRejections(activator);
  isolateHandlers(activator, listener);
  isolateDefaultHandlers(activator);
  isolateConditions(activator);
  isolateCommands(activator);
  isolatePatches(activator);
  isolateRandomNumbers(activator);
  isolateClockAndLogs(activator);
  isolateFunction(activator);
  return () => rejections.lookAfter();
}

/** Told when a fiber sets a handler, so that it can be given the signals that came before. */
export interface FiberListener {
  signalHandlerSet(fiber: Fiber, name: string): void;
  updateHandlerSet(fiber: Fiber, name: string): void;
}

export function forgetConditions(fiber: Fiber): void {
  const { blockedConditions } = activeWorkflow();
  for (const sequence of fiber.blockedConditions) blockedConditions.delete(sequence);
  fiber.blockedConditions.clear();
}

function activeWorkflow(): Activator {
  return (globalThis as unknown as { __TEMPORAL_ACTIVATOR__: Activator }).__TEMPORAL_ACTIVATOR__;
}

function currentFiber(): Fiber | undefined {
  const run = currentRun();
  return run instanceof Fiber ? run : undefined;
}

function isolateHandlers(activator: Activator, listener: FiberListener): void {
  redirect(activator.signalHandlers, (fiber, name, entry) => {
    if (setOrDelete(fiber.signalHandlers, name, entry)) listener.signalHandlerSet(fiber, name);
  });
  redirect(activator.updateHandlers, (fiber, name, entry) => {
    if (setOrDelete(fiber.updateHandlers, name, entry)) listener.updateHandlerSet(fiber, name);
  });
  redirect(activator.queryHandlers, () => undefined);
}

/** A fiber's handler for everything else is dropped: it would take messages that are not meant for it. */
function isolateDefaultHandlers(activator: Activator): void {
  for (const name of ['defaultSignalHandler', 'defaultUpdateHandler', 'defaultQueryHandler'] as const) {
    let handler: unknown = activator[name];
    Object.defineProperty(activator, name, {
      get: () => handler,
      set: (value: unknown) => {
        if (currentFiber() === undefined) handler = value;
      },
    });
  }
}

type Handler = (...args: unknown[]) => unknown;

function setOrDelete(handlers: Map<string, Handler>, name: string, entry: unknown): boolean {
  if (entry === undefined) {
    handlers.delete(name);
    return false;
  }
  handlers.set(name, (entry as { handler: Handler }).handler);
  return true;
}

/** Sends what a fiber writes to a map of the workflow elsewhere. */
function redirect<V>(map: Map<string, V>, write: (fiber: Fiber, name: string, value: V | undefined) => void): void {
  const set = map.set.bind(map);
  const remove = map.delete.bind(map);
  map.set = (name, value) => {
    const fiber = currentFiber();
    if (fiber === undefined) return set(name, value);
    write(fiber, name, value);
    return map;
  };
  map.delete = (name) => {
    const fiber = currentFiber();
    if (fiber === undefined) return remove(name);
    write(fiber, name, undefined);
    return true;
  };
}

/** A condition of a fiber may throw, and goes with its fiber. */
function isolateConditions(activator: Activator): void {
  const { blockedConditions } = activator;
  const set = blockedConditions.set.bind(blockedConditions);
  blockedConditions.set = (sequence, condition) => {
    const fiber = currentFiber();
    if (fiber === undefined) return set(sequence, condition);
    fiber.blockedConditions.add(sequence);
    const quietly = (): boolean => {
      if (!fiber.live) return false;
      try {
        return condition.fn();
      } catch {
        fiber.end();
        return false;
      }
    };
    return set(sequence, { fn: quietly, resolve: () => condition.resolve() });
  };
}

/** Commands that reach no interceptor (upserts, external cancels) and what the SDK remembers of them. */
function isolateCommands(activator: Activator): void {
  const pushCommand = activator.pushCommand.bind(activator);
  activator.pushCommand = (command, complete) => {
    if (currentFiber() === undefined) pushCommand(command, complete);
  };
  const mutateWorkflowInfo = activator.mutateWorkflowInfo.bind(activator);
  activator.mutateWorkflowInfo = (mutation) => {
    if (currentFiber() === undefined) mutateWorkflowInfo(mutation);
  };
}

/** A fiber may read a patch decision that the authoritative run has made; it must never make one. */
function isolatePatches(activator: Activator): void {
  const patchInternal = activator.patchInternal.bind(activator);
  const decided = new Map<string, boolean>();
  activator.patchInternal = (patchId, deprecated) => {
    const fiber = currentFiber();
    if (fiber === undefined) {
      const answer = patchInternal(patchId, deprecated);
      decided.set(patchId, answer);
      return answer;
    }
    const answer = decided.get(patchId);
    if (answer !== undefined) return answer;
    fiber.end();
    throw new FiberEnded(`patched(${patchId})`);
  };
}

/**
 * A fiber draws the numbers that the authoritative run drew at the same place, and those that it will draw next: all runs read one
 * tape, each at a position of its own. Named streams start anew in each fiber.
 */
function isolateRandomNumbers(activator: Activator): void {
  let source = activator.random;
  let tape: number[] = [];
  let position = 0;
  const draw = (): number => {
    const fiber = currentFiber();
    const index = fiber === undefined ? position++ : fiber.randomNumbers++;
    while (tape.length <= index) tape.push(source());
    return tape[index] ?? 0;
  };
  Object.defineProperty(activator, 'random', {
    get: () => draw,
    // A reset reseeds the workflow; from there on the tape is a new one.
    set: (reseeded: Activator['random']) => {
      source = reseeded;
      tape = [];
      position = 0;
    },
  });

  const getNamedRandom = activator.getNamedRandom.bind(activator);
  const streams = new WeakMap<Fiber, Map<string, Activator['random']>>();
  activator.getNamedRandom = (name) => {
    const fiber = currentFiber();
    if (fiber === undefined) return getNamedRandom(name);
    const own = streams.get(fiber) ?? new Map<string, Activator['random']>();
    streams.set(fiber, own);
    const stream = own.get(name) ?? alea(deriveAleaSeed(activator.randomnessSeed, name));
    own.set(name, stream);
    return stream;
  };
}

/** A fiber runs the function of its own modules. */
function isolateFunction(activator: Activator): void {
  let authoritative = activator.workflow;
  Object.defineProperty(activator, 'workflow', {
    get: () => currentFiber()?.pipelineFunction ?? authoritative,
    set: (value: Activator['workflow']) => (authoritative = value),
  });
}

/** `now` and the collected logs are plain properties of the workflow; they become accessors. */
function isolateClockAndLogs(activator: Activator): void {
  let now = activator.now;
  let sinkCalls = activator.sinkCalls;
  Object.defineProperties(activator, {
    now: {
      get: () => currentFiber()?.nowMs ?? now,
      set: (value: number) => (now = value),
    },
    sinkCalls: {
      get: () => (currentFiber() === undefined ? sinkCalls : []),
      set: (value: Activator['sinkCalls']) => (sinkCalls = value),
    },
  });
}

/**
 * Adds to the current details of the workflow what the Web UI shows below the user's own. It is rendered when somebody looks, so that
 * it costs a running pipeline nothing.
 */
export function showDetails(ours: () => string): void {
  const activator = activeWorkflow();
  let theirs = activator.currentDetails;
  Object.defineProperty(activator, 'currentDetails', {
    get: () => [theirs, ours()].filter((part) => part !== '').join('\n\n'),
    set: (value: string) => {
      if (currentFiber() === undefined) theirs = value;
    },
  });
}
