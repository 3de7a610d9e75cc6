import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { booksMatch } from '../bench/books';
import { effectDifferences } from '../bench/effects';
import { readBenchOptions } from '../bench/options';
import { percentile } from '../bench/measure/percentile';
import type { Report } from '../bench/report';
import { sampleWorkloads } from '../bench/workload';

const CONFIGURATION = ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'RUNAHEAD_AIRLINE_DATA', 'TEMPORAL_ADDRESS'];
const ROOT = join(__dirname, '..');

/** Runs what `npm start` runs, from the sources. */
async function npmStart(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const env: NodeJS.ProcessEnv = { ...process.env };
  // Nothing is configured, as on a fresh machine.
  for (const name of CONFIGURATION) Reflect.deleteProperty(env, name);
  const child = spawn(process.execPath, ['--require', hook, join(ROOT, 'bench', 'main.ts'), ...args], { env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

test('npm start compares the three pipelines: identical results, and books that match the invoice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runahead-report-'));
  const file = join(folder, 'report.json');
  const { code, stdout, stderr } = await npmStart(['--requests', '2', '--report', file]);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });

  const report = JSON.parse(await readFile(file, 'utf8')) as Report;
  await rm(folder, { recursive: true });
  const money = expect.stringMatching(/^\d+(\.\d+)?$/) as unknown;
  const count = expect.any(Number) as unknown;
  const row = (name: string): unknown => ({
    name,
    requests: 2,
    plain: { p50Ms: count, p95Ms: count, costUsd: money },
    runahead: {
      p50Ms: count,
      p95Ms: count,
      costUsd: money,
      wasteUsd: money,
      launched: count,
      claimed: count,
      cancelled: count,
      failed: count,
    },
    identicalResults: true,
  });
  expect(report).toEqual({
    pipelines: [row('autoReply'), row('toolAgent'), row('research')],
    ledger: { bookedUsd: money, invoiceUsd: money },
  });
  for (const { runahead } of report.pipelines) {
    expect(runahead.claimed + runahead.cancelled + runahead.failed).toBe(runahead.launched);
  }
  expect(stdout).toContain('of it');
  expect(stdout).toContain('2/2');
}, 180_000);

test('a folder without recordings is named, and the sample scenarios still run', async () => {
  const { code, stderr } = await npmStart(['--requests', '1', '--airline', '/nowhere/at/all', '--json']);
  expect(stderr).toContain('No recorded conversations in "/nowhere/at/all"');
  expect(code).toBe(0);
}, 180_000);

test.each([
  ['--alpha', '1.5'],
  ['--alpha', 'much'],
  ['--lambda', '-1'],
  ['--requests', '0'],
])('%s %s is refused before anything starts', async (flag, value) => {
  const { code, stderr } = await npmStart([flag, value]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(flag);
  expect(stderr).toContain('It must be');
});

test('options default to a few dozen requests and the policy of the pipelines', () => {
  expect(readBenchOptions([], {})).toMatchObject({ requests: 24, seed: 1, airline: null, alpha: null, keep: false });
});

test('the same seed gives the same requests, another seed others', () => {
  expect(sampleWorkloads(5, 7)).toEqual(sampleWorkloads(5, 7));
  expect(sampleWorkloads(5, 7)).not.toEqual(sampleWorkloads(5, 8));
});

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 2, 3], 0.5, 2.5],
  [[10], 0.95, 10],
  [[0, 100], 0.95, 95],
])('percentile of %j at %d is %d', (values, share, expected) => {
  expect(percentile(values, share)).toBe(expected);
});

test.each([
  ['1.5', '0', '1.5', true],
  ['1.5', '0', '1.5000000001', false],
  ['1.5', '1', '1.52', true],
  ['1.5', '1', '1.53', false],
])('books of %s $ with %s $ estimated against an invoice of %s $: %s', (booked, estimated, invoice, matches) => {
  expect(booksMatch(booked, estimated, invoice)).toBe(matches);
});

test('an effect that is missing, doubled or different on one side is a difference', () => {
  const mail = { kind: 'reply', key: 'a', content: 'hello' };
  expect(effectDifferences([mail], [mail])).toEqual([]);
  expect(effectDifferences([mail], [])).toHaveLength(1);
  expect(effectDifferences([mail], [mail, mail])).toHaveLength(1);
  expect(effectDifferences([mail], [{ ...mail, content: 'bye' }])).toHaveLength(2);
});
