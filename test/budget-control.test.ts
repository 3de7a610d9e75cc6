import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { RunaheadClient } from '../client/runahead-client';
import type { BudgetBatch } from '../speculation/budget/budget-batch';
import type { BudgetReport, BudgetRow } from '../speculation/budget/budget-report';
import type { BudgetDecision } from '../speculation/budget/reserve';
import { controlBundle } from '../speculation/plugin/control-host';
import { definePolicy, RunaheadPlugin } from '../speculation/plugin';
import type { ControlCarry, ControlSnapshotAnswer } from '../speculation/runtime/control-protocol';
import { CONTROL_WORKFLOW_ID } from '../speculation/runtime/protocol';
import { runahead, runaheadJson } from './support/command-line';
import { tableLine } from '../speculation/ledger/table-line';
import { useTemporal } from './support/temporal';
import { until } from './support/until';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();

async function withControl<T>(
  carry: ControlCarry,
  body: (control: WorkflowHandle) => Promise<T>,
  workflowId = randomUUID() as string,
): Promise<T> {
  const { client, nativeConnection } = await temporal.start();
  const taskQueue = temporal.taskQueue('control');
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowBundle: await controlBundle(undefined),
  });
  return worker.runUntil(async () => {
    await client.workflow.start('runaheadControl', { taskQueue, workflowId, args: [carry] });
    return body(client.workflow.getHandle(workflowId));
  });
}

const reserve = (
  control: WorkflowHandle,
  ids: string[],
  more: Partial<BudgetBatch> = {},
): Promise<BudgetDecision[]> => {
  const requests = ids.map((id) => ({ id, pipeline: 'support', tenant: 'acme', amountUsd: '0.01', leaseMs: 60_000 }));
  return control.executeUpdate('reserveBudget', { args: [{ reserve: requests, settle: [], ...more }] });
};
const budgets = (control: WorkflowHandle): Promise<BudgetReport> => control.query('budgets');
const granted = (decisions: BudgetDecision[]): string[] => decisions.filter((each) => each.granted).map(({ id }) => id);

test('a budget is set by an Update that answers with what is then in force, field by field', async () => {
  await withControl({}, async (control) => {
    expect(await budgets(control)).toMatchObject({ budgets: [], recentRefusals: [] });
    const row = await control.executeUpdate<BudgetRow, [unknown]>('setBudget', {
      args: [{ scope: 'tenant:acme', usdPerDay: 2.5 }],
    });
    expect(row).toMatchObject({ scope: 'tenant:acme', usdPerDay: '2.5', concurrentLaunches: null, leftUsd: '2.5' });
    expect(
      await control.executeUpdate('setBudget', { args: [{ scope: 'tenant:acme', concurrentLaunches: 3 }] }),
    ).toMatchObject({ usdPerDay: '2.5', concurrentLaunches: 3 });
  });
});

test.each([
  ['a scope that does not exist', 'setBudget', { scope: 'team:x', usdPerDay: '1' }, /scope is "team:x"; use/],
  ['negative dollars', 'setBudget', { scope: '*', usdPerDay: -1 }, /usdPerDay is -1/],
  ['nothing at all', 'setBudget', null, /the change is null/],
  ['a batch that is none', 'reserveBudget', { reserve: 'everything' }, /reserve: expected at most 200/],
])('an Update with %s is refused before it enters the history', async (_what, name, request, message) => {
  await withControl({}, async (control) => {
    const refusal = await control.executeUpdate(name, { args: [request] }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
    expect((refusal as WorkflowUpdateFailedError).cause?.message).toMatch(message);
    const { events } = await control.fetchHistory();
    expect(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes)).toBe(false);
  });
});

