import fc from 'fast-check';
import { emptyHistoryTable, recordOutput, shrinkHistory, topForecasts } from '../speculation/forecast/history-table';

describe('the history table', () => {
  it('answers with the most frequent outputs of a context, with honest counts', () => {
    const table = emptyHistoryTable();
    for (const route of ['billing', 'refund', 'billing', 'other', 'billing', 'refund']) {
      recordOutput(table, 'tenant-a', { route });
    }
    expect(topForecasts(table, 'tenant-a', 2)).toEqual([
      { value: { route: 'billing' }, source: 'history', rank: 0, counts: { hits: 3, total: 6 }, costUsd: '0' },
      { value: { route: 'refund' }, source: 'history', rank: 1, counts: { hits: 2, total: 6 }, costUsd: '0' },
    ]);
  });

  it('answers with all contexts until one was seen three times', () => {
    const table = emptyHistoryTable();
    for (let run = 0; run < 5; run++) recordOutput(table, 'usual', 'yes');
    const best = (): unknown => topForecasts(table, 'rare', 1)[0];
    recordOutput(table, 'rare', 'no');
    recordOutput(table, 'rare', 'no');
    expect(best()).toMatchObject({ value: 'yes', counts: { hits: 5, total: 7 } });
    recordOutput(table, 'rare', 'no');
    expect(best()).toMatchObject({ value: 'no', counts: { hits: 3, total: 3 } });
  });

  it('knows nothing at first', () => {
    expect(topForecasts(emptyHistoryTable(), 'any', 3)).toEqual([]);
  });

  it('counts an output of the same meaning as the same, and one without a value too', () => {
    const table = emptyHistoryTable();
    recordOutput(table, '*', { a: 1, b: 2 });
    recordOutput(table, '*', { b: 2, a: 1 });
    recordOutput(table, '*', undefined);
    expect(topForecasts(table, '*', 3)).toEqual([
      expect.objectContaining({ value: { a: 1, b: 2 }, counts: { hits: 2, total: 3 } }),
      expect.objectContaining({ value: undefined, counts: { hits: 1, total: 3 } }),
    ]);
  });

  it('counts an output of over 2 kB without filing it', () => {
    const table = emptyHistoryTable();
    for (let run = 0; run < 3; run++) recordOutput(table, 'c', 'x'.repeat(3_000));
    recordOutput(table, 'c', 'short');
    expect(topForecasts(table, 'c', 5)).toEqual([
      expect.objectContaining({ value: 'short', counts: { hits: 1, total: 4 } }),
    ]);
  });

  it('files under a key of over 512 bytes for all contexts alone', () => {
    const table = emptyHistoryTable();
    recordOutput(table, 'k'.repeat(600), 1);
    expect(Object.keys(table.contexts)).toEqual(['*']);
  });

  it('takes hostile keys for keys', () => {
    const table = emptyHistoryTable();
    for (const key of ['__proto__', 'constructor', 'hasOwnProperty']) {
      for (let run = 0; run < 3; run++) recordOutput(table, key, key);
      expect(topForecasts(table, key, 1)).toEqual([expect.objectContaining({ value: key })]);
    }
    const carried = JSON.parse(JSON.stringify(table)) as typeof table;
    expect(topForecasts(carried, '__proto__', 1)).toEqual(topForecasts(table, '__proto__', 1));
  });

  it('keeps a frequent newcomer although sixteen values were there first', () => {
    const table = emptyHistoryTable();
    for (let value = 0; value < 40; value++) recordOutput(table, 'c', value);
    for (let run = 0; run < 5; run++) recordOutput(table, 'c', 'newcomer');
    expect(topForecasts(table, 'c', 1)).toEqual([
      expect.objectContaining({ value: 'newcomer', counts: { hits: 5, total: 45 } }),
    ]);
    expect(table.bytes).toBeLessThan(1.5 * JSON.stringify(table).length);
  });

  it('forgets the contexts that were not used for longest', () => {
    const table = emptyHistoryTable();
    for (let key = 0; key < 1_000; key++) recordOutput(table, `c${key}`, 1);
    recordOutput(table, 'c0', 1);
    recordOutput(table, 'one more', 1);
    expect(Object.keys(table.contexts)).toHaveLength(1_001);
    expect(Object.hasOwn(table.contexts, 'c0')).toBe(true);
    expect(Object.hasOwn(table.contexts, 'c1')).toBe(false);
    expect(table.contexts['*']?.total).toBe(1_002);
  });

  it('stays within its bounds, never claims more hits than there were, and its bytes are right', () => {
    const output = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ minLength: 800, maxLength: 2_500, unit: 'grapheme' }),
      fc.constantFrom(1, 2, 3),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), output), { maxLength: 300 }), (outputs) => {
        const table = emptyHistoryTable();
        for (const [key, value] of outputs) recordOutput(table, key, value);
        for (const [key, { values, total }] of Object.entries(table.contexts)) {
          expect(values.length).toBeLessThanOrEqual(16);
          for (const { json, hits } of values) {
            const seen = outputs.filter(([at, value]) => (key === '*' || at === key) && JSON.stringify(value) === json);
            expect(hits).toBeLessThanOrEqual(seen.length);
            expect(Buffer.byteLength(json)).toBeLessThanOrEqual(2_048);
          }
          expect(values.reduce((sum, { hits }) => sum + hits, 0)).toBeLessThanOrEqual(total);
        }
        expect(Buffer.byteLength(JSON.stringify(table))).toBeLessThanOrEqual(table.bytes + 200);
        expect(table.bytes).toBeLessThanOrEqual(200_000);
        shrinkHistory(table, 0);
        expect(Object.keys(table.contexts)).toEqual(outputs.length > 0 ? ['*'] : []);
      }),
      { numRuns: 50 },
    );
  });
});
