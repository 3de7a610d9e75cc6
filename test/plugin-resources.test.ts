import { Client } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { definePolicy, RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH, type PolicyInput } from '../speculation/plugin';
import { outputStream } from '../speculation/streams/output-stream';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./pipelines'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: new DefaultLogger('ERROR'),
  });
}, 60_000);

interface Ledger {
  totals: { launched: number; claimed: number; cancelled: number; failed: number };
}

const FREE = { kind: 'fixed', usd: 0 } as const;
const WORTH_IT = { effect: 'none', cost: FREE, expectedSeconds: 1 } as const;

/** Runs a pipeline of test/pipelines with the plugin as a user has it. */
async function run(
  pipeline: string,
  args: unknown[],
  declared: PolicyInput['activities'],
  activities: Record<string, (...args: never[]) => Promise<unknown>>,
): Promise<{ result: unknown; totals: Ledger['totals'] }> {
  const { nativeConnection, connection } = await temporal.start();
  const policy = definePolicy({ knob: { alpha: 1, lambdaUsdPerSecond: 1 }, activities: declared });
  const plugin = new RunaheadPlugin({ policy, hostControl: false, logger: new DefaultLogger('ERROR') });
  const taskQueue = temporal.taskQueue();
  const client = new Client({ connection, plugins: [plugin] });
  const worker = await Worker.create({
    ...{ connection: nativeConnection, taskQueue, workflowBundle: bundle, activities, plugins: [plugin] },
  });
  return worker.runUntil(async () => {
    const handle = await client.workflow.start(pipeline, { taskQueue, workflowId: temporal.taskQueue('w'), args });
    const result: unknown = await handle.result();
    const { totals } = await handle.query<Ledger>('ledger');
    return { result, totals };
  });
}

test.each([
  ['7', 'account:7', 'moved, 60', 0],
  ['7', 'account:8', 'moved, 100', 1],
])('account %s, where a transfer writes %s: %s', async (account, written, expected, claimed) => {
  const stage = new Stage();
  let balance = 100;
  const { result, totals } = await run(
    'changedAccount',
    [account],
    {
      check: { effect: 'none', cost: FREE },
      transfer: {
        effect: 'irreversible',
        forecast: [{ kind: 'function', forecast: () => 'moved' }],
        expectedSeconds: 1,
        writes: () => [written],
      },
      balance: { ...WORTH_IT, reads: (name: string) => [`account:${name}`] },
    },
    {
      check: async () => ({ verdict: 'pass' }),
      transfer: async () => {
        await stage.reached('balance read');
        if (written === `account:${account}`) balance -= 40;
        return 'moved';
      },
      balance: async () => {
        const seen = balance;
        stage.mark('balance read');
        return seen;
      },
    },
  );
  expect(result).toBe(expected);
  expect(totals).toMatchObject({ launched: 1, claimed });
});

test('what an activity publishes while it streams starts the next one, with nothing but a policy and the plugin', async () => {
  const stage = new Stage();
  const analysis = { route: 'refund', items: [], reason: 'broken' };
  const { result, totals } = await run(
    'routed',
    ['x'],
    {
      analyse: { effect: 'none', cost: FREE, expectedSeconds: 2, forecast: [{ kind: 'stream' }] },
      note: WORTH_IT,
    },
    {
      analyse: async () => {
        outputStream().add([
          { at: [], opens: 'object' },
          { at: ['route'], is: 'refund' },
        ]);
        await stage.reached('noted');
        return analysis;
      },
      note: async (route: string) => {
        stage.mark('noted');
        return `noted ${route}`;
      },
    },
  );
  expect(result).toBe('noted refund: broken');
  expect(totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0 });
});
