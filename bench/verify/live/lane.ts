import { Client } from '@temporalio/client';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { Decimal } from 'decimal.js';
import { RunaheadClient } from '../../../client/runahead-client';
import type { Entry } from '../../../speculation/ledger/ledger';
import { RunaheadPlugin } from '../../../speculation/plugin';
import type { MeteredServer } from '../../measure/metered-server';
import type { Rate } from '../../measure/policy-comparison';
import { verifiedActivities } from './activities';
import { LIVE_GRAPH, pricesOf } from './graph';
import { livePolicy } from './policy';

/** One case under one policy. Seconds are those of the server. */
export interface LiveRun {
  seconds: number;
  result: string;
  usd: string;
  wasteUsd: string;
  hits: Rate;
  claimed: Rate;
  entries: readonly Entry[];
}

/** A worker under one policy. */
export interface LiveLane {
  policy: string;
  run: (name: string) => Promise<LiveRun>;
  stop: () => Promise<void>;
}

/** What the calls of one run cost that nobody speculates in. */
const PLAIN_USD = LIVE_GRAPH.map(pricesOf)
  .reduce((sum, { stepUsd, verifierUsd }) => sum.plus(stepUsd).plus(verifierUsd), new Decimal(0))
  .toFixed();

/** @param policy as `launchPolicy` takes it; null for a worker without Runahead */
export async function startLane(
  server: MeteredServer,
  workflowBundle: WorkflowBundleWithSourceMap,
  policy: string | null,
): Promise<LiveLane> {
  // Each learns for itself, from what its own worker sees.
  const plugins = policy === null ? [] : [new RunaheadPlugin({ policy: livePolicy(policy), hostControl: false })];
  const taskQueue = `verify-${policy ?? 'plain'}`;
  const { namespace, nativeConnection: connection } = server;
  const worker = await Worker.create({
    ...{ connection, namespace, taskQueue, workflowBundle, plugins },
    activities: verifiedActivities(),
  });
  const finished = worker.run();
  finished.catch(() => undefined);
  const client = new Client({ connection: server.client.connection, namespace, plugins });
  const books = new RunaheadClient(server.client);
  return {
    policy: policy ?? 'plain',
    run: async (name) => {
      const workflowId = `${taskQueue}-${name}`;
      const start = performance.now();
      const result = (await client.workflow.execute('verifiedReport', {
        ...{ taskQueue, workflowId, args: [{ case: name }] },
      })) as string;
      const seconds = (performance.now() - start) / 1000;
      if (policy === null) return { seconds, result, ...plainBooks() };
      const [{ totals, entries }, decisions] = await Promise.all([
        books.ledger(workflowId),
        books.decisions(workflowId),
      ]);
      const followed = decisions.filter(
        ({ phase, decision, outcome }) => phase === 'launch' && decision === 'launch' && outcome.forecast !== null,
      );
      return {
        seconds,
        result,
        usd: totals.costUsd,
        wasteUsd: totals.wasteUsd,
        hits: {
          numerator: followed.filter(({ outcome }) => outcome.forecast === 'right').length,
          denominator: followed.length,
        },
        claimed: { numerator: totals.claimed, denominator: totals.launched },
        entries,
      };
    },
    stop: async () => {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

function plainBooks(): Omit<LiveRun, 'seconds' | 'result'> {
  const none = { numerator: 0, denominator: 0 };
  return { usd: PLAIN_USD, wasteUsd: '0', hits: none, claimed: none, entries: [] };
}
