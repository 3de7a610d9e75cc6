import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Comparison } from '../bench/validation/comparison';
import { experiment, type Findings } from '../bench/validation/experiment';
import { plotPage } from '../bench/validation/plot-page';
import { reportText, validationReport, type ValidationReport } from '../bench/validation/report';
import { SUITE } from '../bench/validation/suite';
import { runahead } from './support/command-line';

/** Share of the runs, where all of them would take long; tolerances are the same. Fewer edges would not tell regret from luck. */
const REDUCED: Record<string, number> = {
  admissibility: 0.25,
  'calibration-error': 0.25,
  drift: 0.25,
  queues: 0.25,
  'optimal-breadth': 0.25,
  'speculative-actions-cost': 0.5,
  'speculative-actions-depth': 0.25,
  'speculative-actions-depth-cost': 0.25,
  'speculative-actions-deterministic': 0.25,
  'speculative-actions-hits': 0.25,
  'speculative-decoding': 0.25,
  'stationary-value': 0.25,
  'speculate-with-memory-cost': 0.25,
  nichols: 0.25,
  spork: 0.25,
};

describe('the validation suite', () => {
  test.each(SUITE.map((each) => [each.name, each] as const))(
    '%s passes, and catches every planted mistake',
    (name, each) => {
      const outcome = each.run({ seed: 1, effort: REDUCED[name] ?? 1 });
      expect(outcome.planted.length).toBeGreaterThan(0);
      expect(outcome.planted.filter(({ caught }) => !caught)).toEqual([]);
      expect({ ...outcome, plot: null, pass: true }).toEqual({ ...outcome, plot: null });
      expect(outcome.mismatches).toBe(0);
      expect(outcome.worstError).toBeLessThanOrEqual(outcome.tolerance);
      expect(outcome.plot.series.some(({ points }) => points.length > 0)).toBe(true);
    },
  );

  test('has a name of its own for each experiment', () => {
    expect(new Set(SUITE.map(({ name }) => name)).size).toBe(SUITE.length);
  });

  test('covers the boundary with at least 100,000 points', () => {
    const outcome = SUITE.find(({ name }) => name === 'boundary')?.run({ seed: 1, effort: 1 });
    expect(outcome?.cases).toBeGreaterThanOrEqual(100_000);
  });

  test('gives the same figures for the same seed', () => {
    const hits = SUITE.find(({ name }) => name === 'speculative-actions-hits')!;
    const setting = { seed: 5, effort: 0.1 };
    expect(hits.run(setting)).toEqual(hits.run(setting));
    expect(hits.run(setting).observed).not.toBe(hits.run({ ...setting, seed: 6 }).observed);
  });
});

describe('an experiment', () => {
  const findings = (error: number): Findings => ({
    cases: 1,
    mismatches: 0,
    worstError: error,
    expected: '',
    observed: '',
    plot: { x: '', y: '', series: [] },
  });
  const about = (subject: number, planted: number) =>
    experiment<number>({
      name: 'e',
      title: '',
      origin: 'ours',
      tolerance: 0.1,
      subject,
      planted: { wrong: planted },
      prepare: () => findings,
    }).run({ seed: 1, effort: 1 });

  test('fails when what it checks is off by more than the tolerance', () => {
    expect(about(0.05, 0.5)).toMatchObject({ pass: true, plantedCaught: true });
    expect(about(0.2, 0.5)).toMatchObject({ pass: false, plantedCaught: true });
    expect(about(NaN, 0.5)).toMatchObject({ pass: false });
  });

  test('fails when it does not notice a planted mistake', () => {
    expect(about(0.05, 0.05)).toMatchObject({ pass: false, plantedCaught: false });
  });

  test('counts what is off, what is broken and what is no number', () => {
    const comparison = new Comparison(0.01);
    comparison.add('right', 100, 100.5);
    comparison.add('off', 100, 102);
    comparison.add('no number', 100, NaN);
    comparison.law(true);
    comparison.law(false);
    expect(comparison.findings()).toMatchObject({ cases: 5, mismatches: 3, worstError: Infinity });
  });
});

