import fc from 'fast-check';
import { applyBudgetBatch, parseBudgetBatch } from '../speculation/budget/budget-batch';
import { limitsOf, parseBudgetRequest, parseBudgets, type BudgetsByScope } from '../speculation/budget/budget-limits';
import { budgetReport } from '../speculation/budget/budget-report';
import { budgetsForReading, emptyBudgetState, setBudget, type BudgetState } from '../speculation/budget/budget-state';
import { InvalidBudgetError } from '../speculation/budget/invalid-budget-error';
import { parseBudgetState } from '../speculation/budget/parse-budget-state';
import { reserve, type BudgetDecision } from '../speculation/budget/reserve';
import { settle, settleByBill } from '../speculation/budget/settle';
import { tightestBudget } from '../speculation/budget/tightest-budget';
import { Usd } from '../speculation/ledger/usd';

const NOON = Date.parse('2026-03-14T12:00:00Z');
const MIDNIGHT = Date.parse('2026-03-15T00:00:00Z');
const DAY = 86_400_000;
const LEASE = 60_000;

interface Ask {
  tenant?: string;
  pipeline?: string;
  leaseMs?: number;
}
const ask = (state: BudgetState, id: string, amountUsd: string, rest: Ask = {}, nowMs = NOON): BudgetDecision =>
  reserve(state, { id, amountUsd, pipeline: 'support', leaseMs: LEASE, ...rest }, nowMs);
const end = (state: BudgetState, id: string, costUsd: string, rest: Ask = {}, nowMs = NOON): boolean =>
  settle(state, { id, costUsd, pipeline: 'support', ...rest }, nowMs);
const rowOf = (state: BudgetState, scope: string, nowMs = NOON) =>
  budgetReport(state, nowMs).budgets.find((row) => row.scope === scope);

