import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Server 1.31 is the first whose visibility, priorities and worker deployments behave as Runahead relies on. */
const OLDEST_SERVER: readonly [major: number, minor: number] = [1, 31];

const LONGEST_LINE = 200;

/** The `temporal` command line with the server inside. */
export interface TemporalBinary {
  path: string;
  /** Version of the server in it, for example `1.32.0`. */
  serverVersion: string;
}

/**
 * Asks a `temporal` binary for its version.
 *
 * @throws Error that names the path and says why it cannot serve: not there, not the Temporal command line, or too old.
 */
export async function inspectTemporalBinary(path: string): Promise<TemporalBinary> {
  const { stdout } = await run(path, ['--version'], { timeout: 20_000 }).catch((cause: unknown) => {
    throw new Error(`${path} does not run: ${firstLine(cause)}`, { cause });
  });
  const version = /Server (\d+)\.(\d+)\.(\S+?)[,)]/.exec(stdout);
  if (version === null) {
    throw new Error(`${path} is not the Temporal command line: --version said "${stdout.trim().slice(0, 80)}"`);
  }
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const serverVersion = `${major}.${minor}.${String(version[3])}`;
  if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1])) {
    throw new Error(`${path} is too old: server ${serverVersion}, at least ${OLDEST_SERVER.join('.')} is needed`);
  }
  return { path, serverVersion };
}

/** The first line of an error, preferring what a command wrote to stderr. */
export function firstLine(error: unknown): string {
  const [stderr, message] = [textOf(error, 'stderr'), textOf(error, 'message')];
  const text = stderr === '' ? message : (stderr.split('\n').at(-1) ?? '');
  const line = (text === '' ? String(error) : text).split('\n')[0] ?? '';
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}...`;
}

function textOf(error: unknown, field: string): string {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}
