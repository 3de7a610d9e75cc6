import fc from 'fast-check';
import { mergeBooks, type MergedBill } from '../speculation/ledger/merge-books';
import { priceUsage, sumUsd } from '../speculation/ledger/price-usage';
import { reconcile, type Reconciliation } from '../speculation/ledger/reconcile';
import { reconcileSums, type UsageSum } from '../speculation/ledger/reconcile-sums';
import type { UsageRecord } from '../speculation/ledger/usage';
import type { UsageRow } from '../speculation/ledger/usage-row';
import { TEST_RATES } from './support/model';

const NANO = '0.000000001';

function bill(requestId: string, more: Partial<UsageRecord> = {}): UsageRecord {
  const tokens = { inputTokens: 100, cachedInputTokens: 20, outputTokens: 30, ...more.tokens };
  const costUsd = priceUsage(tokens, TEST_RATES);
  return { requestId, model: 'm', rates: TEST_RATES, costUsd, estimated: false, attempt: 1, ...more, tokens };
}

function rowOf({ requestId, model, tokens, costUsd }: UsageRecord, more: Partial<UsageRow> = {}): UsageRow {
  const { inputTokens, cachedInputTokens, cacheWriteTokens = 0, outputTokens } = tokens;
  return {
    place: `row of ${requestId}`,
    requestId,
    clientRequestId: null,
    model,
    tokens: { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens },
    costUsd,
    startedAtMs: null,
    ...more,
  };
}

function booked(...usage: UsageRecord[]): MergedBill[] {
  return mergeBooks([{ run: 'w/r', entries: [{ id: '1', usage, omittedBills: 0 }] }]).bills;
}

const compare = (bills: UsageRecord[], rows: UsageRow[], toleranceUsd = '0.01'): Reconciliation =>
  reconcile(booked(...bills), rows, { toleranceUsd });

const kinds = ({ findings }: Reconciliation): [string, string, string | null, boolean][] =>
  findings.map(({ kind, requestId, differenceUsd, counts }) => [kind, requestId, differenceUsd, counts]);

