import { Decimal } from 'decimal.js';
import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import type { PolicyComparison } from '../measure/policy-comparison';
import { recordedFile } from '../measure/recorded-data';
import { readConversations } from '../mined/read-conversations';
import { readTools } from '../../activities/tool-agent';
import { check } from './checks';
import { compare, type Finisher } from './comparison';
import { CONTESTANTS, PLAIN, QUICK_CONTESTANTS } from './contestants';
import { closeBooks, type LaneBooks } from './lane-books';
import { LeftOutPatterns } from './left-out-patterns';
import type { MeasuredConversation } from './measured-conversation';
import { TOOL_USD } from './policy';
import { RecordedResults, recordingOf, type Recording } from './recording';
import { runConversations } from './run-conversations';
import { startAirlineStage, type Lane } from './stage';

const DEFAULT_RUNS = 6;
const QUICK_RUNS = 3;
/**
 * How many times faster than real life. What the server and the workers take for a call is not faster: the less time is compressed, the less
 * it weighs, as it does in real life.
 */
const COMPRESSION = 5;
const QUICK_COMPRESSION = 20;
/** Of each policy: more would measure a queue in front of the processors. */
const AT_A_TIME = 1;

/** What `runahead bench airline --report` writes. */
export interface AirlineReport {
  seed: number;
  compression: number;
  conversations: string[];
  comparison: PolicyComparison;
}

/**
 * Replays recorded conversations through the tool agent that ships, on a real server, under every policy.
 *
 * @throws MissingDataError without the recordings
 */
export async function airlineExperiment({
  runs,
  seed,
  data,
  quick = false,
  say,
}: ExperimentOptions): Promise<ExperimentOutcome & { report: AirlineReport }> {
  const all = readConversations(recordedFile('taubench-airline/tasks-00-24.jsonl', data)).map(recordingOf);
  const recordings = quick ? shortest(all, runs ?? QUICK_RUNS) : chosen(all, runs ?? DEFAULT_RUNS);
  const compression = quick ? QUICK_COMPRESSION : COMPRESSION;
  const contestants = [PLAIN, ...(quick ? QUICK_CONTESTANTS : CONTESTANTS)];
  say(`${recordings.length} conversations under ${contestants.length} policies, time ${compression} times faster`);
  const patterns = new LeftOutPatterns(all);
  // Before the clock runs: it takes seconds for each task that is left out.
  for (const { scenarioId } of recordings) patterns.for(scenarioId);
  say('patterns are mined, for each task without its own conversations');
  const stage = await startAirlineStage({
    contestants,
    seed,
    compression,
    recordings: new Map(all.map((recording) => [recording.scenarioId, recording])),
    results: new RecordedResults(all),
    patternsFor: (scenarioId) => patterns.for(scenarioId),
    say,
  });
  try {
    const measured = await runConversations(stage.lanes, {
      recordings,
      compression,
      atATime: AT_A_TIME,
      onDone: (done) => say(`${done}/${recordings.length} conversations`),
    });
    const finishers = await finish(stage.lanes, measured, recordings);
    const comparison = compare(finishers, {
      seed,
      compression,
      recordings,
      setting: settingOf(recordings, compression),
    });
    return {
      text: comparisonTable(comparison),
      report: { seed, compression, conversations: recordings.map(({ scenarioId }) => scenarioId), comparison },
      comparisons: [comparison],
      problems: finishers.flatMap(problemsOf),
    };
  } finally {
    await stage.stop();
  }
}

/** As many different tasks as possible, in the order of the tasks; a second conversation about a task only when all have had one. */
export function chosen(all: readonly Recording[], runs: number): Recording[] {
  const seen = new Map<number, number>();
  return all
    .map((recording) => {
      const turn = seen.get(recording.task) ?? 0;
      seen.set(recording.task, turn + 1);
      return { recording, turn };
    })
    .sort((left, right) => left.turn - right.turn || left.recording.task - right.recording.task)
    .slice(0, runs)
    .map(({ recording }) => recording);
}

function shortest(all: readonly Recording[], runs: number): Recording[] {
  const tasks = chosen(all, new Set(all.map(({ task }) => task)).size);
  return tasks.sort((left, right) => left.rounds.length - right.rounds.length).slice(0, runs);
}

async function finish(
  lanes: readonly Lane[],
  measured: ReadonlyMap<Lane, MeasuredConversation[]>,
  recordings: readonly Recording[],
): Promise<Finisher[]> {
  const [plainLane] = lanes as [Lane];
  const plain = measured.get(plainLane) ?? [];
  return Promise.all(
    lanes.map(async (lane): Promise<Finisher> => {
      const conversations = measured.get(lane) ?? [];
      const isPlain = lane === plainLane;
      return {
        lane,
        conversations,
        books: isPlain ? plainBooks(lane, recordings) : await closeBooks(lane, conversations),
        checks: check(lane, conversations, plainLane, plain),
      };
    }),
  );
}

/** Nobody books there: what the meter saw, and the price of the tools. */
function plainBooks({ meter }: Lane, recordings: readonly Recording[]): LaneBooks {
  const invoicedUsd = meter.totalUsd();
  const reads = recordings
    .flatMap(({ session }) => session)
    .filter(({ operation }) => Object.hasOwn(readTools, operation));
  const usd = new Decimal(TOOL_USD).times(reads.length).plus(invoicedUsd).toFixed();
  return { usd, wasteUsd: '0', bookedUsd: invoicedUsd, invoicedUsd, match: true };
}

function settingOf(recordings: readonly Recording[], compression: number): string {
  const tasks = new Set(recordings.map(({ task }) => task)).size;
  return (
    `${recordings.length} recorded tau-bench airline conversations about ${tasks} tasks (gpt-4o, github.com/sierra-research/tau-bench, MIT) through the ` +
    `workflow toolAgent, time ${compression} times faster; no latencies are recorded, they are drawn, the same for each policy; tokens are those of the ` +
    `transcripts, without the rules that stood before them, at the list price of gpt-4o; a tool costs $${TOOL_USD}; a second is worth $0.01`
  );
}

function problemsOf({ lane, books, checks }: Finisher): string[] {
  const { label } = lane.contestant;
  const { identical, launchedEffects } = checks;
  return [
    ...(identical.numerator === identical.denominator
      ? []
      : [`${label}: ${identical.numerator} of ${identical.denominator} conversations are identical to the plain ones`]),
    ...(launchedEffects.numerator === 0 ? [] : [`${label}: ${launchedEffects.numerator} effects ahead of their input`]),
    ...(books.match ? [] : [`${label}: booked $${books.bookedUsd}, invoiced $${books.invoicedUsd}`]),
  ];
}
