import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import pc from 'picocolors';
import type { ExperimentOptions } from '../../bench/measure/experiment';
import type { BenchContext, BenchResult } from '../../bench/report-page/bench-result';
import { reportPage } from '../../bench/report-page/report-page';
import { runBench, runBenches, type Bench } from '../../bench/report-page/run-benches';
import { thisMachine } from '../../bench/report-page/this-machine';
import { nearestNames } from '../../speculation/decision/nearest-names';
import { OperatorError } from '../operator-error';
import type { Terminal } from '../terminal';

export interface BenchFlags {
  report?: string;
  html?: string;
  only?: string;
  runs?: string;
  seed: string;
  data?: string;
  quick?: boolean;
  address?: string;
  namespace?: string;
}

export const ALL_BENCHES = 'all';

/** What `runahead bench NAME` and `runahead bench all` do. */
export async function runBenchCommand(
  name: string,
  flags: BenchFlags,
  benches: readonly Bench[],
  terminal: Terminal,
): Promise<void> {
  const options = optionsFrom(flags, terminal);
  const chosen = chooseBenches(name, flags.only, benches);
  // Before the measurement, so that nobody waits for it in vain.
  if (flags.report !== undefined) await prepare('--report', flags.report);
  if (flags.html !== undefined) await prepare('--html', flags.html);
  const context = contextOf(name, flags, options.seed);
  if (name === ALL_BENCHES) await runAll(chosen, flags, options, context, terminal);
  else for (const bench of chosen) await runSingle(bench, flags, options, context, terminal);
}

async function runSingle(
  bench: Bench,
  flags: BenchFlags,
  options: ExperimentOptions,
  context: BenchContext,
  terminal: Terminal,
): Promise<void> {
  const result = await runBench(bench, options);
  const { text, report, problems } = result;
  terminal.line(text);
  if (flags.report !== undefined) await writeJson(flags.report, { ...report, problems });
  if (flags.html !== undefined) await writePage(flags.html, [result], context, terminal);
  if (problems.length === 0) return;
  for (const problem of problems) terminal.notice(pc.red(problem));
  throw new OperatorError(`bench ${bench.name}: ${problems.length} of its targets missed, see above.`);
}

async function runAll(
  benches: readonly Bench[],
  { report, html }: BenchFlags,
  options: ExperimentOptions,
  context: BenchContext,
  terminal: Terminal,
): Promise<void> {
  const results = await runBenches(benches, options, async (result, soFar) => {
    if (result.text !== '') terminal.line(`\n${result.text}`);
    for (const problem of result.problems) terminal.notice(pc.red(`${result.name}: ${problem}`));
    // Again after each one: what is there is not lost if a later one takes the process with it.
    if (report !== undefined) await writeJson(report, { ...context, benches: reportsOf(soFar) });
    if (html !== undefined) await writeFile(html, reportPage(soFar, context));
  });
  if (html !== undefined) terminal.line(`\npage: ${html}`);
  const named = (status: BenchResult['status']): string =>
    results
      .filter((result) => result.status === status)
      .map((result) => result.name)
      .join(', ');
  const [held, missed, noData, failed] = [named('held'), named('missed'), named('no data'), named('failed')];
  terminal.line('');
  if (held !== '') terminal.line(pc.green(`all targets held: ${held}`));
  if (noData !== '')
    terminal.line(`not run, because recorded texts are not there (see above where to get them): ${noData}`);
  const bad = [
    ...(missed === '' ? [] : [`targets missed: ${missed}`]),
    ...(failed === '' ? [] : [`failed: ${failed}`]),
  ];
  if (bad.length > 0) throw new OperatorError(`bench ${ALL_BENCHES}: ${bad.join('; ')}.`);
}

function chooseBenches(name: string, only: string | undefined, benches: readonly Bench[]): readonly Bench[] {
  const names = benches.map((bench) => bench.name);
  const find = (wanted: string): Bench => {
    const found = benches.find((bench) => bench.name === wanted);
    if (found !== undefined) return found;
    const nearest = nearestNames(wanted, [...names, ALL_BENCHES]);
    const hint = nearest === '' ? 'there are' : `did you mean ${nearest}? There are`;
    throw new OperatorError(`bench: there is no "${wanted}"; ${hint}: ${[...names, ALL_BENCHES].join(', ')}.`);
  };
  if (name !== ALL_BENCHES) {
    if (only === undefined) return [find(name)];
    throw new OperatorError(`--only is for "bench ${ALL_BENCHES}": name a benchmark or use --only, not both.`);
  }
  if (only === undefined) return benches;
  const wanted = only
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (wanted.length > 0) return [...new Set(wanted)].map(find);
  throw new OperatorError(
    `--only is "${only}": name at least one benchmark, such as "${names.slice(0, 2).join(',')}".`,
  );
}

function optionsFrom(
  { seed, runs, quick, data, address, namespace }: BenchFlags,
  terminal: Terminal,
): ExperimentOptions {
  return {
    seed: wholeNumber('--seed', seed, 0),
    quick: quick === true,
    ...(data !== undefined && { data }),
    ...(runs !== undefined && { runs: wholeNumber('--runs', runs, 1) }),
    server: { ...(address !== undefined && { address }), ...(namespace !== undefined && { namespace }) },
    say: (line) => terminal.notice(line),
  };
}

/** What it takes to get the same figures again, without the folders of whoever ran it. */
function contextOf(name: string, { only, runs, quick }: BenchFlags, seed: number): BenchContext {
  const flags = [
    ...(only === undefined ? [] : ['--only', only.replace(/\s/g, '')]),
    ...(runs === undefined ? [] : ['--runs', runs]),
    ...['--seed', String(seed)],
    ...(quick === true ? ['--quick'] : []),
  ];
  const date = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { date, command: ['runahead bench', name, ...flags].join(' '), seed, ...thisMachine() };
}

function reportsOf(results: readonly BenchResult[]): object {
  return Object.fromEntries(
    results.map(({ name, summary, status, problems, report, comparisons }) => [
      name,
      { summary, status, problems, report, comparisons },
    ]),
  );
}

async function writePage(
  file: string,
  results: readonly BenchResult[],
  context: BenchContext,
  terminal: Terminal,
): Promise<void> {
  await writeFile(file, reportPage(results, context));
  terminal.line(`\npage: ${file}`);
}

async function writeJson(file: string, value: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new OperatorError(`${option} is "${text}": use a whole number of at least ${least}.`);
}

async function prepare(option: string, file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, '');
  } catch (cause) {
    throw new OperatorError(
      `${option}: ${file} cannot be written (${cause instanceof Error ? cause.message : String(cause)}).`,
      { cause },
    );
  }
}