describe('books against bill, request by request', () => {
  const [a, b, c] = [bill('a'), bill('b'), bill('c')];

  test('the same requests with the same dollars and tokens agree, whatever their order', () => {
    const result = compare(
      [a, b, c],
      [c, a, b].map((each) => rowOf(each)),
    );
    expect(result).toMatchObject({ agrees: true, findings: [], equal: { requests: 3 }, differenceUsd: '0' });
    expect(result.equal.costUsd).toBe(sumUsd([a, b, c].map(({ costUsd }) => costUsd)));
  });

  test('one nano-dollar is a difference, and less than that is not', () => {
    const dearer = rowOf(b, { costUsd: sumUsd([b.costUsd, NANO]) });
    expect(kinds(compare([a, b], [rowOf(a), dearer]))).toEqual([['different', 'b', NANO, true]]);
    const noise = rowOf(b, { costUsd: sumUsd([b.costUsd, '0.0000000009']) });
    expect(compare([a, b], [rowOf(a), noise]).agrees).toBe(true);
  });

  test('one token is a difference, also where the dollars are the same', () => {
    for (const kind of ['inputTokens', 'cachedInputTokens', 'outputTokens'] as const) {
      const row = rowOf(a);
      const off = { ...row, tokens: { ...row.tokens!, [kind]: row.tokens![kind]! + 1 } };
      expect(kinds(compare([a], [off]))).toEqual([['different', 'a', '0', true]]);
    }
  });

  test('a missing row, an unknown row and a doubled row each have a name of their own', () => {
    const result = compare([a, b], [rowOf(a), rowOf(a, { place: 'again' }), rowOf(c)]);
    expect(kinds(result)).toEqual([
      ['not-on-bill', 'b', `-${b.costUsd}`, true],
      ['not-booked', 'c', c.costUsd, true],
      ['duplicate', 'a', a.costUsd, true],
    ]);
    expect(result.agrees).toBe(false);
  });

  test('an estimate may be off by what is tolerated, and is shown all the same', () => {
    const estimated = bill('e', { estimated: true });
    const row = rowOf(estimated, { costUsd: sumUsd([estimated.costUsd, '0.004']) });
    expect(compare([estimated], [row], '0.004')).toMatchObject({ agrees: true, equal: { requests: 0 } });
    expect(kinds(compare([estimated], [row], '0.004'))).toEqual([['estimated', 'e', '0.004', false]]);
    expect(kinds(compare([estimated], [row], '0.0039'))).toEqual([['estimated', 'e', '0.004', true]]);
  });

  test('what was set aside for a lost attempt is named once the bill says what it was', () => {
    const lost = bill('client-1', { estimated: true, lost: true });
    const row = rowOf(lost, { requestId: 'provider-1', clientRequestId: 'client-1', costUsd: '0' });
    expect(kinds(compare([lost], [row], '1'))).toEqual([['lost', 'provider-1', `-${lost.costUsd}`, false]]);
    expect(kinds(compare([lost], [], '1'))).toEqual([['lost', 'client-1', `-${lost.costUsd}`, false]]);
    expect(compare([lost], [], '0').agrees).toBe(false);
  });

  test('without the id of the provider a request is known by the id of the client, and by that only once', () => {
    const named = bill('p1', { clientRequestId: 'c1' });
    const early = bill('c2', { estimated: true });
    const rows = [
      rowOf(named, { requestId: null, clientRequestId: 'c1' }),
      rowOf(early, { requestId: 'p2', clientRequestId: 'c2' }),
    ];
    expect(compare([named, early], rows)).toMatchObject({ agrees: true, equal: { requests: 2 } });
    const again = rowOf(bill('p3'), { clientRequestId: 'c1' });
    expect(kinds(compare([named], [rowOf(named, { clientRequestId: 'c1' }), again]))).toEqual([
      ['not-booked', 'p3', again.costUsd, true],
    ]);
  });

  test("calls with a fixed price are nobody's tokens, and refused requests are nothing", () => {
    const fixed = bill('f', { model: 'fixed', rates: null, costUsd: '5' });
    const nothing = { inputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 0 };
    const refused = rowOf(bill('x'), { requestId: null, tokens: nothing, costUsd: '0' });
    const result = compare([fixed, a], [refused, rowOf(a)]);
    expect(result).toMatchObject({ agrees: true, fixed: { calls: 1, costUsd: '5' }, empty: 1, bookedUsd: a.costUsd });
  });

  test('an export without money is compared by tokens and priced at the booked rates; one without tokens by money', () => {
    expect(compare([a], [rowOf(a, { costUsd: null })])).toMatchObject({ agrees: true, billedUsd: a.costUsd });
    const more = rowOf(a, { costUsd: null, tokens: { ...rowOf(a).tokens!, outputTokens: 31 } });
    expect(kinds(compare([a], [more]))).toEqual([['different', 'a', '0.0000013', true]]);
    expect(compare([a], [rowOf(a, { tokens: null })]).agrees).toBe(true);
    expect(compare([a], [rowOf(a, { tokens: null, costUsd: '1' })]).agrees).toBe(false);
    const unpriced = rowOf(bill('z'), { costUsd: null, model: 'other' });
    expect(compare([a], [rowOf(a), unpriced])).toMatchObject({ rowsWithoutPrice: 1, agrees: false });
  });

  test('property: the sums of what agrees, what differs and what is alone are the sums of both sides', () => {
    const request = fc.record({
      id: fc.integer({ min: 0, max: 12 }),
      outputTokens: fc.integer({ min: 1, max: 3 }),
      estimated: fc.boolean(),
    });
    const list = fc.array(request, { maxLength: 12 });
    fc.assert(
      fc.property(list, list, (ours, theirs) => {
        const usage = ours.map(({ id, outputTokens, estimated }) =>
          bill(`r${id}`, { estimated, tokens: { inputTokens: 5, cachedInputTokens: 0, outputTokens } }),
        );
        // Reported figures of one request that contradict each other are refused by the merging.
        const bills = usage.filter(
          (each, at) => usage.findIndex(({ requestId }) => requestId === each.requestId) === at,
        );
        const rows = theirs.map(({ id, outputTokens }) =>
          rowOf(bill(`r${id}`, { tokens: { inputTokens: 5, cachedInputTokens: 0, outputTokens } })),
        );
        const result = compare(bills, rows, '0');
        const sumOf = (amounts: (string | null | undefined)[]): string => sumUsd(amounts.map((each) => each ?? '0'));
        expect(sumOf([result.equal.costUsd, ...result.findings.map((each) => each.booked?.costUsd)])).toBe(
          result.bookedUsd,
        );
        expect(sumOf([result.equal.costUsd, ...result.findings.map((each) => each.billed?.costUsd)])).toBe(
          result.billedUsd,
        );
        expect(sumOf([result.bookedUsd, result.differenceUsd])).toBe(result.billedUsd);
        expect(result.bookedUsd).toBe(sumUsd(bills.map(({ costUsd }) => costUsd)));
        expect(result.billedUsd).toBe(sumUsd(rows.map(({ costUsd }) => costUsd ?? '0')));
        expect(result.agrees).toBe(result.findings.length === 0);
      }),
    );
  });
});

