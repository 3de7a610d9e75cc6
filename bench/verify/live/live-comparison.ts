import { bundleWorkflowCode } from '@temporalio/worker';
import { Decimal } from 'decimal.js';
import { inPool } from '../../../client/faults/in-pool';
import { WORKFLOW_INTERCEPTOR_PATH } from '../../../speculation/plugin';
import { bootstrap } from '../../measure/bootstrap';
import type { MeteredServer } from '../../measure/metered-server';
import { percentile } from '../../measure/percentile';
import type { PolicyComparison, PolicyRow, Rate, TimelineBar } from '../../measure/policy-comparison';
import { SECONDS_PER_SECOND } from './graph';
import { startLane, type LiveLane, type LiveRun } from './lane';

/** Null: a worker without Runahead. */
const POLICIES = [null, 'always', 'sherlock', 'cost-aware'];
/** Cases at the same time: their pipelines wait most of the time. */
const AT_A_TIME = 2;
const KNEW =
  'match rates from the prior of verifiers (0.5), learned in the order of the cases; declared prices and durations';

/** The same cases under each policy on a real server, two cases at a time, all policies at the same time. */
export async function liveComparison(
  server: MeteredServer,
  { cases, seed }: { cases: number; seed: number },
): Promise<{ comparison: PolicyComparison; problems: string[] }> {
  const bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: SILENT,
  });
  const lanes: LiveLane[] = [];
  try {
    for (const policy of POLICIES) {
      // Without the runtime, or it would not be the plain run.
      const own =
        policy === null
          ? await bundleWorkflowCode({ workflowsPath: require.resolve('./workflows'), logger: SILENT })
          : bundle;
      lanes.push(await startLane(server, own, policy));
    }
    // Nobody is measured while workers load code.
    await runAll(lanes, [`warm-up of ${seed}`]);
    const runs = new Map<LiveLane, LiveRun[]>(lanes.map((lane) => [lane, []]));
    for (let first = 0; first < cases; first += AT_A_TIME) {
      const names = Array.from(
        { length: Math.min(AT_A_TIME, cases - first) },
        (_, index) => `${seed}/${first + index}`,
      );
      for (const { lane, run } of await runAll(lanes, names)) runs.get(lane)?.push(run);
    }
    return assemble([...runs], cases, seed);
  } finally {
    for (const lane of lanes) await lane.stop();
  }
}

/** All of them at the same time. Where one fails the others still end before that is thrown. */
async function runAll(
  lanes: readonly LiveLane[],
  names: readonly string[],
): Promise<{ lane: LiveLane; run: LiveRun }[]> {
  const wanted = names.flatMap((name) => lanes.map((lane) => ({ lane, name })));
  return inPool(wanted, wanted.length, async ({ lane, name }) => ({ lane, run: await lane.run(name) }));
}

function assemble(
  measured: readonly (readonly [LiveLane, readonly LiveRun[]])[],
  cases: number,
  seed: number,
): { comparison: PolicyComparison; problems: string[] } {
  const plain = measured.find(([{ policy }]) => policy === 'plain')?.[1] ?? [];
  const rows = measured.map(([{ policy }, runs]) => rowOf(policy, runs, plain, seed));
  const different = measured.flatMap(([{ policy }, runs]) =>
    runs.some(({ result }, index) => result !== plain[index]?.result)
      ? [`verify: results under ${policy} differ from the plain run`]
      : [],
  );
  return {
    problems: different,
    comparison: {
      benchmark: 'verify',
      title: 'going on behind verifiers, on a real server',
      setting:
        `A graph of four nodes with their verifiers (match rates 0.7, 0.12 for a tool, 0.8, 0.75), ${cases} cases, durations within a quarter ` +
        `of their means; ${SECONDS_PER_SECOND} seconds of the work in one of the server, and time is shown as that of the work. Prices are those ` +
        'of the simulated graphs, each due when a call starts',
      measuredOn: 'real server',
      rows,
      timelines: measured.flatMap(([{ policy }, runs]) => {
        const last = runs.at(-1);
        return last === undefined || last.entries.length === 0 ? [] : [{ policy, bars: barsOf(last) }];
      }),
      notes: [
        `Results were ${different.length === 0 ? 'the same under every policy' : 'NOT the same under every policy'}. A second of the server also ` +
          `holds what Temporal itself takes, shown ${SECONDS_PER_SECOND} times as long as it was.`,
      ],
    },
  };
}

function rowOf(policy: string, runs: readonly LiveRun[], plain: readonly LiveRun[], seed: number): PolicyRow {
  const pairs = runs.map(({ seconds }, index) => [plain[index]?.seconds ?? NaN, seconds] as const);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const share = (sample: typeof pairs): number => 1 - sum(sample.map(([, own]) => own)) / sum(sample.map(([of]) => of));
  const seconds = runs.map((run) => run.seconds * SECONDS_PER_SECOND);
  const mean = (value: (run: LiveRun) => string): string =>
    runs
      .reduce((total, run) => total.plus(value(run)), new Decimal(0))
      .div(runs.length)
      .toFixed();
  const rate = (value: (run: LiveRun) => Rate): Rate => ({
    numerator: sum(runs.map((run) => value(run).numerator)),
    denominator: sum(runs.map((run) => value(run).denominator)),
  });
  return {
    policy,
    label: policy,
    saved: bootstrap(pairs, (sample) => share([...sample]), seed),
    meanSeconds: sum(seconds) / seconds.length,
    p95Seconds: percentile(seconds, 0.95),
    usd: mean(({ usd }) => usd),
    wasteUsd: mean(({ wasteUsd }) => wasteUsd),
    hits: rate(({ hits }) => hits),
    claimed: rate(({ claimed }) => claimed),
    knew: policy === 'plain' ? 'no Runahead at all' : KNEW,
  };
}

function barsOf({ entries }: LiveRun): TimelineBar[] {
  const start = Math.min(...entries.map(({ openedAtMs }) => openedAtMs));
  const at = (ms: number): number => ((ms - start) / 1000) * SECONDS_PER_SECOND;
  return entries.flatMap(({ operation, kind, state, openedAtMs, endedAtMs }): TimelineBar[] =>
    endedAtMs === null
      ? []
      : [
          {
            lane: operation,
            label: `${operation}, ${kind === 'plain' ? 'plain' : state}`,
            startSeconds: at(openedAtMs),
            endSeconds: at(endedAtMs),
            kind: kind === 'plain' ? 'plain' : state === 'claimed' ? 'claimed' : 'wasted',
          },
        ],
  );
}

const SILENT = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
function nothing(): void {
  // The bundler's report is of no use beside tables.
}
