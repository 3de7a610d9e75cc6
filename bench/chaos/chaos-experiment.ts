import { planOf, type RunPlan } from './chaos-plan';
import type { ChaosProgress } from './chaos-progress';
import type { ChaosReport } from './chaos-report';
import { startChaosStage, type ChaosStage } from './chaos-stage';
import { assembleReport } from './assemble-report';
import { driveRun, type RunOutcome } from './drive-run';
import { readEvidence } from './evidence';
import { inParallel } from './in-parallel';
import { runPlainly } from './plain-runs';
import { settledBooks } from './settled-books';
import { Strikes } from './strikes';
import { untilSwept } from './undecided-stages';

export interface ChaosOptions {
  runs: number;
  seed: number;
  /** Runs at the same time. */
  concurrency: number;
  /** Number of the only run to make, to see a difference again; null for all. */
  only: number | null;
}

/** One in so many is also run plainly. */
const PLAIN_SHARE = 20;

/** Runs pipelines while everything around them fails, and compares what is left with what the plain runs would have left. */
export async function runChaos(options: ChaosOptions, progress: ChaosProgress): Promise<ChaosReport> {
  const startMs = performance.now();
  const { seed, only } = options;
  const plans = (only === null ? Array.from({ length: options.runs }, (_, run) => run) : [only]).map((run) =>
    planOf(seed, run),
  );
  const strikes = new Strikes(plans);
  progress.say('starting a Temporal server, a model behind a meter, and two workers');
  const stage = await startChaosStage(seed, (moment, run, worker) => strikes.reached(moment, run, worker));
  strikes.aimAt(stage);
  try {
    const plain = await runPlainly(
      stage,
      plans.filter(({ run }) => only !== null || run % PLAIN_SHARE === 0),
    );
    const outcomes = await driveAll(stage, plans, options.concurrency, progress);
    await strikes.over();
    progress.say('all runs are over; reading histories and books');
    await Promise.all(stage.workers.map((worker) => worker.ready()));
    const evidence = await readEvidence(
      stage.drivers.bare,
      plans.map(({ workflowId }) => workflowId),
    );
    const books = await settledBooks(stage, [...evidence.values()], strikes.kills, progress);
    await untilSwept(stage.seats, progress);
    return await assembleReport(seed, stage, { plans, outcomes, evidence, books, plain, strikes }, startMs);
  } finally {
    await stage.stop();
  }
}

async function driveAll(
  stage: ChaosStage,
  plans: readonly RunPlan[],
  concurrency: number,
  progress: ChaosProgress,
): Promise<RunOutcome[]> {
  const outcomes: RunOutcome[] = [];
  await inParallel(plans, concurrency, async (plan) => {
    outcomes.push(await driveRun(stage.drivers, plan));
    const kills = stage.workers.reduce((sum, worker) => sum + worker.kills, 0);
    progress.update(
      `${outcomes.length} of ${plans.length} runs; ${kills} workers and ${stage.server.kills} servers killed`,
    );
  });
  return outcomes.sort((left, right) => left.plan.run - right.plan.run);
}
