import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Moment } from './chaos-activities';
import type { ChaosWorkerMessage, ChaosWorkerSettings } from './chaos-worker';

const PATIENCE_MS = 15_000;
const MOST_CRASHES_IN_A_ROW = 4;

/** A worker does not come up, whatever is done. */
export class ChaosWorkerError extends Error {
  override readonly name = 'ChaosWorkerError';
  readonly code = 'CHAOS_WORKER_ENDED';
}

/** A worker that is started anew whenever it is gone: killed by us, or ended by itself. */
export class WorkerProcess {
  /** How often it was killed, and how often it ended although nobody had asked. */
  kills = 0;
  crashes = 0;
  #child: ChildProcess;
  #ending = false;
  #crashesInARow = 0;
  #serving = false;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(
    private readonly settings: ChaosWorkerSettings,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly onMoment: (moment: Moment, run: number, worker: WorkerProcess) => void,
  ) {
    this.#child = this.#start();
  }

  /** Resolves when a process is there that serves. @throws ChaosWorkerError when none comes up */
  async ready(): Promise<void> {
    if (!this.#serving) await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** kill -9; another one takes its place. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.kills += 1;
    await gone(child, () => child.kill('SIGKILL'));
  }

  /** Lets it end by itself, and kills it when it does not. */
  async end(): Promise<void> {
    this.#ending = true;
    const child = this.#child;
    const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await gone(child, () => {
      if (child.connected) child.disconnect();
    });
    clearTimeout(impatience);
  }

  #start(): ChildProcess {
    const child = fork(require.resolve('./chaos-worker'), [JSON.stringify(this.settings)], {
      env: { ...process.env, ...this.environment },
      // What it says while it is killed is no news; Ctrl-C must reach the parent first, which then ends it in order.
      stdio: ['ignore', 'ignore', process.env['RUNAHEAD_CHAOS_DEBUG'] === undefined ? 'ignore' : 'inherit', 'ipc'],
      detached: true,
    });
    child.on('message', (message: ChaosWorkerMessage) => {
      if (message === 'ready') this.#serves();
      else this.onMoment(message.moment, message.run, this);
    });
    child.once('exit', (code, signal) => {
      this.#serving = false;
      if (!this.#ending) this.#replace(signal ?? `exit code ${String(code)}`);
    });
    return child;
  }

  #serves(): void {
    this.#serving = true;
    this.#crashesInARow = 0;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #replace(how: string): void {
    if (how !== 'SIGKILL') {
      this.crashes += 1;
      this.#crashesInARow += 1;
    }
    if (this.#crashesInARow < MOST_CRASHES_IN_A_ROW) {
      this.#child = this.#start();
      return;
    }
    const error = new ChaosWorkerError(`A worker ended with ${how} ${this.#crashesInARow} times in a row`);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

async function gone(child: ChildProcess, go: () => void): Promise<void> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  go();
  await exited;
}
