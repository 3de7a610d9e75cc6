import type { BudgetBatch } from '../speculation/budget/budget-batch';
import type { BudgetDecision } from '../speculation/budget/reserve';
import { BudgetDesk, type BudgetDeskOptions } from '../speculation/plugin/budget-desk';
import { SharedBudgets, type SpendingRequest } from '../speculation/plugin/shared-budgets';
import { until } from './support/until';

const never = new AbortController().signal;
const request = (id: string) => ({ id, pipeline: 'p', amountUsd: '0.01', leaseMs: 1000 });
const grant = ({ reserve }: BudgetBatch): BudgetDecision[] => reserve.map(({ id }) => ({ id, granted: true }));

interface Sent {
  batch: BudgetBatch;
  answer: (decisions?: BudgetDecision[]) => void;
  fail: (message: string) => void;
}

/** A desk whose control plane answers when the test says so. */
function deskTo(options: Partial<BudgetDeskOptions> = {}): { desk: BudgetDesk; sent: Sent[]; warnings: string[] } {
  const sent: Sent[] = [];
  const warnings: string[] = [];
  const desk = new BudgetDesk({
    send: (batch) =>
      new Promise((resolve, reject) => {
        const answer = (decisions = grant(batch)): void => resolve(decisions);
        sent.push({ batch, answer, fail: (message) => reject(new Error(message)) });
      }),
    declared: {},
    waitMs: 20_000,
    settleMs: 1,
    warnOnce: (_key, message) => void warnings.push(message),
    ...options,
  });
  return { desk, sent, warnings };
}
const idsOf = ({ batch }: Sent): string[][] => [batch.reserve, batch.settle].map((list) => list.map(({ id }) => id));

describe('a desk for budgets', () => {
  test('has one batch under way; what comes up meanwhile goes together with the next', async () => {
    const { desk, sent } = deskTo();
    const first = desk.ask(request('a'), never);
    await until(() => sent.length === 1);
    const others = ['b', 'c', 'd'].map((id) => desk.ask(request(id), never));
    desk.settle({ id: 'z', pipeline: 'p', costUsd: '0.005' });
    sent[0]!.answer();
    expect(await first).toEqual({ id: 'a', granted: true });
    await until(() => sent.length === 2);
    expect(idsOf(sent[1]!)).toEqual([['b', 'c', 'd'], ['z']]);
    sent[1]!.answer();
    expect(await Promise.all(others)).toMatchObject([{ id: 'b' }, { id: 'c' }, { id: 'd' }]);
    await desk.flush();
    expect(sent).toHaveLength(2);
  });

  test('says no for a request that has no answer in time, and gives back what may have been granted', async () => {
    const { desk, sent } = deskTo({ waitMs: 50 });
    expect(await desk.ask(request('a'), never)).toEqual({
      id: 'a',
      granted: false,
      unreachable: 'no answer within 50 ms',
    });
    sent[0]!.answer();
    await until(() => sent.length === 2);
    expect(sent[1]!.batch).toEqual({ reserve: [], settle: [{ id: 'a', pipeline: 'p', costUsd: '0' }] });
    sent[1]!.answer();
  });

  test('asks again within the time when an attempt fails, and says why it failed at last', async () => {
    const { desk, sent, warnings } = deskTo({ waitMs: 1_000 });
    const asked = desk.ask(request('a'), never);
    await until(() => sent.length === 1);
    sent[0]!.fail('unavailable');
    await until(() => sent.length === 2);
    expect(idsOf(sent[1]!)).toEqual([['a'], []]);
    sent[1]!.fail('still unavailable');
    expect(await asked).toMatchObject({ granted: false, unreachable: 'no answer within 1000 ms (still unavailable)' });
    expect(warnings[0]).toMatch(/cannot be asked about budgets \(unavailable\); nothing is launched early/);
  });

  test('takes an answer that does not fit its question for none', async () => {
    const { desk, sent } = deskTo({ waitMs: 200 });
    const asked = desk.ask(request('a'), never);
    await until(() => sent.length === 1);
    sent[0]!.answer([]);
    expect(await asked).toMatchObject({ unreachable: expect.stringContaining('0 answers to 1 requests') });
  });

  test('forgets a launch that is cancelled before it was asked for, and gives back one that was', async () => {
    const { desk, sent } = deskTo();
    const early = new AbortController();
    const unasked = desk.ask(request('unasked'), early.signal);
    early.abort(new Error('cancelled early'));
    await expect(unasked).rejects.toThrow('cancelled early');

    const late = new AbortController();
    const asked = desk.ask(request('asked'), late.signal);
    await until(() => sent.length === 1);
    late.abort(new Error('cancelled late'));
    await expect(asked).rejects.toThrow('cancelled late');
    sent[0]!.answer();
    await until(() => sent.length === 2);
    expect(sent.map(idsOf)).toEqual([
      [['asked'], []],
      [[], ['asked']],
    ]);
    sent[1]!.answer();
    await expect(desk.ask(request('too late'), late.signal)).rejects.toThrow('cancelled late');
  });

  test('settles until it is confirmed, in the order in which things ended', async () => {
    const delivered: string[] = [];
    let reachable = false;
    const { desk } = deskTo({
      send: async (batch) => {
        if (!reachable) throw new Error('away');
        delivered.push(...batch.settle.map(({ id }) => id));
        return grant(batch);
      },
    });
    const ids = Array.from({ length: 450 }, (_, n) => `launch ${n}`);
    for (const id of ids) desk.settle({ id, pipeline: 'p', costUsd: '0.01' });
    await desk.flush();
    expect(delivered).toEqual([]);
    reachable = true;
    await desk.flush();
    expect(delivered).toEqual(ids);
  });

  test('keeps a bounded number of settlements; what is dropped stays reserved', async () => {
    const { desk, warnings } = deskTo({ send: () => Promise.reject(new Error('away')), capacity: 10 });
    for (let n = 0; n < 25; n++) desk.settle({ id: `${n}`, pipeline: 'p', costUsd: '0.01' });
    expect(warnings).toContainEqual(expect.stringContaining('More than 10 launches wait to be settled'));
  });

  test('says with each batch what the policy declares', async () => {
    const declared = { '*': { usdPerDay: '1' } };
    const { desk, sent } = deskTo({ declared });
    const asked = desk.ask(request('a'), never);
    await until(() => sent.length === 1);
    expect(sent[0]!.batch.declared).toEqual(declared);
    sent[0]!.answer();
    await asked;
  });
});

