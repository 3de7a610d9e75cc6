import { setTimeout as pause } from 'node:timers/promises';
import type { ControlState } from '../speculation/estimate/control-state';
import type { ControlBenchOptions } from './control-options';
import { startDoomed, startReporter, type DoomedProcess, type ReportingProcess } from './control-processes';
import { ratesOf, type RateSample } from './control-rate';
import { controlRuns, type ControlRuns } from './control-runs';
import { ControlStage } from './control-stage';
import { addTo, differenceOf, tallyName, tallyOf, type Tally, type TallyDifference } from './control-tally';
import { observationAt } from './control-traffic';
import type { Progress } from './progress';
import { seededRandom } from './scenarios/seeded-random';

export interface ControlBenchReport extends TallyDifference, ControlRuns {
  /** Handed in by reporters that were not killed, also bills that wait for their pipeline, which no count shows. */
  observations: number;
  /** Whether each reporter was counted to its last batch. */
  complete: boolean;
  rejected: number;
  kills: { host: number; server: number; reporter: number };
  /** What reporters that were killed took along. */
  killedReporters: { handedIn: number; acknowledged: number; counted: number }[];
  sustainedPerSecond: number;
  worstTenSecondsPerSecond: number;
  snapshotReadNs: number;
  snapshotRefreshMs: number;
}

type Victim = 'host' | 'server' | 'host and server' | 'reporter';

const PROCESSES = 3;
const STREAMS_OF_A_PROCESS = 2;
const STREAMS = PROCESSES * STREAMS_OF_A_PROCESS;
const VICTIMS: readonly Victim[] = ['host', 'server', 'reporter', 'host', 'host and server', 'server'];
const POLL_MS = 1_000;
const LONGEST_KILL_DELAY_MS = 500;
/** Without one more observation for so long, something is stuck. */
const STALL_MS = 120_000;

/** Hands in, kills, waits until all is counted, and compares. */
export async function runControlExperiment(
  options: ControlBenchOptions,
  progress: Progress,
): Promise<ControlBenchReport> {
  const perStream = Math.ceil(options.observations / STREAMS);
  const stage = await ControlStage.start();
  const reporters: ReportingProcess[] = [];
  const doomed: DoomedProcess[] = [];
  try {
    const common = {
      address: stage.address,
      namespace: stage.namespace,
      batch: options.batch,
      observations: perStream,
    };
    const plan = killPlan(options, perStream * STREAMS);
    for (const victim of plan) {
      if (victim.what === 'reporter')
        doomed.push(startDoomed({ ...common, streams: [0], doomed: `doomed-${doomed.length}` }));
    }
    for (let index = 0; index < PROCESSES; index++) {
      const streams = Array.from({ length: STREAMS_OF_A_PROCESS }, (_, at) => index * STREAMS_OF_A_PROCESS + at);
      reporters.push(startReporter({ ...common, streams }));
    }
    const senders = (await Promise.all(reporters.map((reporter) => reporter.senders))).flat();
    const kills = { host: 0, server: 0, reporter: 0 };
    const samples = await countTo(perStream * STREAMS, { stage, senders, progress }, async (counted) => {
      const next = plan[0];
      if (next === undefined || counted < next.after) return 'idle';
      plan.shift();
      await pause(next.delayMs);
      progress.say(`after ${counted} observations: kill -9 of ${next.what}`);
      if (next.what === 'reporter') {
        await doomed[kills.reporter]?.kill();
        kills.reporter += 1;
      }
      if (next.what === 'host' || next.what === 'host and server') {
        await stage.killHost(kills.host);
        kills.host += 1;
      }
      if (next.what === 'server' || next.what === 'host and server') {
        await stage.killServer();
        kills.server += 1;
      }
      return 'busy';
    });
    const finished = await Promise.all(reporters.map((reporter) => reporter.finished));
    for (const process of doomed) await process.kill();

    const state = await currentState(stage);
    const killedReporters = doomed.map(({ operation, progress: said }) => ({
      ...said(),
      counted: state.operations[operation]?.count ?? 0,
    }));
    const { sustainedPerSecond, worstPerSecond } = ratesOf(samples);
    return {
      observations: perStream * STREAMS,
      complete: (samples.at(-1)?.counted ?? 0) === perStream * STREAMS,
      ...compare(perStream, state),
      rejected: state.rejected,
      kills,
      killedReporters,
      ...(await controlRuns(stage.client)),
      sustainedPerSecond,
      worstTenSecondsPerSecond: worstPerSecond,
      snapshotReadNs: Math.max(...finished.map(({ readNs }) => readNs)),
      snapshotRefreshMs: Math.max(...finished.map(({ refreshMs }) => refreshMs)),
    };
  } finally {
    for (const process of doomed) await process.kill();
    for (const reporter of reporters) await reporter.end();
    await stage.stop();
  }
}

