import {
  CancellationScope,
  type Next,
  type WorkflowExecuteInput,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { clonePlain } from '../forecast/canonical-json';
import { callFromAuthoritative, callPlainly } from './authoritative-call';
import { earlyCallHeaders } from './call-header';
import { Fiber, held } from './fiber';
import { callFromFiber } from './fiber-call';
import { deliverEarlier, receive } from './fiber-messages';
import { runEngine } from './engine';
import { FreshModules } from './fresh-modules';
import { leaveUnresolved, stopSpeculating } from './finish';
import { readStartHeader, withHeader } from './header';
import { isolateFibers, showDetails } from './isolation';
import { counted, lookUpSettings, readsAnswered } from './look-up';
import { answerMessages } from './messages';
import { callOrHold, childOrHold } from './other-calls';
import { Pipeline } from './pipeline';
import { CORRECT_FORECAST, SET_KNOB, STREAM_SIGNAL } from './protocol';
import { auditPurity, isAudited } from './purity-audit';
import { rollUp } from './roll-up';
import { currentRun, forgetRuns, within } from './run';
import { forgetStrands } from './strand';

/** Entry of the workflow bundle: makes every workflow of the worker a pipeline that may run ahead. Called once per run. */
export function interceptors(): WorkflowInterceptors {
  let pipeline: Pipeline | undefined;
  // The SDK loads interceptors before workflow code: this is the moment between the two.
  const modules = new FreshModules();
  return {
    inbound: [
      {
        execute: (input, next) => {
          pipeline = open(modules, input, next);
          return run(pipeline, input, next);
        },
        handleSignal: async (input, next) => {
          remember(pipeline, 'signal', input.signalName, input.args);
          await next(input);
        },
        handleUpdate: (input, next) => {
          remember(pipeline, 'update', input.name, input.args);
          return next(input);
        },
      },
    ],
    outbound: [outboundInterceptor(() => pipeline)],
    internals: [
      {
        concludeActivation: (input, next) => {
          pipeline?.lookAfterFibers();
          return next(input);
        },
        dispose: (input, next) => {
          forgetRuns();
          forgetStrands();
          next(input);
        },
      },
    ],
  };
}

function open(
  modules: FreshModules,
  input: WorkflowExecuteInput,
  next: Next<WorkflowInboundCallsInterceptor, 'execute'>,
): Pipeline {
  const header = readStartHeader(input.headers);
  const pipeline = new Pipeline(header, clonePlain(input.args), modules, (args) => next({ ...input, args }));
  showDetails(() => pipeline.books.ledger.toMarkdown(pipeline.settings?.cancellation));
  within(pipeline.engine, () => answerMessages(pipeline));
  if (pipeline.keepsBooksOnly) return pipeline;

  pipeline.lookAfterFibers = isolateFibers({
    signalHandlerSet: (fiber, name) => deliverEarlier(pipeline, fiber, 'signal', name),
    updateHandlerSet: (fiber, name) => deliverEarlier(pipeline, fiber, 'update', name),
  });
  if (header === null) lookUpSettings(pipeline);
  CancellationScope.current().cancelRequested.catch(() => stopSpeculating(pipeline));
  void pipeline.shield.run(() => within(pipeline.engine, () => runEngine(pipeline)));
  return pipeline;
}

function run(
  pipeline: Pipeline,
  input: WorkflowExecuteInput,
  next: Next<WorkflowInboundCallsInterceptor, 'execute'>,
): Promise<unknown> {
  return within(pipeline.authoritative, () => next(input)).then(
    (result) => {
      stopSpeculating(pipeline);
      return mayCloseNow(pipeline) ? closed(pipeline, result) : closeLater(pipeline, result);
    },
    async (error: unknown) => {
      stopSpeculating(pipeline);
      // What waits in a scope that was cancelled is cancelled itself.
      const answered = (): Promise<void> => readsAnswered(pipeline);
      await (pipeline.settings?.closing === 'always' ? pipeline.shield.run(answered) : answered());
      closed(pipeline, undefined);
      throw error;
    },
  );
}

function mayCloseNow(pipeline: Pipeline): boolean {
  return pipeline.ownReads === 0 && !isAudited(pipeline);
}

async function closeLater(pipeline: Pipeline, result: unknown): Promise<unknown> {
  await readsAnswered(pipeline);
  try {
    await within(pipeline.engine, () => auditPurity(pipeline, result));
  } finally {
    closed(pipeline, undefined);
  }
  return result;
}

function closed(pipeline: Pipeline, result: unknown): unknown {
  leaveUnresolved(pipeline);
  rollUp(pipeline, true);
  return result;
}

function remember(pipeline: Pipeline | undefined, kind: 'signal' | 'update', name: string, args: unknown[]): void {
  if (pipeline === undefined || isOwnMessage(name)) return;
  receive(pipeline, { kind, name, args });
}

function isOwnMessage(name: string): boolean {
  return name === SET_KNOB || name === STREAM_SIGNAL || name === CORRECT_FORECAST;
}

function outboundInterceptor(current: () => Pipeline | undefined): WorkflowOutboundCallsInterceptor {
  return {
    scheduleActivity: (input, next) => {
      const pipeline = current();
      const run = currentRun();
      if (pipeline === undefined) return next(input);
      if (run === undefined || pipeline.keepsBooksOnly) return callPlainly(pipeline, input, next, null);
      if (run instanceof Fiber) return callFromFiber(pipeline, run, input);
      if (run === pipeline.engine) return next({ ...input, headers: earlyCallHeaders(pipeline, input) });
      return callFromAuthoritative(pipeline, input, next);
    },
    startTimer: async (input, next) => {
      await orHold(current(), 'timer', input.durationMs, () => next(input));
    },
    scheduleLocalActivity: (input, next) => {
      const pipeline = current();
      if (pipeline === undefined) return next(input);
      const make = (): Promise<unknown> => counted(pipeline, () => next(input));
      if (currentRun() === pipeline.engine) return make();
      return orHold(pipeline, `local ${input.activityType}`, input.args, make);
    },
    startNexusOperation: async (input, next) => {
      const what = `nexus ${input.endpoint}/${input.service}/${input.operation}`;
      return (await orHold(current(), what, input.input, () => next(input))) as Awaited<ReturnType<typeof next>>;
    },
    signalWorkflow: async (input, next) => {
      await orHold(current(), `signal ${input.signalName}`, [input.target, input.args], () => next(input));
    },
    startChildWorkflowExecution: (input, next) => {
      const pipeline = current();
      if (pipeline === undefined) return next(input);
      const settings = pipeline.settingsFor(input.workflowType);
      const headers = settings === null ? input.headers : withHeader(input.headers, settings);
      const what = `child ${input.workflowType}`;
      return childOrHold(pipeline, what, input.options.args, () => next({ ...input, headers }));
    },
    continueAsNew: async (input, next) => {
      const pipeline = current();
      if (pipeline === undefined) return next(input);
      if (currentRun() instanceof Fiber) return held();
      stopSpeculating(pipeline);
      await readsAnswered(pipeline);
      leaveUnresolved(pipeline);
      const header = pipeline.headerOfNextRun(input.options.workflowType);
      return next(header === null ? input : { ...input, headers: withHeader(input.headers, header) });
    },
  };
}

function orHold(
  pipeline: Pipeline | undefined,
  what: string,
  parameters: unknown,
  make: () => Promise<unknown>,
): Promise<unknown> {
  if (pipeline === undefined || pipeline.keepsBooksOnly) return make();
  return callOrHold(pipeline, what, parameters, make);
}
