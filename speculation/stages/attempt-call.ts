import { AsyncLocalStorage } from 'node:async_hooks';
import type { Info } from '@temporalio/activity';
import type { ActivityHeader, CallName, StageReference } from '../runtime/protocol';
import { callKey, unnamedCallKey } from './call-key';

/** What the running activity attempt has prepared. */
interface PreparedByAttempt {
  reference: StageReference;
  /** Drops it again: the attempt cannot tell the pipeline about it. */
  withdraw: () => Promise<void>;
}

/** Which call of a pipeline the running activity attempt answers. */
export class AttemptCall {
  /** Set by the attempt that has prepared an effect and not committed it. */
  prepared: PreparedByAttempt | null = null;
  #key: string | undefined;

  constructor(
    private readonly info: Pick<Info, 'activityId' | 'activityType' | 'activityRunId' | 'workflowExecution'>,
    private readonly header: Pick<ActivityHeader, 'launch' | 'call'> | null,
    private readonly args: readonly unknown[],
  ) {}

  /** True for a launch ahead of its input: what it does must not be visible. */
  get isLaunch(): boolean {
    return this.header?.launch === true;
  }

  get call(): CallName | null {
    return this.header?.call ?? null;
  }

  get key(): string {
    return (this.#key ??= this.#computeKey());
  }

  #computeKey(): string {
    const { activityId, activityType, activityRunId, workflowExecution } = this.info;
    const { call, args } = this;
    const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: activityRunId ?? '' };
    return call === null
      ? unnamedCallKey({ workflowId, runId, activityId })
      : callKey({ workflowId, activityType, args, call });
  }
}

/** Asked for a key where no activity runs. */
export class OutsideActivityError extends Error {
  override readonly name = 'OutsideActivityError';
  readonly code = 'OUTSIDE_ACTIVITY';

  constructor() {
    super(
      'idempotencyKey() was called where no activity runs. Call it in an activity of a worker that has the RunaheadPlugin ' +
        '(plugins: [new RunaheadPlugin({ policy })]), or in prepare, commit or discard of a stage.',
    );
  }
}

const keys = new AsyncLocalStorage<{ readonly key: string }>();

export function withAttemptCall<T>(call: AttemptCall, body: () => T): T {
  return keys.run(call, body);
}

/** What belongs to a stage goes by the key of the call that it was prepared for, whoever does it. */
export function withStageKey<T>(id: string, body: () => T): T {
  return keys.run({ key: id }, body);
}

/** The call of the running attempt; null outside of one. */
export function attemptCall(): AttemptCall | null {
  const current = keys.getStore();
  return current instanceof AttemptCall ? current : null;
}

/**
 * Names the effect of the running activity for whoever receives it: 64 hexadecimal digits. The same for every attempt, and, for
 * operations that the policy declares `idempotent` or `staged`, for the launch and the plain call, and after a reset of the workflow.
 *
 * @throws OutsideActivityError
 */
export function idempotencyKey(): string {
  const current = keys.getStore();
  if (current === undefined) throw new OutsideActivityError();
  return current.key;
}
