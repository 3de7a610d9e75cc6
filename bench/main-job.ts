import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { shippedPolicy } from '../activities/policy';
import { readRecordedConversations, RecordingsUnavailableError } from '../activities/recorded-conversations';
import { RunaheadClient } from '../client/runahead-client';
import type { KnobChange } from '../speculation/decision/knob';
import { RunaheadPlugin } from '../speculation/plugin';
import { booksMatch, plusUsd } from './books';
import { compareWorkload, type Row } from './compare';
import { effectDifferences } from './effects';
import type { BenchOptions } from './options';
import type { Progress } from './progress';
import { renderBooks, renderTable } from './render-table';
import type { Report } from './report';
import { startBenchServer, type BenchServer } from './server';
import { startSide, type Side, type SideOptions } from './side';
import { untilControlAnswers } from './until-control-answers';
import { recordedWorkload, sampleWorkloads, warmUpSize, type Workload } from './workload';

/** What `npm start` found out. */
export interface Outcome {
  report: Report;
  /** What is wrong; empty when results are identical and books match. */
  problems: string[];
}

/** Somebody ended the comparison before it was done. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'INTERRUPTED';
}

/** Compares the pipelines that ship, plain and run ahead, on a real server. */
export async function runMainJob(
  options: BenchOptions,
  progress: Progress,
  print: (text: string) => void,
  interrupted: Promise<void>,
): Promise<Outcome> {
  const workloads = chooseWorkloads(options, progress);
  const folder = await mkdtemp(join(tmpdir(), 'runahead-bench-'));
  const running: { stop: () => Promise<void> }[] = [];
  try {
    const server = await startBenchServer(progress);
    running.unshift(server);
    const tag = `bench-${Date.now().toString(36)}`;
    const { address, namespace } = server;
    const start = async (name: Side['name']): Promise<Side> => {
      const settings: SideOptions = { name, taskQueue: `${tag}-${name}`, address, namespace, folder };
      const side = await startSide(settings);
      running.unshift(side);
      return side;
    };
    progress.update('Starting two workers, one without Runahead and one with it');
    const [plain, runahead] = await Promise.all([start('plain'), start('runahead')]);
    const interruption = interrupted.then(() => {
      throw new InterruptedError('Interrupted');
    });
    const job = compare(options, progress, print, { server, plain, runahead, tag, workloads });
    const outcome = await Promise.race([job, interruption]);
    if (options.keep) {
      progress.say(`Web UI: ${server.uiUrl ?? 'at your server'}  (workers keep running; Ctrl-C ends everything)`);
      await interrupted;
    }
    return outcome;
  } finally {
    for (const part of running) await part.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stage {
  server: BenchServer;
  plain: Side;
  runahead: Side;
  tag: string;
  workloads: Workload[];
}

async function compare(
  options: BenchOptions,
  progress: Progress,
  print: (text: string) => void,
  stage: Stage,
): Promise<Outcome> {
  const { server, plain, runahead, tag } = stage;
  const { connection, namespace } = server;
  const plainClient = new Client({ connection, namespace });
  const plugin = new RunaheadPlugin({ policy: shippedPolicy });
  const books = new RunaheadClient(plainClient);
  await untilControlAnswers(books);
  const change = knobChange(options);
  if (change !== null) await books.setControlKnob(change);

  progress.say(
    `${options.requests} requests a pipeline on each side, ${options.pairs} pairs at a time, after ${warmUpSize(options.requests)} that warm up the history`,
  );
  const comparison = {
    plain: { client: plainClient, taskQueue: plain.taskQueue, meter: plain.meter },
    runahead: {
      client: new Client({ connection, namespace, plugins: [plugin] }),
      taskQueue: runahead.taskQueue,
      meter: runahead.meter,
    },
    books,
    pairs: options.pairs,
    tag,
    progress,
  };
  const rows: Row[] = [];
  for (const workload of stage.workloads) rows.push(await compareWorkload(comparison, workload));

  const bookedUsd = rows.reduce((sum, row) => plusUsd(sum, row.bookedUsd), '0');
  const estimatedUsd = rows.reduce((sum, row) => plusUsd(sum, row.estimatedUsd), '0');
  const invoiceUsd = runahead.meter.totalUsd();
  const reported = {
    exact: rows.reduce((sum, row) => sum + row.reported.exact, 0),
    total: rows.reduce((sum, row) => sum + row.reported.total, 0),
  };
  const report: Report = { pipelines: rows.map((row) => row.report), ledger: { bookedUsd, invoiceUsd } };
  const problems = [
    ...rows
      .filter((row) => !row.report.identicalResults)
      .map((row) => `${row.report.name}: only ${row.identical} of ${row.report.requests} results are identical`),
    ...effectDifferences(await plain.effects(), await runahead.effects()),
    ...(reported.exact === reported.total
      ? []
      : [`Only ${reported.exact} of ${reported.total} reported requests are booked as invoiced`]),
    ...(booksMatch(bookedUsd, estimatedUsd, invoiceUsd) ? [] : ['The books do not match the invoice']),
  ];
  progress.say('');
  if (options.json) print(JSON.stringify(report, null, 2));
  else print([renderTable(rows), renderBooks({ bookedUsd, estimatedUsd, invoiceUsd, reported })].join('\n'));
  if (options.report !== null) await writeFile(options.report, `${JSON.stringify(report, null, 2)}\n`);
  for (const problem of problems.slice(0, 20)) progress.say(`PROBLEM: ${problem}`);
  return { report, problems };
}

function chooseWorkloads({ requests, seed, only, airline }: BenchOptions, progress: Progress): Workload[] {
  const workloads = sampleWorkloads(requests, seed);
  if (airline !== null) {
    try {
      workloads.push(recordedWorkload(readRecordedConversations(airline), requests));
      // Model and tools of both sides, here and in the worker processes, replay from there.
      process.env['RUNAHEAD_AIRLINE_DATA'] = airline;
    } catch (error) {
      if (!(error instanceof RecordingsUnavailableError)) throw error;
      progress.say(error.message);
    }
  }
  return workloads.filter(({ pipeline }) => only === null || pipeline === only);
}

function knobChange({ alpha, lambdaUsdPerSecond }: BenchOptions): KnobChange | null {
  if (alpha === null && lambdaUsdPerSecond === null) return null;
  return { ...(alpha === null ? {} : { alpha }), ...(lambdaUsdPerSecond === null ? {} : { lambdaUsdPerSecond }) };
}