describe('books against an export that only has sums', () => {
  const HOUR = 3_600_000;
  const sum = (model: string | null, hour: number, of: UsageRecord[], more: Partial<UsageSum> = {}): UsageSum => ({
    place: `bucket ${hour}`,
    model,
    fromMs: hour * HOUR,
    toMs: (hour + 1) * HOUR,
    requests: of.length,
    tokens: {
      inputTokens: of.reduce((total, { tokens }) => total + tokens.inputTokens, 0),
      cachedInputTokens: of.reduce((total, { tokens }) => total + tokens.cachedInputTokens, 0),
      cacheWriteTokens: null,
      outputTokens: of.reduce((total, { tokens }) => total + tokens.outputTokens, 0),
    },
    costUsd: null,
    ...more,
  });
  const at = (atMs: number | null, usage: UsageRecord): { bill: MergedBill; atMs: number | null } => ({
    bill: booked(usage)[0]!,
    atMs,
  });
  const [a, b, other] = [bill('a'), bill('b'), bill('o', { model: 'n' })];

  test('agrees where all models do, and shows every span', () => {
    const sums = [sum('m', 1, [a]), sum('m', 2, [b]), sum('n', 2, [other])];
    const bills = [at(1.5 * HOUR, a), at(2.5 * HOUR, b), at(2.1 * HOUR, other)];
    const result = reconcileSums(bills, sums, sums);
    expect(result).toMatchObject({ agrees: true, outside: 0, fixed: 0 });
    expect(result.models.map(({ model, equal }) => [model, equal])).toEqual([
      ['m', true],
      ['n', true],
    ]);
    expect(result.spans).toHaveLength(3);
    // No money in the export: its tokens at the booked rates.
    expect(result.models[0]?.billed.costUsd).toBe(sumUsd([a.costUsd, b.costUsd]));
  });

  test('a request near the edge of a span moves between spans, which is no difference', () => {
    const sums = [sum('m', 1, []), sum('m', 2, [a])];
    const result = reconcileSums([at(1.999 * HOUR, a)], sums, sums);
    expect(result.agrees).toBe(true);
    expect(result.spans.map(({ equal }) => equal)).toEqual([false, false]);
  });

  test('a request or a token more on either side is a difference', () => {
    const sums = [sum('m', 1, [a])];
    expect(reconcileSums([at(HOUR, a), at(HOUR, b)], sums, sums).agrees).toBe(false);
    expect(reconcileSums([], sums, sums).agrees).toBe(false);
    const more = [sum('m', 1, [a], { tokens: { ...sums[0]!.tokens, outputTokens: 31 } })];
    expect(reconcileSums([at(HOUR, a)], more, more).agrees).toBe(false);
    expect(reconcileSums([at(HOUR, a), at(HOUR, other)], sums, sums)).toMatchObject({
      agrees: false,
      models: [
        { model: 'm', equal: true },
        { model: 'n', equal: false, booked: { requests: 1 } },
      ],
    });
  });

  test('what was used outside of the spans of the export is left out and counted; an empty span counts as covered', () => {
    const sums = [sum('m', 1, [a])];
    expect(reconcileSums([at(HOUR, a), at(9 * HOUR, b)], sums, sums)).toMatchObject({ agrees: true, outside: 1 });
    const covered = [...sums, { fromMs: 9 * HOUR, toMs: 10 * HOUR }];
    expect(reconcileSums([at(HOUR, a), at(9 * HOUR, b)], sums, covered)).toMatchObject({ agrees: false, outside: 0 });
  });

  test('the dated name of a model is the model, unless the books have that name too', () => {
    const dated = [sum('vendor/m-2026-05-01', 1, [a])];
    expect(reconcileSums([at(HOUR, a)], dated, dated).agrees).toBe(true);
    const both = [sum('m-2026-05-01', 1, []), sum('m', 1, [a])];
    expect(reconcileSums([at(HOUR, a)], both, both).agrees).toBe(true);
  });

  test('an export that is not grouped by model is compared as a whole', () => {
    const sums = [sum(null, 1, [a, other])];
    expect(reconcileSums([at(HOUR, a), at(HOUR, other)], sums, sums)).toMatchObject({ agrees: true });
  });
});
