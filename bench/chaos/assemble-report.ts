import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { SHAPES } from './chaos-input';
import { DISTURBANCES, type RunPlan } from './chaos-plan';
import type { ChaosReport } from './chaos-report';
import type { ChaosStage } from './chaos-stage';
import type { BooksCheck } from './check-books';
import { checkEffects, type EffectsCheck } from './check-effects';
import type { Difference } from './difference';
import type { RunOutcome } from './drive-run';
import { readEffects } from './effect-log';
import { brokenSum, launchesOf, type WorkflowEvidence } from './evidence';
import { expectedOutcome } from './expected-outcome';
import type { PlainCheck } from './plain-runs';
import { readSeats } from './seat-stage';
import type { Strikes } from './strikes';
import { undecidedStages } from './undecided-stages';

export interface Findings {
  plans: readonly RunPlan[];
  outcomes: readonly RunOutcome[];
  evidence: ReadonlyMap<string, WorkflowEvidence>;
  books: BooksCheck;
  plain: PlainCheck;
  strikes: Strikes;
}

/** Compares every run with its plain run, and says all that was found. */
export async function assembleReport(
  seed: number,
  stage: ChaosStage,
  { plans, outcomes, evidence, books, plain, strikes }: Findings,
  startMs: number,
): Promise<ChaosReport> {
  const logged = grouped(await readEffects(stage.effectsFile), ({ workflowId }) => workflowId);
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
    runs: plans.length,
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
    activitiesLostByServer: outcomes.reduce((total, { freed }) => total + freed, 0),
    launches,
    stages: counted(
      world.stages.map(({ state }) => state),
      ['committed', 'discarded'],
    ),
    effects: { standing: sum('effects'), repeatedByTemporal: sum('repeatedByTemporal'), abandoned: sum('abandoned') },
    books: {
      unreadable: [...evidence.values()].flatMap(({ ledgers }) => ledgers).filter(({ totals }) => totals === null)
        .length,
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
