import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { effectiveKnob, emptyControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import { ownEntry } from '../speculation/forecast/own-entry';
import { controlLink } from '../speculation/plugin/control-link';
import { ObservationReporter } from '../speculation/plugin/observation-reporter';
import { ControlSnapshot } from '../speculation/plugin/snapshot';
import { attemptOf, observationAt, OBSERVATIONS_A_PIPELINE } from './control-traffic';

/** What a reporting process is told. */
export interface ReporterSettings {
  address: string;
  namespace: string;
  batch: number;
  /** Numbers of the streams that it hands in, each with a reporter of its own. */
  streams: number[];
  /** Observations of each stream. */
  observations: number;
  /**
   * Hands in attempts at this operation instead, slowly and until it is killed, and writes to its output, before each step, how many were
   * handed in and how many are acknowledged. @default a stream of everything
   */
  doomed?: string;
}

/** What it says when it starts, and when everything is acknowledged. */
export type ReporterMessage =
  { kind: 'started'; senders: string[] } | { kind: 'finished'; readNs: number; refreshMs: number };

/** As a worker process has them. */
interface Reporting {
  reporter: ObservationReporter;
  snapshot: ControlSnapshot;
}

const RPC_TIMEOUT_MS = 5_000;
const REFRESH_MS = 2_000;
const FLUSH_MS = 250;
const READS = 2_000_000;
const DOOMED_PAUSE_MS = 5;

async function report(settings: ReporterSettings): Promise<void> {
  const connection = await Connection.connect({ address: settings.address });
  const client = new Client({ connection, namespace: settings.namespace });
  const parts = settings.streams.map(() => reportingTo(client, settings.batch));
  for (const { snapshot } of parts) snapshot.start();
  send({ kind: 'started', senders: parts.map(({ reporter }) => reporter.sender) });
  const [first] = parts;
  if (first === undefined) throw new Error('There is no stream to report');
  if (settings.doomed !== undefined) {
    await handInUntilKilled(first, settings.doomed);
    return;
  }
  await Promise.all(
    parts.map((part, index) => handIn(part, settings.streams[index] ?? 0, settings.observations, settings.batch)),
  );
  const startedAt = performance.now();
  await first.snapshot.refresh();
  const refreshMs = performance.now() - startedAt;
  send({ kind: 'finished', readNs: snapshotReadNs(first.snapshot), refreshMs });
  for (const { snapshot } of parts) snapshot.stop();
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
  await connection.close();
}

function reportingTo(client: Client, batchSize: number): Reporting {
  const link = controlLink(client, RPC_TIMEOUT_MS);
  const reporter = new ObservationReporter({
    send: (batch) => link.observe(batch),
    counted: (sender) => link.counted(sender),
    warnOnce: () => undefined,
    flushMs: FLUSH_MS,
    batchSize,
  });
  const snapshot = new ControlSnapshot({
    initial: emptyControlState(),
    fetch: (version) => link.snapshot(version),
    sender: reporter.sender,
    unacknowledged: () => reporter.unacknowledged(),
    onFailure: () => undefined,
    refreshMs: REFRESH_MS,
  });
  return { reporter, snapshot };
}

/** One pipeline after the other, as fast as they are taken; a reporter may hold 10,000 observations, so none is dropped. */
async function handIn(reporting: Reporting, stream: number, observations: number, batch: number): Promise<void> {
  const { reporter } = reporting;
  for (let n = 0; n < observations;) {
    while (reporter.unacknowledgedCount > 4 * batch) await pause(1);
    const length = Math.min(OBSERVATIONS_A_PIPELINE, observations - n);
    handOver(
      reporting,
      Array.from({ length }, (_, index) => observationAt(stream, n + index)),
    );
    n += length;
    if (n % (10 * OBSERVATIONS_A_PIPELINE) === 0) await pause(0);
  }
  while (reporter.unacknowledgedCount > 0) await pause(5);
}

async function handInUntilKilled(reporting: Reporting, operation: string): Promise<void> {
  for (let n = 0; ; n += OBSERVATIONS_A_PIPELINE) {
    const acknowledged = n - reporting.reporter.unacknowledgedCount;
    // Before it is handed over, and not through a buffer of this process, which is killed.
    writeSync(1, `${n + OBSERVATIONS_A_PIPELINE} ${acknowledged}\n`);
    handOver(
      reporting,
      Array.from({ length: OBSERVATIONS_A_PIPELINE }, (_, index) => attemptOf(operation, n + index)),
    );
    await pause(DOOMED_PAUSE_MS);
    while (reporting.reporter.unacknowledgedCount > 1_000) await pause(DOOMED_PAUSE_MS);
  }
}

function handOver({ reporter, snapshot }: Reporting, observations: readonly Observation[]): void {
  snapshot.observe(reporter.report(observations));
}

/** Nanoseconds that a decision spends on reading the snapshot: the operation, the outcomes of its edge, and the knob. */
function snapshotReadNs(snapshot: ControlSnapshot): number {
  const edges = Object.keys(snapshot.state.edges);
  const questions = edges.map((edge) => ({ edge, operation: edge.split('>')[1] ?? '' }));
  const read = (count: number): number => {
    let found = 0;
    for (let index = 0; index < count; index++) {
      const question = questions[index % questions.length];
      if (question === undefined) throw new Error('The snapshot knows no edge');
      const { state } = snapshot;
      const attempts = ownEntry(state.operations, question.operation)?.count ?? 0;
      const outcomes = ownEntry(state.edges, question.edge)?.['history#0'];
      if (effectiveKnob(state, 'pipeline-0').enabled && attempts > 0 && outcomes !== undefined) found += 1;
    }
    return found;
  };
  read(READS / 10);
  const startedAt = performance.now();
  const found = read(READS);
  const elapsedMs = performance.now() - startedAt;
  if (found === 0) throw new Error('The snapshot answered nothing');
  return (elapsedMs * 1e6) / READS;
}

function send(message: ReporterMessage): void {
  process.send?.(message);
}

const [settings] = process.argv.slice(2);
if (settings === undefined) throw new Error('A reporter is started by bench/control, with its settings as JSON');
report(JSON.parse(settings) as ReporterSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
