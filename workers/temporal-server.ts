import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTE } from '../speculation/runtime/protocol';
import { endWithParent } from './end-with-parent';
import { findTemporalBinary } from './find-temporal-server';
import { freePort } from './free-port';
import { waitUntilServing } from './wait-until-serving';

export { findTemporalServer, temporalServerPath } from './find-temporal-server';

export interface DevServerOptions {
  /** gRPC port. @default a free one */
  port?: number;
  /** Port of the Web UI; false for none. @default a free one */
  uiPort?: number | false;
  /** SQLite file that outlives the server. @default a temporary file, removed by `stop` */
  dbFilename?: string;
  /** @default "default" */
  namespace?: string;
  /** Where the server's own output goes. @default a temporary file, removed by `stop` */
  logFile?: string;
  /** Path of the `temporal` binary. @default found or fetched, see `findTemporalServer` */
  path?: string;
  /** Whether the server pushes the cancel of an activity to its worker, instead of waiting for a heartbeat. @default true */
  pushCancel?: boolean;
  /** Told what happens while a binary is looked for, one line each. @default silent */
  log?: (line: string) => void;
}

/** A running `temporal server start-dev`. */
export interface DevServer {
  /** For example `127.0.0.1:7233`. */
  address: string;
  /** For example `http://127.0.0.1:8233`; null without a Web UI. */
  uiUrl: string | null;
  pid: number;
  namespace: string;
  logFile: string;
  /** Ends the server and waits until it is gone. Also done when this process ends. */
  stop: () => Promise<void>;
}

/** The server did not come up; the message ends with the last lines of its output. */
export class DevServerStartError extends Error {
  override readonly name = 'DevServerStartError';
  readonly code = 'DEV_SERVER_START_FAILED';
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

const SEARCH_ATTRIBUTE_TYPES = {
  [SEARCH_ATTRIBUTE.cost]: 'Int',
  [SEARCH_ATTRIBUTE.waste]: 'Int',
  [SEARCH_ATTRIBUTE.saved]: 'Int',
  [SEARCH_ATTRIBUTE.policy]: 'Keyword',
  [SEARCH_ATTRIBUTE.entries]: 'KeywordList',
} as const;

/** Values are JSON. */
const DYNAMIC_CONFIG = {
  // Speculation makes bursts of work; the default of 20 polls a second and shard makes each burst wait up to 100 ms.
  'history.transferProcessorMaxPollRPS': '1000',
  // By default a timer below one second fires after one second: too coarse for the schedule-to-start bound of a launch.
  'history.timerProcessorMaxTimeShift': '"20ms"',
};

const PUSH_CANCEL_CONFIG = {
  'frontend.WorkerCommandsEnabled': 'true',
  'system.enableCancelActivityWorkerCommand': 'true',
};

/**
 * Starts a Temporal server on this machine with the search attributes and settings that Runahead wants, and waits until it
 * serves.
 *
 * @throws TemporalServerNotFoundError when there is no binary to start
 * @throws DevServerStartError when the binary does not come up
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const path = options.path ?? (await findTemporalBinary(options.log === undefined ? {} : { log: options.log })).path;
  const folder = await mkdtemp(join(tmpdir(), 'runahead-temporal-'));
  const port = options.port ?? (await freePort(HOST));
  const uiPort = options.uiPort ?? (await freePort(HOST));
  const namespace = options.namespace ?? 'default';
  const logFile = options.logFile ?? join(folder, 'server.log');
  const address = `${HOST}:${port}`;

  const config = { ...DYNAMIC_CONFIG, ...(options.pushCancel === false ? {} : PUSH_CANCEL_CONFIG) };
  const server = await spawnServer(path, logFile, [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--namespace', namespace],
    ...['--db-filename', options.dbFilename ?? join(folder, 'temporal.db'), '--log-level', 'warn'],
    ...(uiPort === false ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    ...Object.entries(config).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...Object.entries(SEARCH_ATTRIBUTE_TYPES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ]);
  const forget = endWithParent(server.pid, folder);
  const stop = async (): Promise<void> => {
    await endProcess(server);
    // Only now: if this process is killed meanwhile, the server still ends.
    forget();
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await waitUntilServing({ address, namespace, timeoutMs: START_TIMEOUT_MS, gone: server.ended });
  } catch (cause) {
    const output = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-15).join('\n');
    await stop();
    throw new DevServerStartError(
      `The Temporal server (${path}) did not come up on ${address}: ${String(cause)}\n${output}`,
      { cause },
    );
  }
  const uiUrl = uiPort === false ? null : `http://${HOST}:${uiPort}`;
  return { address, uiUrl, pid: server.pid, namespace, logFile, stop };
}

interface RunningServer {
  process: ChildProcess;
  pid: number;
  /** Resolves when it has ended, with how. */
  ended: Promise<string>;
}

async function spawnServer(path: string, logFile: string, args: string[]): Promise<RunningServer> {
  const output = await open(logFile, 'a');
  try {
    // A process group of its own: Ctrl-C in a terminal must reach the workers first, and the server only after they left.
    const child = spawn(path, args, { stdio: ['ignore', output.fd, output.fd], detached: true });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${String(code)}`}`));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => {
        reject(new DevServerStartError(`The Temporal server (${path}) cannot be run: ${cause.message}`, { cause }));
      });
    });
    // It ends with this process, so it is no reason for this process to go on.
    child.unref();
    if (child.pid === undefined) throw new DevServerStartError(`The Temporal server (${path}) has no process id`);
    return { process: child, pid: child.pid, ended };
  } finally {
    await output.close();
  }
}

async function endProcess(server: RunningServer): Promise<void> {
  // Whoever waits for its end must not be gone before.
  server.process.ref();
  server.process.kill('SIGTERM');
  const impatience = setTimeout(() => server.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await server.ended;
  clearTimeout(impatience);
}
