import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformFile } from '@swc/core';
import { temporal as temporalProto } from '@temporalio/proto';
import type { TemporalSource } from '../workers/fetch-temporal';
import { freePort } from '../workers/free-port';
import {
  findTemporalServer,
  TemporalServerNotFoundError,
  TemporalServerUnreachableError,
} from '../workers/find-temporal-server';
import { DevServerStartError, startDevServer } from '../workers/temporal-server';
import { useTemporal } from './support/temporal';
import { until } from './support/until';

const temporal = useTemporal();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runahead-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that answers `--version` with a text and does `body` otherwise. */
async function fakeTemporal(version: string, body = 'exit 0', name = 'temporal'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo '${version}'; exit 0; fi\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

function versionLine(server: string): string {
  return `temporal version 1.0.0 (Server ${server}, UI 2.54.1)`;
}

/** Nothing configured, nothing on the PATH, nothing cached. */
function bareEnvironment(): NodeJS.ProcessEnv {
  return { PATH: join(folder, 'empty'), XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder };
}

describe('finding a server', () => {
  test('the configured address wins over everything else', async () => {
    const { server } = await temporal.start();
    const environment = { ...bareEnvironment(), TEMPORAL_ADDRESS: server.address, TEMPORAL_NAMESPACE: 'billing' };
    await expect(findTemporalServer({ environment, sources: [] })).resolves.toMatchObject({
      kind: 'address',
      address: server.address,
      namespace: 'billing',
      source: 'TEMPORAL_ADDRESS',
    });
  });

  test('a configured address that does not answer is an error, not a reason to run pipelines elsewhere', async () => {
    const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
    const environment = {
      ...bareEnvironment(),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_CLI_PATH: await fakeTemporal(versionLine('1.32.0')),
    };
    const found = findTemporalServer({ environment, sources: [] });
    await expect(found).rejects.toThrow(TemporalServerUnreachableError);
    await expect(found).rejects.toThrow(`${address} (from TEMPORAL_ADDRESS) does not answer`);
  });

  test('TEMPORAL_CLI_PATH comes before the PATH, the PATH before what can be fetched', async () => {
    const path = await fakeTemporal(versionLine('1.32.0'));
    const other = await fakeTemporal(versionLine('1.33.1'), 'exit 0', 'other');
    const onPath = { ...bareEnvironment(), PATH: folder };
    await expect(findTemporalServer({ environment: { ...onPath, TEMPORAL_CLI_PATH: other } })).resolves.toEqual({
      ...{ kind: 'binary', path: other, serverVersion: '1.33.1', source: 'TEMPORAL_CLI_PATH' },
    });
    await expect(findTemporalServer({ environment: onPath })).resolves.toMatchObject({ path, source: 'PATH' });
  });

  test('a binary whose server is too old is skipped with the reason, and the next way is taken', async () => {
    await fakeTemporal(versionLine('1.30.6'));
    const lines: string[] = [];
    const source = sourceOf(versionLine('1.32.0'));
    const found = findTemporalServer({
      environment: { ...bareEnvironment(), PATH: folder },
      sources: [source],
      log: (line) => lines.push(line),
    });
    await expect(found).resolves.toMatchObject({ path: source.binary, source: 'a fake' });
    expect(lines[0]).toMatch(/PATH: .*temporal is too old: server 1\.30\.6, at least 1\.31 is needed/);
  });

  test('what was fetched once is found again without fetching', async () => {
    const source = sourceOf(versionLine('1.32.0'));
    await source.fetch();
    const cached = { ...source, fetch: () => Promise.reject(new Error('must not be fetched again')) };
    await expect(findTemporalServer({ environment: bareEnvironment(), sources: [cached] })).resolves.toMatchObject({
      source: 'cached a fake',
    });
  });

  test('when nothing works one error lists everything that was tried, and the way out', async () => {
    const environment = { ...bareEnvironment(), TEMPORAL_CLI_PATH: await fakeTemporal('something else') };
    const sources: TemporalSource[] = [
      { title: 'first way', binary: join(folder, 'one'), fetch: () => Promise.reject(new Error('no network\nat all')) },
      { title: 'second way', binary: join(folder, 'two'), fetch: () => Promise.resolve() },
    ];
    const error: unknown = await findTemporalServer({ environment, sources }).catch((thrown: unknown) => thrown);
    if (!(error instanceof TemporalServerNotFoundError)) throw error;
    expect(error.attempts).toEqual([
      expect.stringMatching(
        /^TEMPORAL_CLI_PATH: .* is not the Temporal command line: --version said "something else"$/,
      ),
      'PATH: no `temporal` on it',
      'first way: no network',
      expect.stringMatching(/^second way: .*two does not run: spawn .*two ENOENT$/),
    ]);
    expect(error.message).toContain('set TEMPORAL_ADDRESS');
    expect(error.message.split('\n')).toHaveLength(6);
  });

  function sourceOf(version: string): TemporalSource {
    const binary = join(folder, 'fetched');
    const fetch = async (): Promise<void> => {
      await fakeTemporal(version, 'exit 0', 'fetched');
    };
    return { title: 'a fake', binary, fetch };
  }
});

describe('a dev server', () => {
  test('serves with the search attributes registered', async () => {
    const { connection } = await temporal.start();
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    const types = temporalProto.api.enums.v1.IndexedValueType;
    expect(customAttributes).toMatchObject({
      SpecCostMicroUsd: types.INDEXED_VALUE_TYPE_INT,
      SpecWasteMicroUsd: types.INDEXED_VALUE_TYPE_INT,
      SpecSavedMs: types.INDEXED_VALUE_TYPE_INT,
      SpecPolicy: types.INDEXED_VALUE_TYPE_KEYWORD,
      SpecEntries: types.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    });
  });

  test('says what its server printed when it does not come up', async () => {
    const path = await fakeTemporal(versionLine('1.32.0'), 'echo "database is locked" >&2; exit 3');
    const start = startDevServer({ path });
    await expect(start).rejects.toThrow(DevServerStartError);
    await expect(start).rejects.toThrow(/ended with exit code 3[\s\S]*database is locked/);
  });

  test('is gone after stop, and so are its temporary files', async () => {
    const server = await startDevServer({ uiPort: false });
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(server.logFile)).toBe(false);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('ends with its parent on %s, with its files', async (signal) => {
    const { code } = await transformFile(join(__dirname, '../workers/end-with-parent.ts'), {
      jsc: { parser: { syntax: 'typescript' } },
      module: { type: 'commonjs' },
    });
    const module = join(folder, 'end-with-parent.js');
    await writeFile(module, code);
    const files = join(folder, 'files');
    await mkdir(files);
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn } = require('node:child_process');
       const stdio = ['ignore', 'inherit', 'ignore'];
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio });
       require(${JSON.stringify(module)}).endWithParent(child.pid, ${JSON.stringify(files)});
       console.log(child.pid);
       setInterval(() => {}, 1000);`,
    ]);
    await once(parent.stdout, 'data');
    // The child holds the same pipe: it closes when both are gone.
    const gone = Promise.all([once(parent, 'exit'), once(parent.stdout, 'close')]);
    parent.kill(signal);
    const [[, endedBy]] = (await gone) as [[number | null, string | null], []];
    expect(endedBy).toBe(signal);
    await until(() => !existsSync(files));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
