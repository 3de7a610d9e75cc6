import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChaosReport } from '../bench/chaos/chaos-report';

const ROOT = join(__dirname, '..');

/** Runs the command from the sources. */
async function chaos(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const hook = join(__dirname, 'support', 'typescript-hook.cjs');
  const cli = join(ROOT, 'client', 'cli.ts');
  const child = spawn(process.execPath, ['--require', hook, cli, 'chaos', ...args]);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

test('whatever fails, results and effects are those of the plain run, and the books are the invoice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'runahead-chaos-report-'));
  const file = join(folder, 'report.json');
  const { code, stdout, stderr } = await chaos(['--runs', '30', '--seed', '3', '--report', file]);
  const report = JSON.parse(await readFile(file, 'utf8').catch(() => 'null')) as ChaosReport | null;
  await rm(folder, { recursive: true });
  expect({ differences: report?.differences, stderr: code === 0 ? '' : stderr }).toEqual({
    differences: [],
    stderr: '',
  });
  expect(report?.identicalResults.identical).toBe(report?.identicalResults.completed);
  expect(report?.plainRuns.identical).toBe(report?.plainRuns.checked);
  // It was no calm sea.
  expect(Object.keys(report?.faults ?? {}).length).toBeGreaterThan(4);
  const { worker = 0, server = 0 } = report?.kills ?? {};
  expect(worker + server).toBeGreaterThan(0);
  expect(report?.launches.claimed).toBeGreaterThan(0);
  expect(report?.launches.cancelled).toBeGreaterThan(0);
  expect(report?.stages['committed']).toBeGreaterThan(0);
  expect(stdout).toContain('book differences');
}, 240_000);

test.each([
  ['--runs', '0'],
  ['--runs', 'many'],
  ['--seed', '-1'],
  ['--concurrency', '1.5'],
])(
  '%s %s is refused before anything starts',
  async (flag, value) => {
    const { code, stderr } = await chaos([`${flag}=${value}`]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${flag} is "${value}"`);
  },
  60_000,
);