describe('runahead validate', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'validate-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('prints the table, writes report and plots, and exits with 0 when all pass', async () => {
    const report = join(folder, 'new', 'report.json');
    const plots = join(folder, 'plots');
    const answer = await runahead(
      'validate',
      '--only',
      'self-limit, isp',
      '--seed',
      '3',
      '--report',
      report,
      '--plots',
      plots,
    );
    expect(answer).toMatchObject({ exitCode: 0, errors: '' });
    for (const word of [
      'experiment',
      'planted caught',
      'self-limit',
      '5 / 3 / 2',
      'isp',
      '2 of 2 experiments pass (seed 3',
    ]) {
      expect(answer.output).toContain(word);
    }
    const written = JSON.parse(readFileSync(report, 'utf8')) as ValidationReport;
    expect(written).toMatchObject({ seed: 3, pass: true });
    expect(written.experiments.map(({ name }) => name)).toEqual(['self-limit', 'isp']);
    for (const each of written.experiments) {
      expect(each).toEqual(
        expect.objectContaining({
          name: expect.any(String),
          cases: expect.any(Number),
          mismatches: 0,
          worstError: expect.any(Number),
          tolerance: expect.any(Number),
          pass: true,
          plantedCaught: true,
        }),
      );
    }
    const page = readFileSync(join(plots, 'validation.html'), 'utf8');
    expect(page.includes('"name":"self-limit"')).toBe(true);
    // Nothing is loaded from anywhere.
    expect(/<(script|link|img)[^>]+(src|href)=/.test(page)).toBe(false);
  });

  test('exits with 1 and names what failed', async () => {
    // A thousandth of the runs is far too few for one percent.
    const answer = await runahead(
      'validate',
      '--only',
      'boundary,speculative-actions-exponential',
      '--effort',
      '0.001',
    );
    expect(answer.exitCode).toBe(1);
    expect(answer.output).toContain('1 of 2 experiments pass');
    expect(answer.errors).toBe('runahead: validate: failed: speculative-actions-exponential\n');
  });

  test.each([
    [['--only', 'boundary,nothing'], /there is no experiment "nothing"; there are: boundary, /],
    [['--only', ' , '], /--only is " , ": name at least one experiment/],
    [['--seed', '1.5'], /--seed is "1.5": use a whole number/],
    [['--seed', 'x'], /--seed is "x": use a whole number/],
    [['--effort', '2'], /--effort is "2": use a number above 0 to 1/],
    [['--effort', ''], /--effort is "": use a number/],
  ])('refuses %j', async (args, message) => {
    const answer = await runahead('validate', ...args);
    expect(answer.exitCode).toBe(1);
    expect(answer.output).toBe('');
    expect(answer.errors).toMatch(message);
  });

  test('says so, before anything is run, when a report cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const answer = await runahead('validate', '--report', join(file, 'report.json'));
    expect(answer.exitCode).toBe(1);
    expect(answer.output).toBe('');
    expect(answer.errors).toMatch(/--report: .*file cannot be used as a directory/);
    expect(existsSync(join(file, 'report.json'))).toBe(false);
  });
});

describe('what is written', () => {
  const outcome = SUITE.find(({ name }) => name === 'self-limit')!.run({ seed: 1, effort: 1 });

  test('a report stays JSON when a deviation has no bound', () => {
    const text = reportText(validationReport([{ ...outcome, worstError: Infinity, pass: false }], 1, 2));
    expect(JSON.parse(text)).toMatchObject({ pass: false, experiments: [{ worstError: Number.MAX_VALUE }] });
  });

  test('nothing that an experiment says can end the script that it is written into', () => {
    const page = plotPage([{ ...outcome, title: '</script><script>alert(1)</script>' }], 1);
    expect(page.includes('<script>alert(1)')).toBe(false);
    expect(page.match(/<\/script>/g)).toHaveLength(4);
  });
});