describe('a shared budget', () => {
  test('that is filled to the last digit takes no digit more', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '0.3' } });
    expect(ask(state, 'a', '0.1')).toEqual({ id: 'a', granted: true });
    expect(ask(state, 'b', '0.2').granted).toBe(true);
    expect(ask(state, 'c', '0.000000000000000001')).toEqual({
      id: 'c',
      granted: false,
      refusal: { reason: 'dollars', scope: '*', limit: '0.3', left: '0' },
    });
    expect(ask(state, 'free', '0').granted).toBe(true);
    expect(rowOf(state, '*')).toMatchObject({ reservedUsd: '0.3', leftUsd: '0', openLaunches: 3, refusals: 1 });
  });

  test('counts what something really cost once it is known', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'a', '0.9');
    expect(ask(state, 'b', '0.2').granted).toBe(false);
    expect(end(state, 'a', '0.05')).toBe(true);
    expect(ask(state, 'b', '0.95').granted).toBe(true);
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.05', reservedUsd: '0.95', leftUsd: '0', overrunUsd: '0' });
  });

  test('bounds launches at the same time, and gives a slot back when one ends', () => {
    const state = emptyBudgetState({ 'pipeline:support': { concurrentLaunches: 2 } });
    expect([ask(state, 'a', '1'), ask(state, 'b', '1')].every(({ granted }) => granted)).toBe(true);
    expect(ask(state, 'c', '1')).toMatchObject({ granted: false, refusal: { reason: 'launches', limit: '2' } });
    expect(ask(state, 'd', '1', { pipeline: 'other' }).granted).toBe(true);
    end(state, 'a', '1');
    expect(ask(state, 'c', '1').granted).toBe(true);
  });

  test('refuses without charging any of the budgets that would have had room', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '10' }, 'tenant:acme': { usdPerDay: '1' } });
    expect(ask(state, 'a', '2', { tenant: 'acme' })).toMatchObject({ refusal: { scope: 'tenant:acme' } });
    expect(rowOf(state, '*')).toMatchObject({ reservedUsd: '0', openLaunches: 0 });
    expect(budgetReport(state, NOON).recentRefusals).toEqual([
      { atMs: NOON, scope: 'tenant:acme', reason: 'dollars', pipeline: 'support', tenant: 'acme', amountUsd: '2' },
    ]);
  });

  test('of each tenant holds for every tenant by itself, and a budget of its own goes before it field by field', () => {
    const state = emptyBudgetState({
      'tenant:*': { usdPerDay: '1', concurrentLaunches: 1 },
      'tenant:big': { usdPerDay: null },
    });
    for (const tenant of ['a', 'b']) {
      expect(ask(state, tenant, '1', { tenant }).granted).toBe(true);
      expect(ask(state, `${tenant} again`, '0', { tenant })).toMatchObject({ refusal: { reason: 'launches' } });
      end(state, tenant, '1', { tenant });
      expect(ask(state, `${tenant} later`, '0.1', { tenant })).toMatchObject({ refusal: { reason: 'dollars' } });
    }
    expect(ask(state, 'big', '1000', { tenant: 'big' }).granted).toBe(true);
    expect(ask(state, 'big 2', '1', { tenant: 'big' })).toMatchObject({ refusal: { reason: 'launches' } });
    expect(ask(state, 'nobody', '1000').granted).toBe(true);
    expect(limitsOf(state.limits, 'tenant:big')).toEqual({ usdPerDay: null, concurrentLaunches: 1 });
  });

  test('counts an id once, however often and in whatever order its messages come', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '10', concurrentLaunches: 5 } });
    expect(end(state, 'late', '0')).toBe(true);
    expect(ask(state, 'late', '1')).toMatchObject({ granted: false, refusal: { reason: 'closed' } });
    ask(state, 'a', '1');
    ask(state, 'a', '1');
    expect(rowOf(state, '*')).toMatchObject({ reservedUsd: '1', openLaunches: 1 });
    expect([end(state, 'a', '0.5'), end(state, 'a', '0.5'), settleByBill(state, { id: 'a', costUsd: '0.5' })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.5', reservedUsd: '0', openLaunches: 0 });
  });

  test('books a cost above its reservation in full and shows by how much', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'a', '0.9');
    end(state, 'a', '1.25');
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '1.25', leftUsd: '0', overrunUsd: '0.35' });
    expect(ask(state, 'b', '0.01').granted).toBe(false);
  });

  test('counts money that was never reserved from when it is known', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    end(state, 'stranger', '0.4');
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.4', overrunUsd: '0.4' });
    expect(settleByBill(state, { id: 'a plain call', costUsd: '0.4' })).toBe(false);
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.4' });
  });

  test('keeps the dollars of a launch that nobody heard of again, and frees its slot when its lease is over', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1', concurrentLaunches: 1 } });
    ask(state, 'dead', '0.7');
    expect(ask(state, 'b', '0.3', {}, NOON + LEASE - 1)).toMatchObject({ refusal: { reason: 'launches' } });
    expect(rowOf(state, '*', NOON + LEASE)).toMatchObject({ openLaunches: 0, reservedUsd: '0.7' });
    expect(ask(state, 'b', '0.4', {}, NOON + LEASE)).toMatchObject({ refusal: { reason: 'dollars' } });
    expect(ask(state, 'c', '0.3', {}, NOON + LEASE).granted).toBe(true);
    expect(settleByBill(state, { id: 'dead', costUsd: '0.2' })).toBe(true);
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.2', reservedUsd: '0.3', openLaunches: 1 });
  });

  test('begins anew at midnight UTC; what began before is settled on its own day and keeps its slot', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1', concurrentLaunches: 2 } });
    const leaseMs = 6 * 3_600_000;
    ask(state, 'eve', '1', { leaseMs }, MIDNIGHT - 1);
    expect(ask(state, 'late', '0.1', {}, MIDNIGHT - 1)).toMatchObject({ refusal: { reason: 'dollars' } });
    expect(ask(state, 'new', '1', {}, MIDNIGHT).granted).toBe(true);
    expect(ask(state, 'third', '0', {}, MIDNIGHT)).toMatchObject({ refusal: { reason: 'launches' } });
    end(state, 'eve', '0.6', {}, MIDNIGHT + 1);
    const { day, budgets, yesterday } = budgetReport(state, MIDNIGHT + 1);
    expect(day).toBe('2026-03-15');
    expect(budgets).toMatchObject([{ scope: '*', spentUsd: '0', reservedUsd: '1', openLaunches: 1 }]);
    expect(yesterday).toEqual([{ scope: '*', spentUsd: '0.6', reservedUsd: '0', overrunUsd: '0', refusals: 1 }]);
  });

  test('does not give a day again when the clock goes back', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'a', '1', {}, MIDNIGHT);
    expect(ask(state, 'b', '1', {}, MIDNIGHT - 1000).granted).toBe(false);
    const eve = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(eve, 'eve', '1', { leaseMs: 1 }, MIDNIGHT - 5000);
    ask(eve, 'morning', '1', {}, MIDNIGHT);
    expect(end(eve, 'eve', '0.5', {}, MIDNIGHT - 1000)).toBe(true);
    expect(budgetReport(eve, MIDNIGHT).yesterday).toMatchObject([{ spentUsd: '0.5', reservedUsd: '0' }]);
    expect(budgetReport(state, MIDNIGHT - 1000)).toMatchObject({ day: '2026-03-15', budgets: [{ reservedUsd: '1' }] });
  });

  test('shows a day that has begun as new although nothing has happened yet', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'a', '1');
    end(state, 'a', '0.5');
    expect(budgetReport(state, NOON + DAY)).toMatchObject({
      day: '2026-03-15',
      budgets: [{ spentUsd: '0', leftUsd: '1' }],
      yesterday: [{ scope: '*', spentUsd: '0.5' }],
    });
    expect(budgetReport(state, NOON + 2 * DAY).yesterday).toEqual([]);
    expect(state.day).toBe('2026-03-14');
  });

  test('of nobody costs nothing: without a budget that applies nothing is kept', () => {
    const state = emptyBudgetState({ 'tenant:acme': { usdPerDay: '1' } });
    expect(ask(state, 'a', '100', { tenant: 'other' }).granted).toBe(true);
    expect(state).toMatchObject({ open: {}, today: {}, openLaunches: {} });
  });

  test.each(['', '-1', 'NaN', '1e3', '0x1', ' 1', '1'.repeat(20)])('does not reserve %j dollars', (amountUsd) => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    expect(ask(state, 'a', amountUsd)).toMatchObject({ granted: false, refusal: { reason: 'unusable' } });
  });

  test('takes all of a reservation for spent when the cost cannot be read', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'a', '0.5');
    end(state, 'a', 'much');
    expect(rowOf(state, '*')).toMatchObject({ spentUsd: '0.5', overrunUsd: '0' });
  });
});