test('many ask at the same time, through continue-as-new, and exactly as much as there is is given away', async () => {
  const { client } = await temporal.start();
  await withControl({ signalsPerRun: 3 }, async (control) => {
    await control.executeUpdate('setBudget', { args: [{ scope: '*', usdPerDay: '0.1' }] });
    const asking = Array.from({ length: 40 }, async (_, n) => {
      // What makes it continue as new, in between.
      await control.signal('setKnob', { alpha: n / 40 });
      const ids = [`run/${n}`, `run/${n}b`];
      // A caller whose request met the end of a run asks again, as workers do.
      const decisions = await untilAnswer(
        () => reserve(control, ids).catch((error: unknown) => [error]),
        ([first]) => !(first instanceof Error),
      );
      return granted(decisions as BudgetDecision[]);
    });
    const all = (await Promise.all(asking)).flat();
    expect(new Set(all).size).toBe(10);
    expect(await budgets(control)).toMatchObject({ budgets: [{ reservedUsd: '0.1', leftUsd: '0' }] });
    const runs = client.workflow.list({ query: `WorkflowId = "${control.workflowId}"` });
    await untilAnswer(
      async () => {
        const names: string[] = [];
        for await (const { status } of runs) names.push(status.name);
        return names;
      },
      (names) => names.includes('CONTINUED_AS_NEW'),
    );
  });
});

test('a bill settles the reservation of a launch whose worker is gone, and a plain call settles nothing', async () => {
  await withControl({}, async (control) => {
    await reserve(control, ['run/spec-1'], { declared: { '*': { usdPerDay: '1' } } });
    const bill = (activityId: string) => ({
      kind: 'bill',
      id: `run/${activityId}/bill`,
      workflowId: 'w',
      runId: 'run',
      activityId,
      operation: 'draft',
      usage: [{ costUsd: '0.004', estimated: false }],
      workflowGone: false,
    });
    await control.signal('observe', [bill('spec-1'), bill('7')]);
    const settled = await untilAnswer(
      () => budgets(control),
      ({ budgets: [row] }) => row?.openLaunches === 0,
    );
    expect(settled.budgets).toMatchObject([{ scope: '*', spentUsd: '0.004', reservedUsd: '0' }]);
    const again = [{ id: 'run/spec-1', pipeline: 'support', costUsd: '0.004' }];
    await reserve(control, [], { settle: again });
    expect(await budgets(control)).toMatchObject({ budgets: [{ spentUsd: '0.004' }] });
  });
});

test('a snapshot says what is left, and not who reserved it', async () => {
  await withControl({}, async (control) => {
    const ask = (since?: string): Promise<ControlSnapshotAnswer> => control.query('snapshot', since);
    const before = await ask();
    expect(before.state).not.toHaveProperty('budgets');
    await reserve(control, ['a', 'b'], { declared: { '*': { usdPerDay: '1' } } });
    const { state } = await ask(before.version);
    expect(state?.budgets).toMatchObject({
      limits: { '*': { usdPerDay: '1' } },
      today: { '*': { reservedUsd: '0.02' } },
      openLaunches: { '*': 2 },
      open: {},
    });
  });
});

