import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, root } from './support/build';

const run = promisify(execFile);
const fromRoot = createRequire(join(root, 'package.json'));

interface Manifest {
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
}
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

interface Packed {
  files: { path: string; size: number }[];
  unpackedSize: number;
}

describe('the package', () => {
  let packed: Packed;

  beforeAll(async () => {
    await build();
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
    packed = (JSON.parse(stdout) as Packed[])[0]!;
  }, 120_000);

  test('holds what a user needs: code with types, documentation, licence; and no tests, sources or benchmarks', () => {
    const paths = packed.files.map(({ path }) => path);
    process.stdout.write(`unpacked size: ${(packed.unpackedSize / 1e6).toFixed(2)} MB in ${paths.length} files\n`);
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']));
    expect(paths).toEqual(expect.arrayContaining(['docs/how-it-works.md', 'dist/client/cli.js']));
    expect(paths).toEqual(expect.arrayContaining(RECORDED));
    const superfluous = paths.filter(
      (path) =>
        (!RECORDED.includes(path) &&
          /^(test|bench|shared|deploy|\.)|^dist\/test\/|^dist\/bench\/[^/]+$|\.test\.|\.map$/.test(path)) ||
        (path.endsWith('.ts') && !path.endsWith('.d.ts')),
    );
    expect(superfluous).toEqual([]);
    expect(packed.unpackedSize).toBeLessThan(5e6);
  });

  test('the command line needs no file that is not packed', () => {
    const paths = new Set(packed.files.map(({ path }) => join(root, path)));
    const needed = reachableFrom(join(root, 'dist/client/cli.js'), new Set());
    expect(needed.length).toBeGreaterThan(100);
    expect(needed.filter((path) => !paths.has(path))).toEqual([]);
  });

  test('every entry of the exports map has code and types, and both are packed', () => {
    const paths = packed.files.map(({ path }) => `./${path}`);
    for (const [entry, target] of Object.entries(manifest.exports)) {
      for (const path of typeof target === 'string' ? [target] : [target.types, target.default]) {
        expect(`${entry}: ${path} ${paths.includes(path)}`).toBe(`${entry}: ${path} true`);
      }
    }
  });

  test('its entries export these names, so that a change of the public surface is seen', () => {
    const names = (entry: string): string[] => Object.keys(fromRoot(entry) as object).sort();
    expect(names('runahead')).toEqual(PUBLIC.plugin);
    expect(names('runahead/client')).toEqual(PUBLIC.client);
    expect(names('runahead/worker')).toEqual(PUBLIC.worker);
    expect(names('runahead/decision')).toEqual(PUBLIC.decision);
  });

  test('the entry for workflow code is the interceptor module, and its whole import graph is fit for the sandbox', () => {
    const entry = fromRoot.resolve('runahead/workflow');
    const packages = new Set<string>();
    const files = reachableFrom(entry, packages);
    expect(files.length).toBeGreaterThan(5);
    for (const name of packages) expect(['@temporalio/workflow', '@temporalio/common', 'decimal.js']).toContain(name);
  });

  test('the decision entry pulls in nothing of Temporal', () => {
    const packages = new Set<string>();
    reachableFrom(fromRoot.resolve('runahead/decision'), packages);
    expect([...packages].filter((name) => name !== 'decimal.js')).toEqual([]);
  });

  test('the command is executable code with a first line that says so', () => {
    const path = join(root, manifest.bin['runahead']!);
    expect(readFileSync(path, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
    expect(existsSync(path)).toBe(true);
    expect(statSync(path).isFile()).toBe(true);
  });

  test('every Temporal package is pinned to the version that the serverless worker is built for', () => {
    const temporal = Object.entries(manifest.dependencies).filter(([name]) => name.startsWith('@temporalio/'));
    expect(new Set(temporal.map(([, version]) => version))).toEqual(new Set(['1.23.0']));
  });
});

/** Follows `require` through our own files; collects the packages that they ask for. */
function reachableFrom(entry: string, packages: Set<string>): string[] {
  const seen = new Set<string>();
  const pending = [entry];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/require\("([^"]+)"\)/g)) {
      if (name.startsWith('.')) pending.push(createRequire(path).resolve(name));
      else packages.add(/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
    }
  }
  return [...seen];
}

/** Steps of recorded games that `runahead bench chess` reads. */
const RECORDED = ['bench/chess/steps.csv', 'bench/chess/NOTICE.md'];

const PUBLIC = {
  plugin: [
    'FaultExperimentError',
    'OutsideActivityError',
    'PatternsError',
    'PolicyError',
    'PostgresStageStore',
    'PriceTable',
    'RunaheadPlugin',
    'SchemaMisfitError',
    'SqliteStageStore',
    'StageError',
    'UnknownPriceError',
    'UnreadableJsonError',
    'WORKFLOW_INTERCEPTOR_PATH',
    'defineFaultExperiment',
    'definePolicy',
    'defineStage',
    'dropRunningUsage',
    'idempotencyKey',
    'loadPatterns',
    'nextRequestId',
    'outputStream',
    'recordUsage',
    'registerSearchAttributes',
    'reportRunningUsage',
    'usageSoFar',
    'withFields',
  ],
  client: ['RunaheadClient'],
  worker: ['startWorker'],
  decision: [
    'DEFAULT_KNOB',
    'InvalidKnobError',
    'InvalidQuantityError',
    'applyKnobChange',
    'branchProbability',
    'breadthValueUsd',
    'breakEvenProbability',
    'byValuePerDollar',
    'checkAdmissible',
    'criticalBranches',
    'decide',
    'decideAsk',
    'expectedValueUsd',
    'impliedLambdaUsdPerSecond',
    'largestAffordableCostUsd',
    'latencyValueUsd',
    'marginalProbability',
    'mostBranches',
    'neverSpeculates',
    'optimalBreadth',
    'parseKnobChange',
    'probabilityThreshold',
    'recomputeRow',
    'shouldSpeculate',
    'smallestAlpha',
    'thresholdUsd',
    'tokensCostUsd',
    'valuePerDollar',
  ],
};
