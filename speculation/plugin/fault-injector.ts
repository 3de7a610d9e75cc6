import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { clonePlain } from '../forecast/canonical-json';
import { AttemptCall, withAttemptCall } from '../stages/attempt-call';
import type { FaultModel } from '../verification/fault-models';
import type { AnyActivity, FaultExperiment } from './fault-experiment';

/** A fault that one run is to have: in every call of one operation. */
export interface PlannedFault {
  operation: string;
  model: FaultModel;
  /** Different outputs of the operation, from other runs. */
  others: readonly unknown[];
  turn: number;
}

/** One call of an operation in a run without faults. */
export interface RecordedCall {
  operation: string;
  args: readonly unknown[];
  output: unknown;
}

/** Puts faults into the activities of a worker that was started for it, by the workflow id of the run. */
export class FaultInjector {
  readonly #faults = new Map<string, PlannedFault>();
  readonly #calls = new Map<string, RecordedCall[]>();

  constructor(private readonly experiment: Pick<FaultExperiment, 'activities' | 'standIns' | 'policy'>) {}

  /** To be called before the run is started. */
  plan(workflowId: string, fault: PlannedFault): void {
    this.#faults.set(workflowId, fault);
  }

  /** What a run without a fault has called, in the order in which the calls ended. */
  callsOf(workflowId: string): readonly RecordedCall[] {
    return this.#calls.get(workflowId) ?? [];
  }

  /** A run is over, and nobody asks for its calls any more. */
  forget(workflowId: string): void {
    this.#faults.delete(workflowId);
    this.#calls.delete(workflowId);
  }

  /** The activities of the experiment: what only reads as it is, the others by their stand-ins, or not at all. */
  activities(): Record<string, (...args: unknown[]) => Promise<unknown>> {
    return Object.fromEntries(
      Object.entries(this.experiment.activities).flatMap(([name, activity]) =>
        typeof activity === 'function' ? [[name, this.#wrapped(name, activity as AnyActivity)] as const] : [],
      ),
    );
  }

  #wrapped(operation: string, activity: AnyActivity): (...args: unknown[]) => Promise<unknown> {
    const { standIns, policy } = this.experiment;
    const standIn = Object.hasOwn(standIns, operation) ? standIns[operation] : undefined;
    const declared = policy.operations.get(operation);
    const readsOnly = declared?.effect === 'none' && !declared.hinted;
    return async (...args) => {
      const { info } = Context.current();
      const workflowId = info.workflowExecution?.workflowId ?? '';
      if (standIn !== undefined) return await (standIn as (...given: unknown[]) => unknown)(...args);
      if (!readsOnly) throw noStandIn(operation);
      const fault = this.#faults.get(workflowId);
      const output = await withAttemptCall(new AttemptCall(info, null, args), () =>
        runFor(fault, () => (activity as (...given: unknown[]) => unknown)(...args)),
      );
      if (fault === undefined) {
        const calls = this.#calls.get(workflowId) ?? [];
        this.#calls.set(workflowId, [...calls, { operation, args, output: clonePlain(output ?? null) }]);
        return output;
      }
      if (fault.operation !== operation) return output;
      const faulty = fault.model.change(clonePlain(output ?? null), fault.others, fault.turn);
      return faulty === undefined ? output : faulty;
    };
  }
}

/** Code that stumbles over a fault does so at every attempt: the run is over. */
async function runFor(fault: PlannedFault | undefined, activity: () => unknown): Promise<unknown> {
  if (fault === undefined) return await activity();
  try {
    return await activity();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw ApplicationFailure.create({ message: error.message, type: error.name, nonRetryable: true, cause: error });
  }
}

function noStandIn(operation: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${operation} does more than read, or the policy does not say, so it is not run in an experiment with faults. Give it a ` +
      `stand-in: standIns: { ${operation}: async () => what it would return }.`,
    'RunaheadNoStandIn',
  );
}