describe('under any interleaving', () => {
  const TENANTS = ['a', 'b', 'c'] as const;
  const LIMITS: BudgetsByScope = {
    '*': { usdPerDay: '1', concurrentLaunches: 6 },
    'pipeline:support': { usdPerDay: '0.7' },
    'tenant:*': { usdPerDay: '0.4', concurrentLaunches: 2 },
    'tenant:b': { usdPerDay: '0.1' },
  };
  /** Costs in units of 1e-7 dollars, so that sums have digits that floats would lose. */
  const launch = fc.record({
    tenant: fc.constantFrom(...TENANTS),
    pipeline: fc.constantFrom('support', 'other'),
    amount: fc.integer({ min: 0, max: 3_000_001 }),
    part: fc.integer({ min: 0, max: 100 }),
    fate: fc.constantFrom('settles', 'settles', 'settles', 'dies', 'bills'),
  });
  const schedule = fc.record({
    launches: fc.array(launch, { minLength: 1, maxLength: 40 }),
    order: fc.infiniteStream(fc.nat()),
    pauses: fc.infiniteStream(fc.constantFrom(0, 0, 0, 1_000, LEASE, 7 * 3_600_000)),
  });
  const usd = (units: number): string => new Usd(units).times('1e-7').toFixed();

  test('spent and reserved never exceed a budget, slots neither, and every dollar is somewhere', () => {
    fc.assert(
      fc.property(schedule, ({ launches, order, pauses }) => {
        let state = emptyBudgetState(structuredClone(LIMITS));
        let nowMs = NOON;
        /** What really happens, kept by the test alone. */
        const running = new Map<number, { untilMs: number }>();
        const granted = new Map<number, { day: string; costUsd: string | null }>();
        const costOf = (index: number): string =>
          usd(Math.floor((launches[index]!.amount * launches[index]!.part) / 100));
        const messages = launches.flatMap((_, index) => [
          { index, kind: 'reserve' as const },
          { index, kind: 'reserve' as const },
          { index, kind: 'end' as const },
          { index, kind: 'end' as const },
        ]);
        while (messages.length > 0) {
          const [message] = messages.splice(order.next().value % messages.length, 1);
          const { index, kind } = message!;
          const { tenant, pipeline, amount, fate } = launches[index]!;
          nowMs += pauses.next().value as number;
          const id = `run/${index}`;
          if (kind === 'reserve') {
            const decision = reserve(state, { id, tenant, pipeline, amountUsd: usd(amount), leaseMs: LEASE }, nowMs);
            if (decision.granted && !granted.has(index)) {
              granted.set(index, { day: state.day, costUsd: null });
              running.set(index, { untilMs: nowMs + LEASE });
            }
          } else if (fate !== 'dies') {
            // What was not granted never ran: its worker gives it back, perhaps before it is even reserved.
            const costUsd = granted.has(index) ? costOf(index) : '0';
            if (fate === 'bills' && granted.has(index)) settleByBill(state, { id, costUsd });
            else settle(state, { id, tenant, pipeline, costUsd }, nowMs);
            const known = granted.get(index);
            if (known !== undefined) known.costUsd = costUsd;
            running.delete(index);
          }
          // A restart of the control workflow in between changes nothing.
          state = parseBudgetState(JSON.parse(JSON.stringify(state)));

          const { budgets, day: reportDay } = budgetReport(state, nowMs);
          for (const row of budgets) {
            if (row.scope === 'tenant:*') continue;
            const mine = [...granted].filter(([launched]) => isUnder(launches[launched]!, row.scope));
            const today = mine.filter(([, { day }]) => day === reportDay);
            const committed = today.reduce(
              (sum, [launched, { costUsd }]) => sum.plus(costUsd ?? usd(launches[launched]!.amount)),
              new Usd(0),
            );
            expect(new Usd(row.spentUsd).plus(row.reservedUsd).toFixed()).toBe(committed.toFixed());
            if (row.usdPerDay !== null) expect(committed.lte(row.usdPerDay)).toBe(true);
            const alive = mine.filter(([launched]) => (running.get(launched)?.untilMs ?? 0) > nowMs).length;
            expect(row.openLaunches).toBe(alive);
            expect(alive).toBeLessThanOrEqual(row.concurrentLaunches ?? Infinity);
            expect(row.overrunUsd).toBe('0');
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  function isUnder({ tenant, pipeline }: { tenant: string; pipeline: string }, scope: string): boolean {
    return scope === '*' || scope === `tenant:${tenant}` || scope === `pipeline:${pipeline}`;
  }
});

describe('its size', () => {
  const bytes = (state: BudgetState): number => Buffer.byteLength(JSON.stringify(state));

  test('has a bound under a flood of tenants, who then share the budget of one', () => {
    const state = emptyBudgetState({ 'tenant:*': { usdPerDay: '1', concurrentLaunches: 3 } });
    for (let n = 0; n < 4_000; n++) {
      const tenant = `${'x'.repeat(300)}${n}`;
      const { granted } = ask(state, `id ${n}`, '0.123456789', { tenant });
      end(state, `id ${n}`, granted ? '0.123456789' : '0', { tenant });
    }
    expect(bytes(state)).toBeLessThan(350_000);
    const { budgets } = budgetReport(state, NOON);
    expect(budgets.length).toBeLessThan(1_510);
    for (const { spentUsd } of budgets) expect(Number(spentUsd)).toBeLessThanOrEqual(1);
    expect(rowOf(state, 'tenant:(others)')).toMatchObject({ spentUsd: '0.987654312' });
    expect(ask(state, 'a new one', '0.1', { tenant: 'new' })).toMatchObject({ refusal: { scope: 'tenant:(others)' } });
  });

  test('has a bound when nothing is ever settled: what runs is kept, what is lost stays reserved', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1000' } });
    for (let n = 0; n < 1_000; n++) expect(ask(state, `id ${n}`, '0.1').granted).toBe(true);
    expect(ask(state, 'one more', '0.1')).toMatchObject({ refusal: { reason: 'crowded', scope: '*' } });
    expect(ask(state, 'one later', '0.1', {}, NOON + LEASE).granted).toBe(true);
    expect(rowOf(state, '*', NOON + LEASE)).toMatchObject({ reservedUsd: '100.1', openLaunches: 1 });
    // The one that was given up for it cannot give its dollars back any more.
    expect(end(state, 'id 0', '0.01', {}, NOON + LEASE)).toBe(false);
    expect(rowOf(state, '*', NOON + LEASE)).toMatchObject({ reservedUsd: '100.1', spentUsd: '0' });
    expect(bytes(state)).toBeLessThan(150_000);
  });

  test('forgets days that are over', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1' } });
    ask(state, 'dead', '1');
    for (let day = 1; day < 4; day++) ask(state, `on day ${day}`, '0.1', {}, NOON + day * DAY);
    expect(Object.keys(state.open)).toHaveLength(2);
    expect(end(state, 'dead', '1', {}, NOON + 3 * DAY)).toBe(false);
    expect(rowOf(state, '*', NOON + 3 * DAY)).toMatchObject({ spentUsd: '0', reservedUsd: '0.1' });
  });

  test('is small for those who only read', () => {
    const state = emptyBudgetState({ '*': { usdPerDay: '1000' } });
    for (let n = 0; n < 500; n++) ask(state, `id ${n}`, '0.1');
    const read = budgetsForReading(state);
    expect(bytes(read)).toBeLessThan(500);
    expect(tightestBudget(read, {}, { pipeline: 'support' }, NOON)).toEqual({
      scope: '*',
      leftUsd: '950',
      leftLaunches: null,
    });
  });

  test('allows 300 budgets and says what to do instead of more', () => {
    const state = emptyBudgetState();
    const set = (n: number): void => setBudget(state, { scope: `tenant:t${n}`, change: { usdPerDay: '1' } });
    for (let n = 0; n < 300; n++) set(n);
    expect(() => set(300)).toThrow(/300 budgets already; give tenants a common one with "tenant:\*"/);
    expect(() => set(7)).not.toThrow();
  });
});

describe('what is left for a spender', () => {
  const spender = { pipeline: 'support', tenant: 'acme' };

  test('is the least of all budgets that apply, named by the one that runs out first', () => {
    const state = emptyBudgetState({
      '*': { usdPerDay: '10', concurrentLaunches: 3 },
      'pipeline:support': { usdPerDay: '0.5' },
      'tenant:*': { concurrentLaunches: 8 },
    });
    ask(state, 'a', '0.1', spender);
    expect(tightestBudget(state, {}, spender, NOON)).toEqual({
      scope: 'pipeline:support',
      leftUsd: '0.4',
      leftLaunches: 2,
    });
    ask(state, 'b', '0', spender);
    ask(state, 'c', '0', spender);
    expect(tightestBudget(state, {}, spender, NOON)).toMatchObject({ scope: '*', leftLaunches: 0 });
    expect(tightestBudget(state, {}, spender, NOON + DAY)).toMatchObject({ leftUsd: '0.5', leftLaunches: 0 });
    expect(tightestBudget(undefined, {}, spender, NOON)).toBeNull();
  });

  test('is what the policy says until the control plane says something else', () => {
    const declared = { 'tenant:acme': { usdPerDay: '2' } };
    expect(tightestBudget(undefined, declared, spender, NOON)).toMatchObject({ leftUsd: '2' });
    const state = emptyBudgetState({ 'tenant:acme': { usdPerDay: '1' } });
    expect(tightestBudget(state, declared, spender, NOON)).toMatchObject({ leftUsd: '1' });
    setBudget(state, { scope: 'tenant:acme', change: { usdPerDay: null } });
    expect(tightestBudget(state, declared, spender, NOON)).toBeNull();
  });
});

describe('what comes from outside', () => {
  test.each([
    ['a number', 7, /the change is 7/],
    ['no scope', { usdPerDay: '1' }, /scope is undefined; use "\*" for everything, "pipeline:/],
    ['an unknown kind of scope', { scope: 'user:x', usdPerDay: '1' }, /scope is "user:x"; use/],
    ['a tenant without a name', { scope: 'tenant:', usdPerDay: '1' }, /scope is "tenant:"/],
    ['a name with a blank in front', { scope: 'tenant: x', usdPerDay: '1' }, /scope is "tenant: x"/],
    ['a budget of each pipeline', { scope: 'pipeline:*', usdPerDay: '1' }, /no budget of each pipeline/],
    ['a name of 201 characters', { scope: `tenant:${'x'.repeat(201)}`, usdPerDay: '1' }, /scope is/],
    ['negative dollars', { scope: '*', usdPerDay: -1 }, /usdPerDay is -1; use US dollars of at least 0/],
    ['dollars that are no number', { scope: '*', usdPerDay: NaN }, /usdPerDay is NaN/],
    ['infinitely many dollars', { scope: '*', usdPerDay: Infinity }, /usdPerDay is Infinity/],
    ['more dollars than there are', { scope: '*', usdPerDay: '1000000000001' }, /usdPerDay is/],
    ['too many decimals', { scope: '*', usdPerDay: '0.0000000000001' }, /use at most 12 decimals/],
    ['half a launch', { scope: '*', concurrentLaunches: 1.5 }, /concurrentLaunches is 1.5; use a whole number/],
    ['launches as text', { scope: '*', concurrentLaunches: '3' }, /concurrentLaunches is "3"/],
    ['negative launches', { scope: '*', concurrentLaunches: -1 }, /concurrentLaunches is -1/],
    ['an unknown field', { scope: '*', usdPerHour: '1' }, /usdPerHour is "1"; there is no such field/],
    ['nothing to set', { scope: '*' }, /the change is \{"scope":"\*"\}/],
  ])('%s is refused by name', (_what, input, message) => {
    expect(() => parseBudgetRequest(input)).toThrow(message);
    expect(() => parseBudgetRequest(input)).toThrow(InvalidBudgetError);
  });

  test('a budget is read as it is kept', () => {
    expect(parseBudgetRequest({ scope: 'tenant:acme', usdPerDay: 2.5, concurrentLaunches: null })).toEqual({
      scope: 'tenant:acme',
      change: { usdPerDay: '2.5', concurrentLaunches: null },
    });
    expect(parseBudgets({ '*': { usdPerDay: '1.50' }, 'tenant:*': { concurrentLaunches: 3 } })).toEqual({
      '*': { usdPerDay: '1.5' },
      'tenant:*': { concurrentLaunches: 3 },
    });
  });

  test('a long name is the same name wherever it comes from, and another one another', () => {
    const [one, other] = ['1', '2'].map((last) => `${'x'.repeat(150)}${last}`);
    const state = emptyBudgetState(parseBudgets({ [`tenant:${one!}`]: { usdPerDay: '1' } }));
    expect(ask(state, 'a', '2', { tenant: one! }).granted).toBe(false);
    expect(ask(state, 'b', '2', { tenant: other! }).granted).toBe(true);
  });

  test.each([
    ['nothing', undefined],
    ['requests that are no list', { reserve: 7 }],
    ['a request without an amount', { reserve: [{ id: 'a', pipeline: 'p', leaseMs: 1 }] }],
    ['a settlement without an id', { settle: [{ pipeline: 'p', costUsd: '1' }] }],
    [
      'more than fits',
      { settle: Array.from({ length: 201 }, (_, n) => ({ id: `${n}`, pipeline: 'p', costUsd: '1' })) },
    ],
    ['a declaration that makes no sense', { declared: { '*': { usdPerDay: 'much' } } }],
  ])('a batch of %s is refused', (_what, input) => {
    expect(() => parseBudgetBatch(input)).toThrow();
  });

  test('a batch settles before it reserves, and declares what nobody has set', () => {
    const state = emptyBudgetState({ 'tenant:a': { usdPerDay: null } });
    const batch = (reserved: string[], settled: string[]): BudgetDecision[] =>
      applyBudgetBatch(
        state,
        parseBudgetBatch({
          declared: { '*': { concurrentLaunches: 1 }, 'tenant:a': { usdPerDay: '0' } },
          reserve: reserved.map((id) => ({ id, pipeline: 'p', tenant: 'a', amountUsd: '1', leaseMs: LEASE })),
          settle: settled.map((id) => ({ id, pipeline: 'p', tenant: 'a', costUsd: '1' })),
        }),
        NOON,
      );
    expect(batch(['1', '2'], []).map(({ granted }) => granted)).toEqual([true, false]);
    expect(batch(['2'], ['1']).map(({ granted }) => granted)).toEqual([true]);
    expect(state.limits).toEqual({ '*': { concurrentLaunches: 1 }, 'tenant:a': { usdPerDay: null } });
  });
});
