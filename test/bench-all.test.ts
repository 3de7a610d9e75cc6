import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { ExperimentOptions, ExperimentOutcome } from '../bench/measure/experiment';
import { MissingDataError, recordedFile } from '../bench/measure/recorded-data';
import { addBenchCommand } from '../client/commands/bench';
import { Terminal } from '../client/terminal';
import { EMPTY, RICH } from './support/sample-comparisons';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'bench-all-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const outcome = (extra: Partial<ExperimentOutcome> = {}): ExperimentOutcome => ({
  ...{ text: 'a table', report: { figure: 1 }, problems: [] },
  ...extra,
});

type Run = (options: ExperimentOptions) => Promise<ExperimentOutcome>;

/** `runahead bench` with experiments of the test's own. */
async function bench(
  experiments: Record<string, Run>,
  ...args: string[]
): Promise<{ output: string; errors: string; failure: string | null }> {
  const said = { output: '', errors: '' };
  const terminal = new Terminal(
    (text) => (said.output += text),
    (text) => (said.errors += text),
  );
  const program = new Command('runahead').exitOverride().configureOutput({ writeErr: () => undefined });
  const registered = Object.entries(experiments).map(([name, run]) => [
    name,
    { summary: `what ${name} is`, load: () => run },
  ]);
  addBenchCommand(program, terminal, Object.fromEntries(registered) as Parameters<typeof addBenchCommand>[2]);
  const failure = await program.parseAsync(['bench', ...args], { from: 'user' }).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  return { ...said, failure };
}

const GOOD: Run = async () => outcome({ comparisons: [RICH] });
const WITHOUT_DATA: Run = async () => {
  recordedFile('taubench-airline/tasks-00-24.jsonl', join(folder, 'nowhere'));
  return outcome();
};

describe('runahead bench all', () => {
  test('goes on where texts are missing, a benchmark fails, a target is missed or a figure is none; names each; keeps what there is', async () => {
    const html = join(folder, 'deep', 'all.html');
    const report = join(folder, 'all.json');
    const { output, errors, failure } = await bench(
      {
        good: GOOD,
        unread: WITHOUT_DATA,
        broken: () => Promise.reject(new Error('the server is gone')),
        slow: async () => outcome({ text: 'slow table', problems: ['0.9 s is more than 0.5 s'] }),
        odd: async () =>
          outcome({
            text: 'odd table',
            comparisons: [
              { ...EMPTY, title: '' },
              { ...RICH, title: 'kept' },
            ],
          }),
        last: async () => outcome({ text: 'last table' }),
      },
      ...['all', '--html', html, '--report', report],
    );
    expect(failure).toBe('bench all: targets missed: slow, odd; failed: broken.');
    for (const table of ['a table', 'slow table', 'odd table', 'last table']) expect(output).toContain(`\n${table}\n`);
    expect(output).toContain('all targets held: good, last');
    expect(output).toMatch(/not run, because recorded texts are not there.*: unread/);
    expect(errors).toMatch(/unread: taubench-airline.* is not there .*github\.com\/sierra-research\/tau-bench.*--data/);
    expect(errors).toContain('broken: the server is gone');
    expect(errors).toContain('slow: 0.9 s is more than 0.5 s');
    expect(errors).toContain('odd: benchmark odd: title is ""');
    const page = readFileSync(html, 'utf8');
    for (const text of ['Chess, 30 steps', 'kept', 'the server is gone', 'last table', 'a page']) {
      expect([text, page.includes(text)]).toEqual([text, text !== 'a page']);
    }
    const written = JSON.parse(readFileSync(report, 'utf8')) as {
      seed: number;
      benches: Record<string, { status: string; report: object | null; comparisons: object[] }>;
    };
    expect(written.seed).toBe(1);
    expect(Object.entries(written.benches).map(([name, { status }]) => [name, status])).toEqual([
      ['good', 'held'],
      ['unread', 'no data'],
      ['broken', 'failed'],
      ['slow', 'missed'],
      ['odd', 'missed'],
      ['last', 'held'],
    ]);
    expect(written.benches['good']).toMatchObject({ report: { figure: 1 }, comparisons: [{ benchmark: 'chess' }] });
    expect(written.benches['odd']?.comparisons).toHaveLength(1);
  });

  test('missing texts alone are no failure', async () => {
    const { failure, output } = await bench({ good: GOOD, unread: WITHOUT_DATA }, 'all');
    expect(failure).toBeNull();
    expect(output).toMatch(/not run.*: unread/);
  });

  test('what was measured is written before the next benchmark starts', async () => {
    const html = join(folder, 'early.html');
    let seen = '';
    const second: Run = async () => {
      seen = readFileSync(html, 'utf8');
      return outcome();
    };
    await bench({ good: GOOD, second }, 'all', '--html', html);
    expect(seen).toContain('Chess, 30 steps');
  });

  test('tells each benchmark seed, data and quickness; runs those of --only, in its order', async () => {
    const told: [string, Partial<ExperimentOptions>][] = [];
    const note =
      (name: string): Run =>
      async ({ seed, quick, data, runs }) => {
        told.push([name, { seed, quick: quick === true, ...(data && { data }), ...(runs && { runs }) }]);
        return outcome();
      };
    const experiments = { a: note('a'), b: note('b'), c: note('c') };
    const args = ['all', '--only', 'c, a', '--seed', '7', '--quick', '--data', 'texts', '--runs', '3'];
    const html = join(folder, 'command.html');
    expect((await bench(experiments, ...args, '--html', html)).failure).toBeNull();
    const options = { seed: 7, quick: true, data: 'texts', runs: 3 };
    expect(told).toEqual([
      ['c', options],
      ['a', options],
    ]);
    // How to get the figures again; not where somebody's files are.
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('runahead bench all --only c,a --runs 3 --seed 7 --quick');
    expect(page).not.toContain(folder);
  });

  test('one benchmark has a page too, and its own report', async () => {
    const html = join(folder, 'one.html');
    const report = join(folder, 'one.json');
    const { output, failure } = await bench({ good: GOOD }, 'good', '--html', html, '--report', report);
    expect([failure, output]).toEqual([null, `a table\n\npage: ${html}\n`]);
    expect(readFileSync(html, 'utf8')).toContain('Chess, 30 steps');
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({ figure: 1, problems: [] });
  });

  test('one benchmark alone that cannot run says so by its error', async () => {
    expect((await bench({ unread: WITHOUT_DATA }, 'unread')).failure).toMatch(/is not there/);
    expect(new MissingDataError('x').code).toBe('RUNAHEAD_MISSING_DATA');
  });

  test.each([
    [['chees'], 'bench: there is no "chees"; did you mean "chess"? There are: chess, chain, all.'],
    [['al'], 'bench: there is no "al"; did you mean "all"? There are: chess, chain, all.'],
    [['all', '--only', 'chian'], 'bench: there is no "chian"; did you mean "chain"'],
    [['all', '--only', ' ,'], '--only is " ,": name at least one benchmark, such as "chess,chain".'],
    [['chess', '--only', 'chain'], '--only is for "bench all": name a benchmark or use --only, not both.'],
    [['all', '--html', '/dev/null/page.html'], '--html: /dev/null/page.html cannot be written'],
    [['all', '--seed', '-1'], '--seed is "-1": use a whole number of at least 0.'],
  ])('%j is refused before anything runs', async (args, message) => {
    let ran = false;
    const run: Run = async () => {
      ran = true;
      return outcome();
    };
    const { failure } = await bench({ chess: run, chain: run }, ...args);
    expect(failure).toContain(message);
    expect(ran).toBe(false);
  });
});
