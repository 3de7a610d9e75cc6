import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { RunaheadClient } from '../client/runahead-client';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();
const PIPELINES = 64;

const policy = definePolicy({
  knob: { alpha: 1, lambdaUsdPerSecond: 10 },
  activities: {
    classify: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: 2 },
      forecast: [{ kind: 'history', top: 1 }],
      cost: { kind: 'fixed', usd: 0 },
      expectedSeconds: 1,
    },
    answer: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 }, expectedSeconds: 1 },
    sendMail: { effect: 'irreversible' },
  },
  // How long a launch waits for its reservation, too; the machine of a test may be slow.
  limits: { scheduleToStartMs: 15_000 },
});

const launched: string[] = [];
const activities = {
  classify: async () => {
    await Context.current().sleep(500);
    return 'billing';
  },
  answer: async (route: string) => {
    const { activityId, workflowExecution } = Context.current().info;
    if (activityId.startsWith('spec-')) launched.push(workflowExecution?.workflowId ?? '');
    await Context.current().sleep(100);
    return `about ${route}`;
  },
  sendMail: async (reply: string) => `sent ${reply}`,
};

test('64 pipelines that all want to run ahead share a budget for 10 launches; all give the same result, and each says why it did not', async () => {
  const { connection, nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue();
  const plugin = new RunaheadPlugin({ policy, logger: new DefaultLogger('ERROR') });
  const client = new Client({ connection, plugins: [plugin] });
  const runahead = new RunaheadClient(client);
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowsPath: require.resolve('./plugin-workflows'),
    activities,
    plugins: [plugin],
    maxConcurrentActivityTaskExecutions: 200,
  });
  const run = async (): Promise<string> => {
    const workflowId = randomUUID();
    const started = { taskQueue, workflowId, args: ['my money'] };
    expect(await client.workflow.execute('support', started)).toBe('sent about billing');
    return workflowId;
  };
  await worker.runUntil(async () => {
    for (let warmUp = 0; warmUp < 3; warmUp++) await run();
    await plugin.synchronise();
    launched.splice(0);
    expect(await runahead.setBudget('pipeline:support', { usdPerDay: '0.1' })).toMatchObject({ leftUsd: '0.1' });
    await plugin.synchronise();

    const workflowIds = await Promise.all(Array.from({ length: PIPELINES }, run));
    expect(launched).toHaveLength(10);
    const { budgets } = await untilAnswer(
      () => runahead.budgets(),
      ({ budgets: [row] }) => row?.openLaunches === 0,
    );
    expect(budgets).toMatchObject([
      { scope: 'pipeline:support', spentUsd: '0.1', reservedUsd: '0', leftUsd: '0', overrunUsd: '0' },
    ]);

    let refusals = 0;
    for (const workflowId of workflowIds) {
      const { entries } = await runahead.ledger(workflowId);
      const early = entries.filter(({ kind }) => kind === 'launch');
      const decisions = await runahead.decisions(workflowId);
      if (launched.includes(workflowId)) {
        expect(early).toMatchObject([{ state: 'claimed', costUsd: '0.01' }]);
      } else if (early.length > 0) {
        expect(early).toMatchObject([{ state: 'failed', costUsd: '0' }]);
        refusals += 1;
      } else {
        expect(decisions.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/budget/));
      }
    }
    expect(budgets[0]?.refusals).toBe(refusals);
  });
}, 120_000);
