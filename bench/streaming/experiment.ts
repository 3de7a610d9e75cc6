import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import { runPair, type StreamedPair } from './run-pair';
import type { StreamingShape } from './shape';
import { shapeProblems, shapeReport, type ShapeReport } from './shape-report';
import { startStage, type Stage } from './stage';
import { STREAMING_SHAPES } from './suite';
import { streamingTable } from './table';

const DEFAULT_RUNS = 5;
const QUICK_RUNS = 1;
/** Shapes that are measured at the same time: their pipelines wait most of the time. */
const AT_A_TIME = 3;

/** What `runahead bench streaming --report` writes. */
export interface StreamingReport {
  seed: number;
  runs: number;
  shapes: ShapeReport[];
}

/** Runs every shape of the suite, plain and run ahead by turns, and compares with what a perfect scheduler could reach. */
export async function streamingExperiment(
  { quick = false, runs = quick ? QUICK_RUNS : DEFAULT_RUNS, seed, say }: ExperimentOptions,
  shapes: readonly StreamingShape[] = STREAMING_SHAPES,
): Promise<ExperimentOutcome & { report: StreamingReport }> {
  const stage = await startStage(shapes, say);
  try {
    say(`${shapes.length} shapes of pipelines, ${runs} runs each on both sides`);
    // Neither side is measured while its workers load code and learn how long things take.
    await Promise.all(shapes.map((shape) => runPair(stage, shape, { case: `warm-up of ${seed}` }, true)));
    await stage.synchronise();
    const reports = new Map<StreamingShape, ShapeReport>();
    const waiting = [...shapes];
    const measureSome = async (): Promise<void> => {
      for (let shape = waiting.shift(); shape !== undefined; shape = waiting.shift()) {
        const report = shapeReport(shape, await measure(stage, shape, { runs, seed }));
        reports.set(shape, report);
        say(`${shape.name}: ${shape.summary}`);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, measureSome));
    const inOrder = shapes.flatMap((shape) => reports.get(shape) ?? []);
    return {
      text: streamingTable(inOrder),
      report: { seed, runs, shapes: inOrder },
      problems: inOrder.flatMap(shapeProblems),
    };
  } finally {
    await stage.stop();
  }
}

async function measure(
  stage: Stage,
  shape: StreamingShape,
  { runs, seed }: { runs: number; seed: number },
): Promise<StreamedPair[]> {
  const pairs: StreamedPair[] = [];
  for (let run = 0; run < runs; run += 1) {
    pairs.push(await runPair(stage, shape, { case: `${seed}/${run}` }, run % 2 === 0));
  }
  return pairs;
}
