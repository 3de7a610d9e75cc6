import fc from 'fast-check';
import { Ledger, type EntryKind, type LedgerCarry, type Outcome } from '../speculation/ledger/ledger';
import { LedgerError } from '../speculation/ledger/ledger-error';
import { sumUsd } from '../speculation/ledger/price-usage';
import type { UsageRecord } from '../speculation/ledger/usage';

describe('the ledger', () => {
  it('books plain calls, drafts and launches under their own heads', () => {
    const ledger = new Ledger();
    open(ledger, 'plain', 'plain', 0);
    ledger.settle('plain', { outcome: 'committed', usage: bills('0.1', '0.02'), atMs: 1_000 });
    open(ledger, 'draft', 'draft', 0);
    ledger.settle('draft', { outcome: 'committed', usage: bills('0.003'), atMs: 100 });
    open(ledger, 'launch', 'launch', 0);
    ledger.claim('launch', 400);
    ledger.settle('launch', {
      outcome: 'claimed',
      usage: [...bills('0.2'), ...bills('0.05', { estimated: true })],
      atMs: 900,
    });
    open(ledger, 'wrong', 'launch', 0);
    ledger.settle('wrong', { outcome: 'cancelled', usage: bills('0.07'), atMs: 300 });
    expect(ledger.totals()).toEqual({
      costUsd: '0.443',
      wasteUsd: '0.07',
      draftUsd: '0.003',
      estimatedUsd: '0.05',
      savedMs: 400,
      launched: 2,
      claimed: 1,
      cancelled: 1,
      failed: 0,
      unresolved: 0,
      reservedUsd: '0',
      spentUsd: '0.07',
      operations: 2,
    });
  });

  it('reserves a launch’s dollars until it is claimed or settled', () => {
    const ledger = new Ledger();
    open(ledger, 'a', 'launch', 0, '0.5');
    open(ledger, 'b', 'launch', 0, '1e-7');
    expect(ledger.totals()).toMatchObject({ reservedUsd: '0.5000001', spentUsd: '0' });
    ledger.claim('a', 1);
    expect(ledger.totals()).toMatchObject({ reservedUsd: '0.0000001', spentUsd: '0' });
    ledger.settle('b', { outcome: 'failed', usage: bills('0.25'), atMs: 2 });
    expect(ledger.totals()).toMatchObject({ reservedUsd: '0', spentUsd: '0.25' });
  });

  it('puts the real cost of a launch that ended unclaimed in the place of its reservation, until it is claimed', () => {
    const ledger = new Ledger();
    open(ledger, 'a', 'launch', 0, '0.5');
    ledger.finish('a', { usage: bills('0.3'), atMs: 700 });
    expect(ledger.totals()).toMatchObject({ reservedUsd: '0', spentUsd: '0.3', costUsd: '0.3', wasteUsd: '0' });
    ledger.claim('a', 5_000);
    expect(ledger.totals()).toMatchObject({ spentUsd: '0', claimed: 1, savedMs: 700, wasteUsd: '0' });
    open(ledger, 'b', 'launch', 0, '0.5');
    ledger.finish('b', { usage: bills('0.3'), atMs: 700 });
    ledger.settle('b', { outcome: 'cancelled', usage: [], atMs: 9_000 });
    expect(ledger.totals()).toMatchObject({ spentUsd: '0.3', cancelled: 1, wasteUsd: '0.3', costUsd: '0.6' });
    expect(ledger.report().entries.map(({ endedAtMs }) => endedAtMs)).toEqual([700, 700]);
  });

  it('saves the time that a launch had run when it was claimed, and never more than it took', () => {
    const ledger = new Ledger();
    open(ledger, 'running', 'launch', 100);
    ledger.claim('running', 400);
    expect(ledger.totals().savedMs).toBe(300);
    ledger.settle('running', { outcome: 'claimed', usage: [], atMs: 1_000 });
    expect(ledger.totals().savedMs).toBe(300);
    open(ledger, 'done', 'launch', 100);
    ledger.claim('done', 2_100);
    ledger.settle('done', { outcome: 'claimed', usage: [], atMs: 600 });
    expect(ledger.totals().savedMs).toBe(800);
  });

  it('takes a claim back when the claimed launch fails: waste, and no time saved', () => {
    const ledger = new Ledger();
    open(ledger, 'a', 'launch', 0);
    ledger.claim('a', 500);
    ledger.settle('a', { outcome: 'failed', usage: bills('0.4'), atMs: 800 });
    expect(ledger.totals()).toMatchObject({ claimed: 0, failed: 1, wasteUsd: '0.4', savedMs: 0, operations: 0 });
  });

  it('counts what it leaves behind at close as cancelled and keeps its reservation', () => {
    const ledger = new Ledger();
    open(ledger, 'a', 'launch', 0, '0.5');
    ledger.leave('a');
    expect(ledger.totals()).toMatchObject({
      launched: 1,
      cancelled: 1,
      unresolved: 1,
      reservedUsd: '0.5',
      costUsd: '0',
    });
  });

  it.each<[what: string, before: (ledger: Ledger) => void, illegal: (ledger: Ledger) => void, message: RegExp]>([
    ['settle twice', cancel, cancel, /"l" is settled as cancelled/],
    ['claim what was cancelled', cancel, claim, /"l" is settled as cancelled/],
    ['claim twice', claim, claim, /claimed already/],
    ['claim a plain call', nothing, (l) => l.claim('p', 1), /only a launch can be claimed/],
    ['settle as claimed unclaimed', nothing, (l) => settle(l, 'l', 'claimed'), /cannot settle as claimed/],
    ['settle a launch as committed', nothing, (l) => settle(l, 'l', 'committed'), /cannot settle as committed/],
    ['settle a plain call as claimed', nothing, (l) => settle(l, 'p', 'claimed'), /cannot settle as claimed/],
    ['finish a plain call', nothing, (l) => l.finish('p', { usage: [], atMs: 1 }), /only a running launch/],
    ['finish a claimed launch', claim, (l) => l.finish('l', { usage: [], atMs: 1 }), /only a running launch/],
    ['leave what is settled', cancel, (l) => l.leave('l'), /is settled as cancelled/],
    ['settle what was never opened', nothing, (l) => settle(l, 'x', 'failed'), /"x" is unknown/],
    ['open twice', nothing, (l) => open(l, 'p', 'plain', 0), /already open/],
    ['reserve garbage', nothing, (l) => open(l, 'y', 'launch', 0, 'NaN'), /has reservedUsd "NaN"; use US dollars/],
    ['book garbage', nothing, (l) => settle(l, 'l', 'failed', bills('1', 'much')), /has costUsd of a bill "much"/],
    ['book a negative bill', nothing, (l) => settle(l, 'p', 'committed', bills('-1')), /has costUsd of a bill "-1"/],
  ])('refuses to %s and stays as it was', (_, before, illegal, message) => {
    const ledger = new Ledger();
    open(ledger, 'l', 'launch', 0, '0.5');
    open(ledger, 'p', 'plain', 0);
    before(ledger);
    const books = JSON.stringify(ledger);
    expect(() => illegal(ledger)).toThrow(LedgerError);
    expect(() => illegal(ledger)).toThrow(message);
    expect(JSON.stringify(ledger)).toBe(books);
  });

  it('lets an activity id return in the next run once its entry is settled', () => {
    const ledger = new Ledger();
    open(ledger, '1', 'plain', 0);
    settle(ledger, '1', 'committed', bills('0.1'));
    open(ledger, '1', 'plain', 5);
    settle(ledger, '1', 'committed', bills('0.1'));
    expect(ledger.totals()).toMatchObject({ operations: 2, costUsd: '0.2' });
  });

  it('keeps its books balanced under any legal history, across runs', () => {
    fc.assert(
      fc.property(fc.array(history(), { maxLength: 60 }), fc.nat(1_000), (histories, order) => {
        let ledger = new Ledger();
        const pending = histories.map((steps, index) => [...steps.map((step) => ({ step, id: `e${index}` }))]);
        const booked: string[] = [];
        let turn = order;
        while (pending.some((steps) => steps.length > 0)) {
          const open = pending.filter((steps) => steps.length > 0);
          const { step, id } = open[turn++ % open.length]!.shift()!;
          step(ledger, id, booked);
          if (turn % 7 === 0) ledger = Ledger.fromJSON(JSON.parse(JSON.stringify(ledger)) as LedgerCarry);
          const { launched, claimed, cancelled, failed, costUsd } = ledger.totals();
          const running = ledger
            .report()
            .entries.filter(({ kind, state }) => kind === 'launch' && (state === 'running' || state === 'finished'));
          expect(launched).toBe(claimed + cancelled + failed + running.length);
          expect(costUsd).toBe(sumUsd(booked));
        }
        const { totals, entries } = ledger.report();
        const launches = entries.filter(({ kind }) => kind === 'launch');
        const lost = launches.filter(({ state }) => state !== 'claimed');
        expect(entries.every(({ settled }) => settled)).toBe(true);
        expect(totals.launched).toBe(totals.claimed + totals.cancelled + totals.failed);
        expect(totals.wasteUsd).toBe(sumUsd(lost.map(({ costUsd }) => costUsd)));
        expect(totals.draftUsd).toBe(
          sumUsd(entries.filter(({ kind }) => kind === 'draft').map(({ costUsd }) => costUsd)),
        );
        expect(totals.spentUsd).toBe(
          sumUsd(lost.filter(({ claimedAtMs }) => claimedAtMs === null).map(({ costUsd }) => costUsd)),
        );
        expect(totals.savedMs).toBe(entries.reduce((sum, { savedMs }) => sum + savedMs, 0));
        const left = entries.filter(({ unresolved, claimedAtMs }) => unresolved && claimedAtMs === null);
        expect(totals.reservedUsd).toBe(sumUsd(left.map(({ reservedUsd }) => reservedUsd)));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps 200 entries in detail, everything that is open, and exact totals for ever', () => {
    const ledger = new Ledger();
    open(ledger, 'still open', 'launch', 0);
    for (let index = 0; index < 1_000; index++) {
      open(ledger, `p${index}`, 'plain', index);
      settle(ledger, `p${index}`, 'committed', bills('0.000001'));
    }
    const { totals, entries } = ledger.report();
    expect(entries).toHaveLength(200);
    expect(entries.map(({ id }) => id)).toContain('still open');
    expect(totals).toMatchObject({ operations: 1_000, costUsd: '0.001' });
    ledger.claim('still open', 5);
  });

  it('lists the first 20 bills of an entry and books all of them', () => {
    const ledger = new Ledger();
    open(ledger, 'p', 'plain', 0);
    settle(ledger, 'p', 'committed', Array.from({ length: 50 }, () => bills('0.01')).flat());
    expect(ledger.report().entries[0]).toMatchObject({ costUsd: '0.5', omittedBills: 30 });
    expect(ledger.report().entries[0]?.usage).toHaveLength(20);
  });

  it('refuses the carry of another version', () => {
    expect(() => Ledger.fromJSON({ version: 2 } as never)).toThrow(/version 2; this code reads version 1/);
  });
});

describe('the labels of a ledger', () => {
  it('are distinct outcomes by edge, newest first, bets before plain calls', () => {
    const ledger = new Ledger();
    for (const id of ['a', 'b']) {
      open(ledger, id, 'launch', 0);
      ledger.claim(id, 1);
    }
    open(ledger, 'c', 'launch', 0);
    settle(ledger, 'c', 'cancelled');
    open(ledger, 'd', 'launch', 0);
    open(ledger, 'p', 'plain', 0);
    settle(ledger, 'p', 'failed');
    expect(ledger.recentLabels()).toEqual(['classify>draft:cancelled', 'classify>draft:claimed', 'draft:failed']);
  });

  it('are at most 16 of at most 200 characters', () => {
    const ledger = new Ledger();
    for (let index = 0; index < 30; index++) {
      const id = `l${index}`;
      ledger.open({
        id,
        operation: 'x',
        kind: 'launch',
        edge: `${index}${'e'.repeat(300)}`,
        reservedUsd: '0',
        atMs: 0,
      });
      settle(ledger, id, 'failed');
    }
    const labels = ledger.recentLabels();
    expect(labels).toHaveLength(16);
    expect(labels.every((label) => label.length === 200 && label.endsWith(':failed'))).toBe(true);
  });
});

describe('the table of a ledger', () => {
  it('is readable', () => {
    const ledger = new Ledger();
    open(ledger, 'p', 'plain', 0);
    settle(ledger, 'p', 'committed', bills('0.0135'));
    open(ledger, 'l', 'launch', 0);
    ledger.claim('l', 400);
    ledger.settle('l', { outcome: 'claimed', usage: bills('0.002', { estimated: true }), atMs: 900 });
    open(ledger, 'left', 'launch', 0);
    ledger.leave('left');
    expect(ledger.toMarkdown().replaceAll('\u00a0', '')).toBe(
      [
        '**cost $0.0155** · waste $0 · of it estimated $0.002 · saved 0.40 s · launched 2: claimed 1, cancelled 1, failed 0, open 0 · billed late 1',
        '',
        '| operation | kind | outcome | tokens in (cached) | out | cost | ran | saved |',
        '| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |',
        '| classify>draft | launch | cancelled, billed late |  |  | $0 |  |  |',
        '| classify>draft | launch | claimed | 10 (4) | 20 | ≈ $0.002 | 0.90 s | 0.40 s |',
        '| draft | plain | committed | 10 (4) | 20 | $0.0135 | 1.00 s |  |',
      ].join('\n'),
    );
  });

  it('stays within 15,000 characters and cannot be broken by a name', () => {
    const ledger = new Ledger();
    for (let index = 0; index < 250; index++) {
      const id = `p${index}`;
      ledger.open({ id, operation: `a|b\n<x>${'|'.repeat(90)}`, kind: 'plain', edge: null, reservedUsd: '0', atMs: 0 });
      settle(ledger, id, 'committed', bills('0.0135'));
    }
    const table = ledger.toMarkdown();
    const rows = table.split('\n').filter((line) => line.startsWith('| \u00a0a'));
    expect(table.length).toBeLessThanOrEqual(15_000);
    expect(rows.every((line) => line.replaceAll('\\|', '').split('|').length === 10)).toBe(true);
    expect(table).toContain(`${200 - rows.length} earlier entries not shown.`);
  });
});

function open(ledger: Ledger, id: string, kind: EntryKind, atMs: number, reservedUsd = '0'): void {
  ledger.open({ id, operation: 'draft', kind, edge: kind === 'plain' ? null : 'classify>draft', reservedUsd, atMs });
}

function settle(ledger: Ledger, id: string, outcome: Outcome, usage: UsageRecord[] = []): void {
  ledger.settle(id, { outcome, usage, atMs: 1_000 });
}

function claim(ledger: Ledger): void {
  ledger.claim('l', 1);
}

function cancel(ledger: Ledger): void {
  settle(ledger, 'l', 'cancelled');
}

function nothing(): void {
  // The books as they were opened.
}

function bills(...costs: (string | Partial<UsageRecord>)[]): UsageRecord[] {
  const change = costs.find((cost) => typeof cost === 'object') ?? {};
  return costs
    .filter((cost) => typeof cost === 'string')
    .map((costUsd, index) => ({
      requestId: `request-${index}`,
      model: 'small',
      tokens: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 20 },
      rates: null,
      costUsd,
      estimated: false,
      attempt: 1,
      ...change,
    }));
}

type Step = (ledger: Ledger, id: string, booked: string[]) => void;

/** The steps of one entry, from opened to settled. */
function history(): fc.Arbitrary<Step[]> {
  const usd = fc.nat(1_000_000).map((units) => (units / 1e9).toFixed(9));
  const atMs = fc.nat(10_000);
  const opened = (kind: EntryKind) =>
    fc.tuple(usd, atMs).map(
      ([reservedUsd, at]): Step =>
        (ledger, id) =>
          open(ledger, id, kind, at, reservedUsd),
    );
  const settled = (...outcomes: Outcome[]) =>
    fc
      .tuple(fc.constantFrom(...outcomes), fc.array(usd, { maxLength: 3 }), atMs)
      .map(([outcome, costs, at]): Step => (ledger, id, booked) => {
        booked.push(...costs);
        ledger.settle(id, { outcome, usage: bills(...costs), atMs: at });
      });
  const claimed = atMs.map(
    (at): Step =>
      (ledger, id) =>
        ledger.claim(id, at),
  );
  const finished = fc.tuple(fc.array(usd, { maxLength: 3 }), atMs).map(([costs, at]): Step => (ledger, id, booked) => {
    booked.push(...costs);
    ledger.finish(id, { usage: bills(...costs), atMs: at });
  });
  const left = fc.constant<Step>((ledger, id) => ledger.leave(id));
  return fc.oneof(
    fc.tuple(opened('plain'), settled('committed', 'cancelled', 'failed')),
    fc.tuple(opened('draft'), settled('committed', 'cancelled', 'failed')),
    fc.tuple(opened('launch'), settled('cancelled', 'failed')),
    fc.tuple(opened('launch'), claimed, settled('claimed', 'cancelled', 'failed')),
    fc.tuple(opened('launch'), finished, claimed),
    fc.tuple(opened('launch'), finished, settled('cancelled', 'failed')),
    fc.tuple(opened('launch'), left),
    fc.tuple(opened('launch'), claimed, left),
    fc.tuple(opened('launch'), finished, left),
  );
}
