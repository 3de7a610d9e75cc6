import { setTimeout as pause } from 'node:timers/promises';
import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Moment } from './chaos-activities';
import { DISTURBANCES, planOf, type RunPlan } from './chaos-plan';
import type { ChaosReport } from './chaos-report';
import { startChaosStage, type ChaosStage } from './chaos-stage';
import { SHAPES } from './chaos-input';
import { checkBooks, type Booking, type BooksCheck, type CallInBooks } from './check-books';
import { checkEffects, type EffectsCheck } from './check-effects';
import { bookedByControl } from './control-bills';
import type { Difference } from './difference';
import { driveRun, endingOf, startPipeline, type RunOutcome } from './drive-run';
import { readEffects, type LoggedEffect } from './effect-log';
import { bookingsOf, brokenSum, launchesOf, readEvidence, type WorkflowEvidence } from './evidence';
import { expectedOutcome } from './expected-outcome';
import { inParallel } from './in-parallel';
import { readSeats, type SeatEvidence } from './seat-stage';
import type { WorkerProcess } from './worker-process';

export interface ChaosOptions {
  runs: number;
  seed: number;
  /** Runs at the same time. */
  concurrency: number;
  /** Number of the only run to make, to see a difference again; null for all. */
  only: number | null;
}

/** Told how far it is: lines that stay, and the state of the moment. */
export interface ChaosProgress {
  say: (line: string) => void;
  update: (line: string) => void;
}

/** One in so many is also run plainly. */
const PLAIN_SHARE = 20;
const PLAIN_CONCURRENCY = 6;
/** Late bills that have not come after so long will not come. */
const LATE_BILLS_TIMEOUT_MS = 45_000;
const SWEEP_TIMEOUT_MS = 20_000;
const POLL_MS = 500;

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
  strikes.stage = stage;
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
    const books = await settledBooks(stage, [...evidence.values()], strikes.killsMs, progress);
    await untilSwept(stage, progress);
    return await reportOf(options, stage, { plans, outcomes, evidence, books, plain, strikes }, startMs);
  } finally {
    await stage.stop();
  }
}

