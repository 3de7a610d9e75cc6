import { Client } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { runFaultExperiment } from '../client/faults/run-fault-experiment';
import {
  defineFaultExperiment,
  definePolicy,
  RunaheadPlugin,
  WORKFLOW_INTERCEPTOR_PATH,
  type FaultExperimentInput,
} from '../speculation/plugin';
import { runahead } from './support/command-line';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('./pipelines/equivalents'),
    workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH],
    logger: new DefaultLogger('ERROR'),
  });
}, 60_000);

const FREE = { effect: 'none', cost: { kind: 'fixed', usd: 0 }, expectedSeconds: 1 } as const;
const DRAFT = 'The kiln ships on Monday. Please keep the box dry.';

/** `first` writes, `second` verifies and hands on what is to be used, `third` goes on from there. */
async function verified(revised: string): Promise<{ result: unknown; calls: string[]; totals: object }> {
  const { nativeConnection, connection } = await temporal.start();
  const policy = definePolicy({
    knob: { alpha: 1, lambdaUsdPerSecond: 1 },
    activities: {
      first: FREE,
      second: {
        ...FREE,
        forecast: [{ kind: 'verify', pass: (draft: string) => draft }],
        equivalence: { kind: 'rouge-l' },
      },
      third: { ...FREE, acceptsEquivalent: ['second'] },
    },
  });
  const stage = new Stage();
  const activities = {
    first: async () => DRAFT,
    second: async () => {
      await stage.reached(DRAFT);
      return revised;
    },
    third: async (text: string) => {
      stage.mark(text);
      return `tags of: ${text}`;
    },
  };
  const plugin = new RunaheadPlugin({ policy, hostControl: false, logger: new DefaultLogger('ERROR') });
  const taskQueue = temporal.taskQueue();
  const client = new Client({ connection, plugins: [plugin] });
  const worker = await Worker.create({
    ...{ connection: nativeConnection, taskQueue, workflowBundle: bundle, activities, plugins: [plugin] },
  });
  return worker.runUntil(async () => {
    const workflowId = temporal.taskQueue('verified');
    const handle = await client.workflow.start('threeSteps', { taskQueue, workflowId, args: ['x'] });
    const result: unknown = await handle.result();
    const { totals } = await handle.query<{ totals: object }>('ledger');
    return { result, calls: stage.log, totals };
  });
}

describe('what follows a verifier starts while it checks', () => {
  test('and is thrown away, and made from what was verified, where the verifier rewrites it', async () => {
    const rewritten = 'We cannot send it this week, sorry for that.';
    const { result, calls, totals } = await verified(rewritten);
    expect(result).toBe(`tags of: ${rewritten}`);
    expect(calls).toEqual([DRAFT, rewritten]);
    expect(totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
  });

  test('and is kept where the revision is similar and its edge is content with that', async () => {
    const { result, calls, totals } = await verified(DRAFT.replace('Monday', 'Tuesday'));
    // The plain run would have said Tuesday: selective rollback gives that up, see docs/verification.md.
    expect(result).toBe(`tags of: ${DRAFT}`);
    expect(calls).toEqual([DRAFT]);
    expect(totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0 });
  });
});

describe('faults in one operation at a time', () => {
  const inputs = ['monday', 'friday'];
  const experiment = (more: Partial<FaultExperimentInput> = {}) =>
    defineFaultExperiment({
      pipeline: 'sumsUp',
      workflows: { workflowBundle: bundle },
      activities: {
        first: async (day: string) => `the kiln for ${day} leaves our shop on ${day} morning`,
        second: async (head: string) => `${head.length % 2 === 0 ? 'even' : 'odd'} note`,
        third: async () => {
          throw new Error('third was really called');
        },
      },
      policy: definePolicy({ activities: { first: FREE, second: FREE, third: { effect: 'irreversible' } } }),
      standIns: { third: (text: string) => text },
      inputs,
      faults: ['swap', 'truncate'],
      isWrong: { first: () => true, second: (_output, head) => !String(head).includes('monday') },
      verifiers: [
        { operation: 'first', verifier: 'reader', usd: 0.02, catches: 0.5 },
        { operation: 'second', verifier: 'reader', usd: 0.02, catches: 1 },
      ],
      ...more,
    });
  const run = async (given = experiment()) => {
    const { client, nativeConnection } = await temporal.start();
    const placement = { budgetUsd: 0.03 };
    const say = (): void => undefined;
    return runFaultExperiment(given, { client, nativeConnection, namespace: 'default', seed: 1, placement, say });
  };

  test('rank the operations by what they do to the result, on workflows as they are', async () => {
    const report = await run();
    expect(report).toMatchObject({ cleanRuns: 4, cleanScore: 1 });
    expect(report.ranking.map(({ operation }) => operation)).toEqual(['first', 'second']);
    const [first, second] = report.ranking;
    expect(first?.errors).toEqual({ wrong: 2, of: 2 });
    expect(second?.errors).toEqual({ wrong: 1, of: 2 });
    expect(first?.loss.value).toBeGreaterThan(second?.loss.value ?? 1);
    expect(second?.loss.value).toBeGreaterThan(0);
    expect(second?.expectedDamage).toBeCloseTo((1 / 2) * (second?.loss.value ?? 0), 12);
    // Everybody is told the same where all notes are the same: such a swap is no fault.
    const swaps = report.effects.find(({ operation, fault }) => operation === 'second' && fault === 'swap');
    expect((swaps?.runs ?? 0) + (swaps?.skipped ?? 0)).toBe(2);
    expect(report.placement?.chosen).toMatchObject([{ operation: 'first' }]);
  });

  test('are not put into anything that does more than read, and without a stand-in it is not run at all', async () => {
    await expect(run(experiment({ standIns: {} }))).rejects.toThrow(/third does more than read.*standIns: \{ third:/);
  });

  test('that end a run without a result count as its whole loss', async () => {
    const nothing = { name: 'nothing', change: () => null };
    const second = async (head: string) => head.slice(0, 4);
    const activities = { first: async () => 'a text', second, third: async () => '' };
    const report = await run(experiment({ activities, faults: [nothing], operations: ['first'], inputs: ['x'] }));
    expect(report.effects).toEqual([
      { operation: 'first', fault: 'nothing', runs: 1, failed: 1, skipped: 0, meanScore: 0 },
    ]);
    expect(report.ranking[0]?.loss.value).toBe(1);
  });

  test.each<[string, Partial<FaultExperimentInput>, RegExp]>([
    ['no inputs', { inputs: [] }, /inputs is .*at least one/],
    ['an unknown fault', { faults: ['swop' as never] }, /faults is "swop"; use swap, drop, truncate/],
    ['an activity that there is not', { operations: ['frist'] }, /operations is "frist".*did you mean "first"\?/],
    ['a share above 1', { verifiers: [{ operation: 'first', verifier: 'v', usd: 0, catches: 2 }] }, /catches is 2/],
  ])('refuse %s', (_what, more, message) => {
    expect(() => experiment(more)).toThrow(message);
  });

  test('refuse an experiment that is neither a file nor ships, and name the nearest', async () => {
    const { exitCode, errors } = await runahead('faults', 'autoReplay');
    expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: expect.stringMatching(/did you mean "autoReply"\?/) });
  });
});
