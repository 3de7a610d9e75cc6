import { ApplicationFailure, Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { attemptCall, withStageKey, type AttemptCall } from './attempt-call';
import type { StageDefinition } from './stage-definition';
import { StageError } from './stage-error';
import type { Stage, StagedCall } from './stage-store';

export interface StagedActivityOptions {
  activityType: string;
  definition: StageDefinition;
  /** Called after a commit: there may be messages to deliver. */
  committed: () => void;
  warnOnce: (key: string, message: string) => void;
}

/** Each round starts from what others have left; more than a few mean that somebody discards as fast as we prepare. */
const MAX_ROUNDS = 5;

/**
 * The activity of a `staged` operation: prepares for a launch, prepares and commits for a plain call. What was prepared or committed for
 * the same call before is used and not made again.
 */
export function stagedActivity(options: StagedActivityOptions): (...args: unknown[]) => Promise<unknown> {
  return (...args) => {
    const call = attemptCall();
    if (call === null) throw new Error(`${options.activityType} runs without the interceptor of its RunaheadPlugin.`);
    return new StagedAttempt(options, call, args).run();
  };
}

export function discardStage({ discard, store }: StageDefinition, id: string, preparation?: number): Promise<string> {
  return store.discard(
    id,
    (stage, transaction) => withStageKey(stage.id, () => discard(stage, transaction)),
    preparation,
  );
}

export function commitStage({ commit, store }: StageDefinition, id: string): Promise<'committed' | 'already' | 'gone'> {
  return store.commit(id, (stage, transaction) => withStageKey(stage.id, () => commit(stage, transaction)));
}

class StagedAttempt {
  readonly #context = Context.current();

  constructor(
    private readonly options: StagedActivityOptions,
    private readonly call: AttemptCall,
    private readonly args: unknown[],
  ) {}

  async run(): Promise<unknown> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const begun = await this.#begin();
      const stage = begun.state === 'preparing' ? await this.#prepare(begun) : begun;
      const settled = this.call.isLaunch ? await this.#hold(stage) : await this.#commit(stage);
      if (settled !== null) return settled.value;
    }
    const { activityType } = this.options;
    throw ApplicationFailure.retryable(
      `The stage of ${activityType} was discarded ${MAX_ROUNDS} times while it was being prepared. ` +
        'If prepare takes longer than ttlSeconds, raise that.',
      'RunaheadStageContended',
    );
  }

  #begin(): Promise<Stage> {
    const { store, ttlSeconds } = this.options.definition;
    const { id, activityType, workflowId, runId } = this.#stagedCall();
    const begunAtMs = Date.now();
    const expiresAtMs = begunAtMs + Math.ceil(ttlSeconds * 1000);
    const { namespace } = this.#context.info;
    return store.begin({ id, namespace, activityType, workflowId, runId, begunAtMs, expiresAtMs });
  }

  async #prepare(begun: Stage): Promise<Stage> {
    const { definition } = this.options;
    try {
      const { value, content } = checkPreparation(await definition.prepare(this.#stagedCall(), ...this.args));
      this.#throwIfCancelled();
      return await definition.store.prepared(begun, value, content);
    } catch (error) {
      // An attempt that does not get to its end leaves nothing behind; what it cannot drop, the sweeper does.
      await this.#withdraw(begun);
      throw isNotJson(error) ? ApplicationFailure.nonRetryable(error.message, error.code) : error;
    }
  }

  /** For a launch: what is prepared waits for its claim. Null where somebody has discarded it meanwhile. */
  async #hold(stage: Stage): Promise<{ value: unknown } | null> {
    if (stage.state !== 'prepared' && stage.state !== 'committed') return null;
    await this.#discardIfCancelled(stage);
    const reference = { activityType: this.options.activityType, id: stage.id };
    this.call.prepared = { reference, withdraw: () => this.#withdraw(stage) };
    return { value: stage.value };
  }

  /** For a plain call: visible at once. Null where somebody has discarded it meanwhile. */
  async #commit(stage: Stage): Promise<{ value: unknown } | null> {
    if (stage.state === 'committed') return { value: stage.value };
    if (stage.state !== 'prepared') return null;
    await this.#discardIfCancelled(stage);
    if ((await commitStage(this.options.definition, stage.id)) === 'gone') return null;
    this.options.committed();
    return { value: stage.value };
  }

  async #discardIfCancelled(stage: Stage): Promise<void> {
    try {
      this.#throwIfCancelled();
    } catch (error) {
      await this.#withdraw(stage);
      throw error;
    }
  }

  /** A preparation may go on for a while after nobody wants it any more. */
  #throwIfCancelled(): void {
    const { cancellationSignal } = this.#context;
    if (!cancellationSignal.aborted) return;
    const reason: unknown = cancellationSignal.reason;
    throw reason instanceof CancelledFailure ? reason : new CancelledFailure('CANCELLED');
  }

  async #withdraw({ id, state, preparation }: Stage): Promise<void> {
    const { definition, activityType, warnOnce } = this.options;
    try {
      const outcome = await discardStage(definition, id, preparation);
      if (outcome !== 'gone' || state !== 'preparing') return;
      // Somebody else has discarded it while it was being prepared; what was written after that is still there.
      const now = await definition.store.read(id);
      if (now?.state !== 'discarded' || now.preparation !== preparation) return;
      const anew = await this.#begin();
      await discardStage(definition, id, anew.preparation);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warnOnce(`stage-withdraw:${activityType}`, `A stage of ${activityType} is left to the sweeper (${reason}).`);
    }
  }

  #stagedCall(): StagedCall {
    const { activityType } = this.options;
    const { workflowExecution, activityRunId } = this.#context.info;
    const { workflowId, runId } = workflowExecution ?? { workflowId: '', runId: activityRunId ?? '' };
    return { id: this.call.key, activityType, workflowId, runId, call: this.call.call };
  }
}

function checkPreparation(prepared: unknown): { value: unknown; content: unknown } {
  if (typeof prepared === 'object' && prepared !== null && ('value' in prepared || 'content' in prepared)) {
    const { value, content } = prepared as { value?: unknown; content?: unknown };
    return { value, content };
  }
  const remedy = 'Return { value, content }: what the activity returns, and what commit and discard need beyond it.';
  throw new StageError('STAGE_NOT_JSON', 'the answer of prepare', prepared, remedy, 'has neither value nor content');
}

function isNotJson(error: unknown): error is StageError {
  return error instanceof StageError && error.code === 'STAGE_NOT_JSON';
}
