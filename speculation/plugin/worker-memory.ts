import type { Client } from '@temporalio/client';
import { emptyBudgetState } from '../budget/budget-state';
import type { ControlCarry } from '../runtime/control-protocol';
import { noCalibration } from '../estimate/calibration-state';
import { changeKnob, emptyControlState, type ControlState } from '../estimate/control-state';
import type { Observation } from '../estimate/observation';
import { BudgetDesk } from './budget-desk';
import { controlLink, type ControlLink } from './control-link';
import { DEFAULT_LIMITS } from '../runtime/protocol';
import { ObservationReporter } from './observation-reporter';
import type { Policy } from './policy-file';
import { SharedBudgets } from './shared-budgets';
import { ControlSnapshot } from './snapshot';
import type { WarnOnce } from './warn-once';

export interface WorkerMemoryOptions {
  policy: Policy | null;
  warnOnce: WarnOnce;
  /** How often the control plane is asked for news, milliseconds. */
  refreshMs: number;
  /** How long an observation waits for others to travel with, milliseconds. */
  flushMs: number;
}

const RPC_TIMEOUT_MS = 5_000;
/** Pipelines do not wait longer than this for the control plane, neither at the start of a worker nor at its end. */
const PATIENCE_MS = 2_000;

/** What the workers of this process know about one namespace, and their way to its control workflow. */
export class WorkerMemory {
  readonly #options: WorkerMemoryOptions;
  readonly #snapshot: ControlSnapshot;
  readonly #reporter: ObservationReporter;
  readonly budgets: SharedBudgets;
  /** One for each running worker: the connection of any of them will do. */
  readonly #links = new Map<Client, ControlLink>();

  constructor(options: WorkerMemoryOptions) {
    const { warnOnce, refreshMs, flushMs } = options;
    this.#options = options;
    this.#reporter = new ObservationReporter({
      send: (batch) => this.#link().observe(batch),
      counted: (sender) => this.#link().counted(sender),
      warnOnce,
      flushMs,
    });
    this.#snapshot = new ControlSnapshot({
      initial: initialState(options.policy),
      fetch: (version) => this.#link().snapshot(version),
      sender: this.#reporter.sender,
      unacknowledged: () => this.#reporter.unacknowledged(),
      onFailure: (reason) =>
        warnOnce(
          'snapshot',
          `The control workflow does not answer (${reason}); pipelines go on with what this worker knows.`,
        ),
      refreshMs,
    });
    const declared = options.policy?.budgets ?? {};
    // A launch is only worth having on slack; it waits for its reservation no longer than for a worker.
    const waitMs = options.policy?.limits.scheduleToStartMs ?? DEFAULT_LIMITS.scheduleToStartMs;
    this.budgets = new SharedBudgets({
      declared,
      known: () => this.state.budgets,
      desk: new BudgetDesk({ send: async (batch) => this.#link().reserve(batch, waitMs), declared, waitMs, warnOnce }),
    });
  }

  get state(): ControlState {
    return this.#snapshot.state;
  }

  report(observations: readonly Observation[]): void {
    this.#snapshot.observe(this.#reporter.report(observations));
  }

  /** Connects a worker that is about to run. Waits for the control plane, but not for long. */
  async attach(client: Client, { start }: { start: boolean }): Promise<void> {
    const link = controlLink(client, RPC_TIMEOUT_MS);
    this.#links.set(client, link);
    await briefly(async () => {
      if (start) await this.#start(link);
      await this.#snapshot.refresh();
    });
    this.#snapshot.start();
  }

  /** To be called while the connection of the client is still open. */
  async detach(client: Client): Promise<void> {
    // The answer comes after the control workflow has taken in what was sent, so its host can be stopped without losing a task.
    if (this.#links.size === 1) this.#snapshot.stop();
    await briefly(() => this.synchronise());
    this.#links.delete(client);
  }

  /** Delivers what was observed, and asks for news. */
  async synchronise(): Promise<void> {
    await Promise.all([this.#reporter.flush(), this.budgets.flush()]);
    await this.#snapshot.refresh();
  }

  async #start(link: ControlLink): Promise<void> {
    const carry: ControlCarry = { state: initialState(this.#options.policy) };
    try {
      await link.start(carry);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.warnOnce('control-start', `The control workflow cannot be started (${reason}); pipelines go on.`);
    }
  }

  #link(): ControlLink {
    const link = [...this.#links.values()].at(-1);
    if (link === undefined) throw new Error('no worker is running');
    return link;
  }
}

function initialState(policy: Policy | null): ControlState {
  const state = emptyControlState();
  if (policy === null) return state;
  changeKnob(state, { pipeline: null, change: policy.knob });
  state.calibration = noCalibration(policy.calibration);
  if (Object.keys(policy.budgets).length > 0) state.budgets = emptyBudgetState({ ...policy.budgets });
  return state;
}

async function briefly(work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([work(), patience]);
  clearTimeout(timer);
}