/** Kills what the plans say, each once, when its run first reaches its moment. */
class Strikes {
  readonly struck = { worker: 0, server: 0 };
  /** When workers were killed, milliseconds since 1970. */
  readonly killsMs: number[] = [];
  stage: ChaosStage | null = null;
  readonly #pending = new Map<number, NonNullable<RunPlan['kill']>>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(plans: readonly RunPlan[]) {
    for (const { run, kill } of plans) if (kill !== null) this.#pending.set(run, kill);
  }

  reached(moment: Moment, run: number, worker: WorkerProcess): void {
    const kill = this.#pending.get(run);
    if (kill?.moment !== moment) return;
    this.#pending.delete(run);
    const strike = this.#strike(kill, worker).finally(() => this.#underWay.delete(strike));
    this.#underWay.add(strike);
  }

  /** No more kills; resolves when what was killed is back. */
  async over(): Promise<void> {
    this.#pending.clear();
    await Promise.all(this.#underWay);
  }

  async #strike({ victim, delayMs }: NonNullable<RunPlan['kill']>, worker: WorkerProcess): Promise<void> {
    const { stage } = this;
    if (stage === null) return;
    await pause(delayMs);
    if (victim === 'server') {
      this.struck.server += 1;
      await stage.server.killAndRestart();
      return;
    }
    const victims = victim === 'worker' ? [worker] : stage.workers;
    this.struck.worker += victims.length;
    this.killsMs.push(Date.now());
    await Promise.all(victims.map((each) => each.kill()));
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

interface PlainCheck {
  checked: number;
  identical: number;
  /** What is different, run by run. */
  problems: { run: number; what: string }[];
}

/** The evaluator that says what is expected is itself checked against Temporal without the plugin, while nothing fails. */
async function runPlainly(stage: ChaosStage, plans: readonly RunPlan[]): Promise<PlainCheck> {
  const { bare } = stage.drivers;
  const problems: PlainCheck['problems'] = [];
  await inParallel(plans, PLAIN_CONCURRENCY, async ({ run, input, workflowId }) => {
    const id = `plain-${workflowId}`;
    await startPipeline(bare, stage.plain.taskQueue, id, input);
    const { result } = await endingOf(bare, id);
    const expected = expectedOutcome(input);
    const done = (await readEffects(stage.plain.effectsFile)).filter((effect) => effect.workflowId === id);
    const [seen, wanted] = [
      { result, effects: done.map(({ operation, args }) => ({ operation, args })) },
      { result: expected.result, effects: expected.effects },
    ].map((each) => canonicalJson(each));
    if (seen !== wanted) problems.push({ run, what: `the plain run gives ${seen ?? ''} instead of ${wanted ?? ''}` });
  });
  return { checked: plans.length, identical: plans.length - problems.length, problems };
}

/** Late bills are on their way when the runs are over: compares until nothing is missing, or nothing comes any more. */
async function settledBooks(
  stage: ChaosStage,
  evidence: readonly WorkflowEvidence[],
  killsMs: readonly number[],
  progress: ChaosProgress,
): Promise<BooksCheck> {
  const ledgers = evidence.flatMap(bookingsOf);
  const deadline = performance.now() + LATE_BILLS_TIMEOUT_MS;
  for (;;) {
    const late = (await bookedByControl(stage.drivers.bare)).flatMap(({ workflowId, activityId, usage }) =>
      usage.map((bill): Booking => ({ ...bill, workflowId, runId: null, activityId })),
    );
    const open = stage.meter.invoice().filter(({ closedAtMs }) => closedAtMs === null).length;
    const tell = (runId: string, activityId: string): CallInBooks => tellCall(evidence, runId, activityId);
    const books = checkBooks(stage.meter.invoice(), [...ledgers, ...late], tell, killsMs);
    const missing = books.differences.filter(({ kind }) => kind === 'unbooked').length;
    if ((open === 0 && missing === 0) || performance.now() >= deadline) return books;
    progress.update(`waiting for late bills: ${missing} requests are not booked yet`);
    await pause(POLL_MS);
  }
}

/** Which workflow a call belongs to, and what its history and its books say of it. */
function tellCall(evidence: readonly WorkflowEvidence[], runId: string, activityId: string): CallInBooks {
  for (const { workflowId, histories, ledgers } of evidence) {
    const history = histories.find((each) => each.runId === runId);
    if (history === undefined) continue;
    const call = history.calls.find((each) => each.activityId === activityId);
    const entry = ledgers.find((each) => each.runId === runId)?.ledger.entries.findLast(({ id }) => id === activityId);
    const books = entry === undefined ? 'no entry' : `entry ${entry.state}${entry.unresolved ? ', unresolved' : ''}`;
    const isOpen = entry !== undefined && !entry.settled && entry.state !== 'finished';
    const saidToBeMissing = history.end !== 'open' && (entry?.unresolved === true || isOpen);
    const told = call === undefined ? 'a call that its history has not' : `${call.activityType} ${call.outcome}`;
    return { workflowId, words: `${told}, run ${history.end}, ${books}`, saidToBeMissing };
  }
  return { workflowId: '', words: `no run ${runId}`, saidToBeMissing: false };
}

/** What nobody claimed is swept up in the background: waits until it is, or until nothing happens any more. */
async function untilSwept(stage: ChaosStage, progress: ChaosProgress): Promise<void> {
  const deadline = performance.now() + SWEEP_TIMEOUT_MS;
  for (;;) {
    const undecided = undecidedStages(await readSeats(stage.seats)).length;
    if (undecided === 0 || performance.now() >= deadline) return;
    progress.update(`waiting for ${undecided} stages to be swept up`);
    await pause(POLL_MS);
  }
}

/** Stages that are neither taken nor dropped, and what was held for them. */
function undecidedStages({ stages, holds }: SeatEvidence): Difference[] {
  const kind = 'undecided stage';
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const open = stages.filter(({ state }) => state !== 'committed' && state !== 'discarded');
  const held = holds.filter((id) => byId.get(id)?.state === 'committed' || byId.get(id)?.state === 'discarded');
  return [
    ...open.map(({ id, workflowId, state }): Difference => ({ kind, workflowId, what: `stage ${id} is ${state}` })),
    ...held.map((id): Difference => {
      const { workflowId = '', state = 'unknown' } = byId.get(id) ?? {};
      return { kind, workflowId, what: `stage ${id} is ${state}, and its seat is still held` };
    }),
  ];
}

interface Findings {
  plans: readonly RunPlan[];
  outcomes: readonly RunOutcome[];
  evidence: ReadonlyMap<string, WorkflowEvidence>;
  books: BooksCheck;
  plain: PlainCheck;
  strikes: Strikes;
}

async function reportOf(
  { seed, runs }: ChaosOptions,
  stage: ChaosStage,
  { plans, outcomes, evidence, books, plain, strikes }: Findings,
  startMs: number,
): Promise<ChaosReport> {
  const logged = grouped(await readEffects(stage.effectsFile), ({ workflowId }: LoggedEffect) => workflowId);
  const world = await readSeats(stage.seats);
  const seats = grouped(world.seats, ({ workflowId }) => workflowId);
  const differences: Difference[] = [...books.differences, ...undecidedStages(world)];
  for (const { run, what } of plain.problems)
    differences.push({ kind: 'result', workflowId: `plain-chaos-${seed}-${run}`, what });
  const effects: EffectsCheck[] = [];
  let identical = 0;
  for (const outcome of outcomes) {
    const { workflowId, input } = outcome.plan;
    const expected = expectedOutcome(input);
    const problem = resultProblem(outcome, expected.result);
    if (problem !== null) differences.push({ kind: 'result', workflowId, what: problem });
    else if (outcome.ending === 'completed') identical += 1;
    const found = evidence.get(workflowId);
    const check = checkEffects({
      workflowId,
      expected: expected.effects,
      completed: outcome.ending === 'completed',
      histories: found?.histories ?? [],
      logged: logged.get(workflowId) ?? [],
      seats: seats.get(workflowId) ?? [],
    });
    effects.push(check);
    differences.push(...check.differences);
    const broken = found === undefined ? null : brokenSum(found);
    if (broken !== null) differences.push({ kind: 'wrong amount', workflowId, what: broken });
  }
  const launches = { launched: 0, claimed: 0, cancelled: 0, failed: 0 };
  for (const each of evidence.values()) {
    const counts = launchesOf(each);
    for (const name of Object.keys(launches) as (keyof typeof launches)[]) launches[name] += counts[name];
  }
  const sum = (field: 'effects' | 'repeatedByTemporal' | 'abandoned'): number =>
    effects.reduce((total, check) => total + check[field], 0);
  return {
    seed,
    runs: plans.length === 1 ? 1 : runs,
    seconds: (performance.now() - startMs) / 1000,
    shapes: counted(
      plans.map(({ input }) => input.shape),
      SHAPES,
    ),
    endings: counted(
      outcomes.map(({ ending }) => ending),
      ['completed', 'cancelled', 'terminated', 'failed'],
    ),
    disturbances: counted(
      outcomes.filter(({ disturbed }) => disturbed).map(({ plan }) => plan.disturbance.kind),
      DISTURBANCES.slice(1),
    ),
    continuedAsNew: plans.filter(({ input }) => input.shape === 'relay' && input.legs > 1).length,
    faults: counted(stage.model.injected.map(({ kind }) => kind)),
    kills: { ...strikes.struck },
    crashes: stage.workers.reduce((total, worker) => total + worker.crashes, 0),
    launches,
    stages: counted(
      world.stages.map(({ state }) => state),
      ['committed', 'discarded'],
    ),
    effects: { standing: sum('effects'), repeatedByTemporal: sum('repeatedByTemporal'), abandoned: sum('abandoned') },
    books: {
      requests: books.requests,
      invoiceUsd: books.invoiceUsd,
      bookedUsd: books.bookedUsd,
      estimatedUsd: books.estimatedUsd,
    },
    plainRuns: { checked: plain.checked, identical: plain.identical },
    identicalResults: { identical, completed: outcomes.filter(({ ending }) => ending === 'completed').length },
    differences: differences.map((difference) => {
      const run = Number(difference.workflowId.split('-').at(-1));
      const faults = stage.model.injected.filter((fault) => fault.run === run);
      return { ...difference, run, faults: faults.map(({ operation, kind }) => `${operation}: ${kind}`) };
    }),
  };
}

/** Why the outcome is not one that the plain run could have had; null when it is. */
function resultProblem({ ending, result, reason, plan }: RunOutcome, expected: unknown): string | null {
  if (ending === 'completed') {
    return canonicalJson(result) === canonicalJson(expected)
      ? null
      : `returned ${canonicalJson(result)} instead of ${canonicalJson(expected)}`;
  }
  if (ending === 'failed') return `failed: ${reason ?? ''}`;
  const wanted = ending === 'cancelled' ? 'cancel' : 'terminate';
  return plan.disturbance.kind === wanted ? null : `was ${ending}, and nobody had asked for it`;
}

function counted(values: readonly string[], names: readonly string[] = []): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

function grouped<T>(values: readonly T[], nameOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(nameOf(value), [...(groups.get(nameOf(value)) ?? []), value]);
  return groups;
}
