import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ScaleWorkerMessage, ScaleWorkerSettings, WorkerReading } from './scale-worker';

const PATIENCE_MS = 15_000;

/** A worker process ended although nobody had asked. */
export class ScaleWorkerError extends Error {
  override readonly name = 'ScaleWorkerError';
  readonly code = 'SCALE_WORKER_ENDED';
}

/** Worker processes of one variant on one task queue. */
export class WorkerProcesses {
  readonly #children: ChildProcess[] = [];

  constructor(private readonly settings: ScaleWorkerSettings) {}

  get taskQueue(): string {
    return this.settings.taskQueue;
  }

  get count(): number {
    return this.#children.length;
  }

  /** Starts as many as are missing, and waits until they serve. */
  async grow(count: number): Promise<void> {
    const started: Promise<unknown>[] = [];
    while (this.#children.length < count) {
      const child = fork(require.resolve('./scale-worker'), [JSON.stringify(this.settings)], {
        execArgv: [...process.execArgv, '--expose-gc'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        // Ctrl-C must reach this process first; a worker ends when it loses its parent.
        detached: true,
      });
      this.#children.push(child);
      started.push(messageOf(child, 'ready'));
    }
    await Promise.all(started);
  }

  /** All of them together. */
  async read(): Promise<WorkerReading> {
    const readings = await Promise.all(
      this.#children.map(async (child) => {
        const message = messageOf(child, 'reading');
        child.send('read');
        return (await message).reading;
      }),
    );
    const sum = (of: (reading: WorkerReading) => number): number =>
      readings.reduce((total, reading) => total + of(reading), 0);
    return {
      answers: sum(({ answers }) => answers),
      launches: sum(({ launches }) => launches),
      answered: sum(({ answered }) => answered),
      residentBytes: sum(({ residentBytes }) => residentBytes),
      cachedPipelines: sum(({ cachedPipelines }) => cachedPipelines),
    };
  }

  /** Lets each end by itself, and kills what does not. */
  async end(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        if (child.connected) child.disconnect();
        const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
        await gone;
        clearTimeout(impatience);
      }),
    );
  }
}

async function messageOf<Kind extends ScaleWorkerMessage['kind']>(
  child: ChildProcess,
  kind: Kind,
): Promise<ScaleWorkerMessage & { kind: Kind }> {
  const listening = new AbortController();
  try {
    return await new Promise((resolve, reject) => {
      const { signal } = listening;
      const onMessage = (message: ScaleWorkerMessage): void => {
        if (message.kind === kind) resolve(message as ScaleWorkerMessage & { kind: Kind });
      };
      const onExit = (code: number | null, by: string | null): void =>
        reject(new ScaleWorkerError(`A worker process ended with ${by ?? `code ${String(code)}`}`));
      child.on('message', onMessage);
      child.once('exit', onExit);
      signal.addEventListener('abort', () => {
        child.off('message', onMessage);
        child.off('exit', onExit);
      });
    });
  } finally {
    listening.abort();
  }
}