describe('a worker under shared budgets', () => {
  const spending = (amountUsd: string | null): SpendingRequest => ({
    ...request('a'),
    activityType: 'draft',
    tenant: 'acme',
    amountUsd,
  });

  test('asks nobody as long as no budget applies', async () => {
    const { desk, sent } = deskTo();
    const budgets = new SharedBudgets({
      declared: { 'tenant:other': { usdPerDay: '0' } },
      known: () => undefined,
      desk,
    });
    expect(await budgets.reserve(spending('1'), never)).toBeNull();
    expect(await budgets.reserve(spending(null), never)).toBeNull();
    await budgets.flush();
    expect(sent).toEqual([]);
  });

  test('refuses what has no price without asking', async () => {
    const { desk, sent } = deskTo();
    const budgets = new SharedBudgets({ declared: { 'tenant:*': { usdPerDay: '1' } }, known: () => undefined, desk });
    await expect(budgets.reserve(spending(null), never)).rejects.toMatchObject({
      type: 'RunaheadBudget',
      nonRetryable: true,
      message: expect.stringContaining('nothing says what draft may cost'),
    });
    expect(sent).toEqual([]);
  });

  test('settles what it was granted once', async () => {
    const { desk, sent } = deskTo();
    const budgets = new SharedBudgets({ declared: { '*': { usdPerDay: '1' } }, known: () => undefined, desk });
    const reserving = budgets.reserve(spending('0.5'), never);
    await until(() => sent.length === 1);
    expect(sent[0]!.batch.reserve).toEqual([{ ...request('a'), tenant: 'acme', amountUsd: '0.5' }]);
    sent[0]!.answer();
    const reserved = await reserving;
    reserved!.settle('0.2');
    reserved!.settle('0.3');
    await until(() => sent.length === 2);
    expect(sent[1]!.batch.settle).toEqual([{ id: 'a', pipeline: 'p', tenant: 'acme', costUsd: '0.2' }]);
    sent[1]!.answer();
    await budgets.flush();
    expect(sent).toHaveLength(2);
  });
});
