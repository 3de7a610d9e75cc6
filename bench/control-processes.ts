import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { HostSettings } from './control-host';
import type { ReporterMessage, ReporterSettings } from './control-reporter';

/** A child process that can be killed at any moment. */
export interface BenchProcess {
  pid: number;
  /** kill -9. */
  kill: () => Promise<void>;
  /** Lets it end by itself, and kills it when it does not. */
  end: () => Promise<void>;
}

export interface ReportingProcess extends BenchProcess {
  /** Under which names it sends, in the order of its streams. */
  senders: Promise<string[]>;
  /** Resolves when everything is acknowledged. */
  finished: Promise<ReporterMessage & { kind: 'finished' }>;
}

export interface DoomedProcess extends BenchProcess {
  operation: string;
  /** As it last said itself: at least what is acknowledged, at most what was handed in. */
  progress: () => { handedIn: number; acknowledged: number };
}

/** A process of the experiment ended by itself. */
export class BenchProcessError extends Error {
  override readonly name = 'BenchProcessError';
  readonly code = 'BENCH_PROCESS_ENDED';
}

const PATIENCE_MS = 10_000;

export function startHost(settings: HostSettings): BenchProcess {
  return benchProcess(fork(require.resolve('./control-host'), [JSON.stringify(settings)]));
}

export function startReporter(settings: ReporterSettings): ReportingProcess {
  const child = fork(require.resolve('./control-reporter'), [JSON.stringify(settings)]);
  const messageOf = <Kind extends ReporterMessage['kind']>(kind: Kind): Promise<ReporterMessage & { kind: Kind }> => {
    const message = new Promise<ReporterMessage & { kind: Kind }>((resolve, reject) => {
      child.on('message', (received: ReporterMessage) => {
        if (received.kind === kind) resolve(received as ReporterMessage & { kind: Kind });
      });
      child.once('exit', (code, signal) => {
        reject(
          new BenchProcessError(`A reporter ended with ${signal ?? `code ${String(code)}`} before it was ${kind}`),
        );
      });
    });
    message.catch(() => undefined);
    return message;
  };
  const senders = messageOf('started').then((started) => started.senders);
  senders.catch(() => undefined);
  return { ...benchProcess(child), senders, finished: messageOf('finished') };
}

export function startDoomed(settings: ReporterSettings & { doomed: string }): DoomedProcess {
  const child = fork(require.resolve('./control-reporter'), [JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let progress = { handedIn: 0, acknowledged: 0 };
  const closed = new Promise<void>((resolve) => {
    if (child.stdout === null) throw new BenchProcessError('A reporter has no output');
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const [handedIn = 0, acknowledged = 0] = line.split(' ').map(Number);
      progress = { handedIn, acknowledged };
    });
    lines.once('close', resolve);
  });
  const own = benchProcess(child);
  return {
    ...own,
    operation: settings.doomed,
    progress: () => progress,
    kill: async () => {
      await own.kill();
      // What it said before it was killed may still be in the pipe.
      await closed;
    },
  };
}

function benchProcess(child: ChildProcess): BenchProcess {
  const { pid } = child;
  if (pid === undefined) throw new BenchProcessError('A process of the experiment could not be started');
  const gone = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone();
  };
  return {
    pid,
    kill,
    end: async () => {
      if (child.connected) child.disconnect();
      const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await gone();
      clearTimeout(impatience);
    },
  };
}
