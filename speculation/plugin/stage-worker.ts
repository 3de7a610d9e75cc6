import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import { COMMIT_STAGE_ACTIVITY } from '../runtime/protocol';
import { commitActivity } from '../stages/commit-activity';
import { OutboxRelay } from '../stages/outbox-relay';
import { StageDesk } from '../stages/stage-desk';
import type { StageDefinition } from '../stages/stage-definition';
import { StageError } from '../stages/stage-error';
import { stagedActivity } from '../stages/staged-activity';
import { StageSweeper } from '../stages/sweeper';
import { PolicyError } from './policy-error';
import type { Policy } from './policy-file';
import type { WarnOnce } from './warn-once';
import { userActivityNames } from './worker-options';

const DESCRIBE_TIMEOUT_MS = 5_000;
/** A worker that stops waits no longer than this for what is under way; the sweeper of another one finishes it. */
const PATIENCE_MS = 2_000;

/** What the workers of this process do about the stages of a policy. */
export class StageWorker {
  readonly desk: StageDesk;
  readonly #relay: OutboxRelay;
  /** Those that this process prepares and commits. */
  readonly #own: ReadonlyMap<string, StageDefinition>;

  constructor(
    policy: Policy,
    private readonly options: { sweepMs: number; warnOnce: WarnOnce },
  ) {
    const staged = [...policy.operations.values()].flatMap(({ activityType, stage, remote }) =>
      stage === null ? [] : [{ activityType, stage, remote }],
    );
    const { warnOnce } = options;
    this.#own = new Map(staged.flatMap(({ activityType, stage, remote }) => (remote ? [] : [[activityType, stage]])));
    this.#relay = new OutboxRelay({ warnOnce });
    // Whoever runs the pipeline may drop what other workers have prepared.
    const definitions = new Map(staged.map(({ activityType, stage }) => [activityType, stage]));
    this.desk = new StageDesk({ definitions, warnOnce });
  }

  /**
   * The activities that a worker must run beside its own; none where it runs no activities at all.
   *
   * @throws PolicyError when the worker has an activity of the same name
   */
  activities(options: WorkerOptions): NonNullable<WorkerOptions['activities']> {
    if (this.#own.size === 0 || !runsActivities(options)) return {};
    for (const name of userActivityNames(options)) {
      if (!this.#own.has(name)) continue;
      const remedy = 'Take it out of the activities of the worker: with a stage, prepare and commit do its work.';
      const problem = 'has a stage, and the worker has an activity of that name too';
      throw new PolicyError('POLICY_STAGE_IS_ACTIVITY', `activities.${name}`, name, remedy, problem);
    }
    const { warnOnce } = this.options;
    const staged = [...this.#own].map(([activityType, definition]) => {
      const committed = (): void => this.#relay.soon(definition.store);
      return [activityType, stagedActivity({ activityType, definition, committed, warnOnce })] as const;
    });
    const committed = ({ store }: StageDefinition): void => this.#relay.soon(store);
    return {
      ...Object.fromEntries(staged),
      [COMMIT_STAGE_ACTIVITY]: commitActivity({ definitions: this.#own, committed }),
    };
  }

  /** To be called when a worker that has the activities is about to run. @throws StageError when a store cannot be used as it is */
  async start(client: Client, namespace: string): Promise<StageSweeper> {
    const { sweepMs, warnOnce } = this.options;
    await Promise.all([...this.#own.values()].map(({ store }) => this.#open(store)));
    const isOver = (workflowId: string): Promise<boolean> => isWorkflowOver(client, workflowId);
    const sweeper = new StageSweeper({
      ...{ namespace, definitions: this.#own, isOver, relay: this.#relay, sweepMs, warnOnce },
    });
    sweeper.start();
    return sweeper;
  }

  /** To be called while the connection of the worker is still open. */
  async stop(sweeper: StageSweeper | null): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
    const work = Promise.all([sweeper?.stop(), this.desk.idle()]).then(() => this.#relay.idle());
    await Promise.race([work, patience]);
    clearTimeout(timer);
  }

  async #open(store: StageDefinition['store']): Promise<void> {
    try {
      await store.open();
    } catch (error) {
      // What cannot become better by waiting stops the worker; a database that is down does not stop its other activities.
      if (error instanceof StageError && error.code !== 'STAGE_STORE_BUSY') throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.options.warnOnce(`store:${store.name}`, `The store "${store.name}" cannot be reached yet (${reason}).`);
    }
  }
}

/** A worker with pipelines alone names no activities; an empty object says that it runs those that the policy adds. */
function runsActivities({
  activities,
  workflowsPath,
  workflowBundle,
  enableNonLocalActivities,
}: WorkerOptions): boolean {
  if (enableNonLocalActivities === false) return false;
  const runsWorkflows = workflowsPath !== undefined || workflowBundle !== undefined;
  return !runsWorkflows || activities !== undefined || enableNonLocalActivities === true;
}

async function isWorkflowOver(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.withDeadline(Date.now() + DESCRIBE_TIMEOUT_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    return status.name !== 'RUNNING' && status.name !== 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