/** Asks how far everything is until all is counted and nothing is left to do. @throws Error when nothing moves any more */
async function countTo(
  total: number,
  { stage, senders, progress }: { stage: ControlStage; senders: readonly string[]; progress: Progress },
  onProgress: (counted: number) => Promise<'idle' | 'busy'>,
): Promise<RateSample[]> {
  const samples: RateSample[] = [{ atMs: performance.now(), counted: 0 }];
  const latest = new Map<string, number>();
  let lastNewsMs = performance.now();
  for (;;) {
    await pause(POLL_MS);
    for (const sender of senders) {
      // While server or host are away there is no answer; the stall below ends that.
      const counted = await stage.link.counted(sender).catch(() => latest.get(sender) ?? 0);
      latest.set(sender, counted);
    }
    const counted = [...latest.values()].reduce((sum, each) => sum + each, 0);
    const atMs = performance.now();
    if (counted > (samples.at(-1)?.counted ?? 0)) lastNewsMs = atMs;
    if ((samples.at(-1)?.counted ?? 0) < total) samples.push({ atMs, counted });
    progress.update(`${counted} of ${total} counted`);
    if (counted < total && atMs - lastNewsMs > STALL_MS)
      throw new Error(`Nothing more than ${counted} of ${total} was counted for ${STALL_MS} ms`);
    if ((await onProgress(counted)) === 'idle' && counted >= total) return samples;
  }
}

/** Moments all over the run, each a little after a number of observations that the seed says. */
function killPlan(
  { kill, kills, seed }: ControlBenchOptions,
  total: number,
): { what: Victim; after: number; delayMs: number }[] {
  if (!kill) return [];
  const random = seededRandom(seed);
  return Array.from({ length: kills }, (_, index) => ({
    what: VICTIMS[index % VICTIMS.length] ?? 'host',
    after: total * (0.04 + (0.9 * (index + random() * 0.8)) / kills),
    delayMs: random() * LONGEST_KILL_DELAY_MS,
  }));
}

async function currentState({ link }: ControlStage): Promise<ControlState> {
  const deadline = performance.now() + STALL_MS;
  for (;;) {
    try {
      const { state } = await link.snapshot(null);
      if (state === null) throw new Error('The control workflow answered without its state');
      return state;
    } catch (error) {
      // The server may have been killed a moment ago.
      if (performance.now() >= deadline) throw error;
    }
    await pause(POLL_MS);
  }
}

/** Against the same observations once more, which are made from their numbers alone. */
function compare(perStream: number, state: ControlState): TallyDifference {
  const handedIn: Tally = new Map();
  for (let stream = 0; stream < STREAMS; stream++) {
    for (let n = 0; n < perStream; n++) addTo(handedIn, tallyName(observationAt(stream, n)));
  }
  const counted = new Map([...tallyOf(state)].filter(([name]) => !name.startsWith('doomed-')));
  return differenceOf(handedIn, counted);
}