test('its current details show the budgets, and its history replays', async () => {
  await withControl({}, async (control) => {
    await control.executeUpdate('setBudget', { args: [{ scope: 'tenant:acme', usdPerDay: '0.01' }] });
    await reserve(control, ['a', 'b', 'c']);
    const { currentDetails } = await control.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toMatch(/### Budgets, \d{4}-\d\d-\d\d/);
    expect(currentDetails).toContain(tableLine(['tenant:acme', '0.01', '0', '0.01', '0', '1 of any', '2', '0']));
    await Worker.runReplayHistory({ workflowBundle: await controlBundle(undefined) }, await control.fetchHistory());
  });
});

test('a policy declares budgets, and the command line shows and overrules them', async () => {
  const { client, nativeConnection, server } = await temporal.start();
  const runaheadClient = new RunaheadClient(client);
  const plugin = new RunaheadPlugin({
    policy: definePolicy({
      activities: {},
      budgets: { '*': { usdPerDay: 1.5 }, 'tenant:*': { concurrentLaunches: 3 } },
    }),
    logger: new DefaultLogger('ERROR'),
  });
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: temporal.taskQueue(),
    activities: { nothing: async () => undefined },
    plugins: [plugin],
  });
  const address = ['--address', server.address];
  await worker.runUntil(async () => {
    // It starts the control workflow before it runs itself, and what does not run yet cannot be stopped.
    await until(() => worker.getState() === 'RUNNING');
    const declared = await untilAnswer(
      () => runaheadClient.budgets().catch(() => null),
      (report) => report !== null,
    );
    expect(declared?.budgets).toMatchObject([
      { scope: '*', usdPerDay: '1.5', leftUsd: '1.5' },
      { scope: 'tenant:*', concurrentLaunches: 3 },
    ]);
    const control = client.workflow.getHandle(CONTROL_WORKFLOW_ID);
    await reserve(control, ['a', 'b', 'c', 'd']);
    await reserve(control, [], { settle: [{ id: 'a', pipeline: 'support', tenant: 'acme', costUsd: '0.0125' }] });

    const set = ['budget', 'set', ...address, '--scope', 'tenant:acme', '--usd-per-day', '0.5'];
    expect(await runaheadJson<BudgetRow>(...set)).toMatchObject({
      usdPerDay: '0.5',
      concurrentLaunches: 3,
      leftUsd: '0.4675',
    });
    const { output } = await runahead('budget', 'get', ...address);
    expect(output).toMatch(/^budget +a day +spent +reserved +left +launches +refused +overrun$/m);
    expect(output).toMatch(/^\* +\$1\.50 +\$0\.0125 +\$0\.0200 +\$1\.47 +2 of any +0 +\$0\.00250$/m);
    expect(output).toMatch(/^tenant:\* +none +each +3 *$/m);
    expect(output).toMatch(/^tenant:acme +\$0\.500 +\$0\.0125 +\$0\.0200 +\$0\.468 +2 of 3 +1 +\$0\.00250$/m);
    expect(output).toMatch(/Z +support +acme +\$0\.0100 +tenant:acme: launches$/m);
    const one = await runaheadJson<BudgetReport>('budget', 'get', ...address, '--scope', '*');
    expect(one.budgets.map(({ scope }) => scope)).toEqual(['*']);
    const none = await runahead('budget', 'set', ...address, '--scope', '*', '--usd-per-day', 'none');
    expect(none.output).toMatch(/^\* +none +\$0\.0125 +\$0\.0200 +2 of any/m);
  });
});

test.each([
  [['--scope', 'acme', '--usd-per-day', '1'], /^runahead: budget: scope is "acme"; use "\*" for everything/],
  [['--scope', '*', '--usd-per-day', '-1'], /usdPerDay is "-1"; use US dollars of at least 0/],
  [['--scope', '*', '--usd-per-day', '0.0000000000001'], /use at most 12 decimals/],
  [['--scope', '*', '--concurrent-launches', '1.5'], /concurrentLaunches is 1\.5; use a whole number/],
  [['--scope', '*', '--concurrent-launches', 'many'], /concurrentLaunches is "many"/],
  [['--scope', '*'], /Nothing to set: give at least one of --usd-per-day, --concurrent-launches/],
])('budget set %j is refused with one line before any server is asked', async (flags, message) => {
  const { exitCode, output, errors } = await runahead('budget', 'set', '--address', '127.0.0.1:1', ...flags);
  expect({ exitCode, output, lines: errors.trimEnd().split('\n').length }).toEqual({
    exitCode: 1,
    output: '',
    lines: 1,
  });
  expect(errors).toMatch(message);
});

test.each([
  [{ team: { usdPerDay: 1 } }, /Policy field budgets is invalid .*scope is "team"/],
  [{ '*': { usdPerDay: Infinity } }, /usdPerDay is Infinity/],
  [{ '*': { usdPerDay: 1, perHour: 2 } as never }, /perHour is 2; there is no such field/],
])('a policy with the budgets %j is refused', (declared, message) => {
  expect(() => definePolicy({ activities: {}, budgets: declared })).toThrow(message);
});
