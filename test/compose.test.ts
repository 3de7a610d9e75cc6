import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTE } from '../speculation/runtime/protocol';
import { temporalServerPath } from '../workers/temporal-server';
import { useTemporal } from './support/temporal';

const run = promisify(execFile);
const root = join(__dirname, '..');

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  healthcheck?: { test: string[]; interval: string; timeout: string; retries: number; start_period: string };
  ports?: string[];
  volumes?: string[];
  entrypoint?: string[];
  restart?: string;
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8')) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

describe('docker-compose.yml', () => {
  test('has the services of the official compose files and a Runahead worker, each in a version that is pinned', () => {
    const images = Object.fromEntries(Object.entries(compose.services).map(([name, { image }]) => [name, image]));
    expect(images).toEqual({
      postgresql: 'postgres:${POSTGRESQL_VERSION:-16}',
      'temporal-schema': 'temporalio/admin-tools:${TEMPORAL_ADMINTOOLS_VERSION:-1.32.0}',
      temporal: 'temporalio/server:${TEMPORAL_VERSION:-1.32.0}',
      'temporal-namespace': 'temporalio/admin-tools:${TEMPORAL_ADMINTOOLS_VERSION:-1.32.0}',
      'temporal-ui': 'temporalio/ui:${TEMPORAL_UI_VERSION:-2.54.1}',
      'runahead-worker': undefined,
    });
    expect(service('runahead-worker').build).toEqual({ context: '.', dockerfile: 'deploy/Dockerfile' });
  });

  test('starts in order: database, schema, server, namespace, worker', () => {
    const conditions = Object.fromEntries(
      Object.entries(compose.services).map(([name, { depends_on = {} }]) => [
        name,
        Object.entries(depends_on).map(([other, { condition }]) => `${other} ${condition}`),
      ]),
    );
    expect(conditions).toEqual({
      postgresql: [],
      'temporal-schema': ['postgresql service_healthy'],
      temporal: ['temporal-schema service_completed_successfully'],
      'temporal-namespace': ['temporal service_healthy'],
      'temporal-ui': ['temporal service_healthy'],
      'runahead-worker': ['temporal-namespace service_completed_successfully'],
    });
  });

  test('what others wait for to be healthy has a health check', () => {
    const awaited = Object.values(compose.services).flatMap(({ depends_on = {} }) =>
      Object.entries(depends_on).flatMap(([name, { condition }]) => (condition === 'service_healthy' ? [name] : [])),
    );
    expect(new Set(awaited)).toEqual(new Set(['postgresql', 'temporal']));
    expect(service('postgresql').healthcheck?.test).toEqual(['CMD-SHELL', 'pg_isready -U temporal']);
    expect(service('temporal').healthcheck?.test).toEqual(['CMD', 'nc', '-z', 'localhost', '7233']);
  });

  test('gives the server, the schema tool, the namespace job, the UI and the worker the variables that they read', () => {
    const names = (name: string): string[] => Object.keys(service(name).environment ?? {}).sort();
    expect(names('temporal')).toEqual([
      'BIND_ON_IP',
      'DB',
      'DB_PORT',
      'DYNAMIC_CONFIG_FILE_PATH',
      'POSTGRES_PWD',
      'POSTGRES_SEEDS',
      'POSTGRES_USER',
    ]);
    expect(service('temporal').environment).toMatchObject({ DB: 'postgres12', POSTGRES_SEEDS: 'postgresql' });
    expect(names('temporal-schema')).toEqual(['DB_PORT', 'POSTGRES_SEEDS', 'POSTGRES_USER', 'SQL_PASSWORD']);
    expect(names('temporal-namespace')).toEqual(['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE']);
    expect(names('temporal-ui')).toEqual(['TEMPORAL_ADDRESS', 'TEMPORAL_DEFAULT_NAMESPACE']);
    for (const name of ['temporal-namespace', 'temporal-ui', 'runahead-worker']) {
      expect(service(name).environment?.['TEMPORAL_ADDRESS']).toBe('temporal:7233');
    }
  });

  test('publishes ports on the loopback address only', () => {
    const ports = Object.values(compose.services).flatMap((one) => one.ports ?? []);
    expect(ports.sort()).toEqual(['127.0.0.1:7233:7233', '127.0.0.1:8080:8080']);
  });

  test('mounts and builds only what is there', () => {
    const mounted = Object.values(compose.services).flatMap((one) => one.volumes ?? []);
    for (const volume of mounted) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    const dockerfile = readFileSync(join(root, 'deploy/Dockerfile'), 'utf8');
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const [, script = ''] of dockerfile.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty([script]);
    const source = /CMD \["node", "dist\/(.*)\.js"/.exec(dockerfile)?.[1] ?? 'missing';
    expect(existsSync(join(root, `${source}.ts`))).toBe(true);
  });
});

describe('deploy/compose/create-namespace.sh', () => {
  const temporal = useTemporal();
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'runahead-compose-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('makes the namespace and the attributes on a server that has neither, and may be run again', async () => {
    const { server, connection } = await temporal.start();
    await symlink(await temporalServerPath(), join(folder, 'temporal'));
    const environment = {
      ...process.env,
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: 'from-compose',
    };
    const script = join(root, 'deploy/compose/create-namespace.sh');
    await run('sh', [script], { env: environment });
    await run('sh', [script], { env: environment });

    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'from-compose' });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.values(SEARCH_ATTRIBUTE)));
  });
});
