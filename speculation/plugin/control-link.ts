import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import type { BudgetBatch } from '../budget/budget-batch';
import type { BudgetDecision } from '../budget/reserve';
import type { ObservationBatch } from '../estimate/observation-batch';
import { CONTROL_QUERY, CONTROL_SIGNAL, CONTROL_UPDATE, CONTROL_WORKFLOW_TYPE } from '../runtime/control-protocol';
import type { ControlCarry, ControlSnapshotAnswer } from '../runtime/control-protocol';
import { CONTROL_TASK_QUEUE, CONTROL_WORKFLOW_ID } from '../runtime/protocol';

const QUESTION_TIMEOUT_MS = 2_000;

/** What a worker asks of the control workflow. Each call fails when there is no answer in time. */
export interface ControlLink {
  /** Starts the control workflow unless it runs already. */
  start(carry: ControlCarry): Promise<void>;
  observe(batch: ObservationBatch): Promise<void>;
  /** The highest number of a sender's batches, all of which are counted; answered after all that was delivered before. */
  counted(sender: string): Promise<number>;
  /** @param version the one that the caller has; then the answer carries no state unless it has changed */
  snapshot(version: string | null): Promise<ControlSnapshotAnswer>;
  /** Settles and reserves; in order of the requests. */
  reserve(batch: BudgetBatch, timeoutMs: number): Promise<BudgetDecision[]>;
}

export function controlLink(client: Client, timeoutMs: number): ControlLink {
  const inTime = <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + timeoutMs, call);
  // A question that meets continue-as-new may wait long for a run that has ended; asked again, it is answered at once.
  const briefly = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + Math.min(timeoutMs, QUESTION_TIMEOUT_MS), call);
  const handle = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
  return {
    async start(carry) {
      await inTime(() =>
        client.workflow.start(CONTROL_WORKFLOW_TYPE, {
          workflowId: CONTROL_WORKFLOW_ID,
          taskQueue: CONTROL_TASK_QUEUE,
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          // A task that a worker took while it was being stopped is lost until then.
          workflowTaskTimeout: '5s',
          args: [carry],
        }),
      );
    },
    observe: (batch) => inTime(() => handle.signal(CONTROL_SIGNAL.observe, batch)),
    counted: (sender) =>
      briefly(() => handle.query<number, [string]>(CONTROL_QUERY.counted, sender)).catch((error: unknown) => {
        // Older code does not know; but it has taken in what came before the question.
        if (error instanceof QueryNotRegisteredError) return 0;
        throw error;
      }),
    snapshot: (version) =>
      inTime(() => handle.query<ControlSnapshotAnswer, [string | null]>(CONTROL_QUERY.snapshot, version)),
    reserve: (batch, withinMs) =>
      client.withDeadline(Date.now() + withinMs, () =>
        handle.executeUpdate<BudgetDecision[], [BudgetBatch]>(CONTROL_UPDATE.reserveBudget, { args: [batch] }),
      ),
  };
}
