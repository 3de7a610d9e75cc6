import { MODEL } from '../../activities/model-roles';
import { scriptedAnswer } from '../../workers/sample-model/script';
import { comparisonTable } from '../measure/comparison-table';
import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import { startMeteredServer } from '../measure/metered-server';
import type { PolicyComparison } from '../measure/policy-comparison';
import { faultsInAutoReply, faultsTableOf } from './faults-in-auto-reply';
import { liveComparison } from './live/live-comparison';
import { placementStudy } from './placement-study';
import { simulatedComparison } from './simulated';
import { verifiedGraph } from './verified-graph';

const RUNS_A_GRAPH = 20;
const FULL = { graphs: 40, placed: 40, injected: 200, judged: 1_000 };
const QUICK = { graphs: 15, placed: 12, injected: 100, judged: 400 };
/** Greatest share of the faults for which a lower price is claimed. */
const MOST_CLAIMED = 0.75;
const LIVE_CASES = 6;
const FAULTY_MESSAGES = 4;

/**
 * `runahead bench verify` (H6): work that starts behind verifiers while they check, under every policy, and where verifiers belong. In the
 * simulator, and without `quick` also on a real server.
 */
export async function verifyExperiment(options: ExperimentOptions): Promise<ExperimentOutcome> {
  const { seed, quick = false, say } = options;
  const sizes = quick ? QUICK : FULL;
  const runs = Math.max(sizes.graphs, options.runs ?? RUNS_A_GRAPH * sizes.graphs);
  const simulated = simulatedComparison({ graphs: sizes.graphs, runs }, seed);
  say(`${runs} simulated runs under each policy`);
  const placed = Array.from({ length: sizes.placed }, (_, number) => verifiedGraph(seed, number));
  const { costs, table } = placementStudy(placed, sizes, seed);
  const comparisons: PolicyComparison[] = [{ ...simulated.comparison, tables: [table] }];
  const problems = [...simulated.problems, ...placementProblems(costs)];
  if (!quick) {
    const live = await onRealServer(seed, say);
    comparisons.push(live.comparison);
    problems.push(...live.problems);
  }
  return {
    text: comparisons.map(comparisonTable).join('\n\n'),
    report: { seed, comparisons },
    comparisons,
    problems,
  };
}

async function onRealServer(
  seed: number,
  say: (line: string) => void,
): Promise<{ comparison: PolicyComparison; problems: string[] }> {
  const server = await startMeteredServer({ script: scriptedAnswer, models: Object.values(MODEL), say });
  try {
    const live = await liveComparison(server, { cases: LIVE_CASES, seed });
    say(`${LIVE_CASES} cases under each policy on a real server`);
    const faults = await faultsInAutoReply(server, { inputs: FAULTY_MESSAGES, seed, say });
    return { ...live, comparison: { ...live.comparison, tables: [faultsTableOf(faults)] } };
  } finally {
    await server.stop();
  }
}

function placementProblems(costs: ReturnType<typeof placementStudy>['costs']): string[] {
  // Where nearly all is to be caught, nearly everything has to be verified, and there is little to choose.
  return [...costs].flatMap(([share, { damage, random, everything }]) =>
    share > MOST_CLAIMED || (damage < random && damage < everything)
      ? []
      : [`verify: placed by damage, ${100 * share} % of the faults cost no less than at random or everywhere`],
  );
}
