import fc from 'fast-check';
import { mergeBooks, type BooksOfRun } from '../speculation/ledger/merge-books';
import { MergeConflictError } from '../speculation/ledger/merge-conflict-error';
import type { UsageRecord } from '../speculation/ledger/usage';

function bill(requestId: string, costUsd: string, more: Partial<UsageRecord> = {}): UsageRecord {
  return {
    requestId,
    model: 'gpt-4o-mini',
    tokens: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 },
    rates: null,
    costUsd,
    estimated: false,
    attempt: 1,
    ...more,
  };
}

function run(name: string, ...usage: UsageRecord[]): BooksOfRun {
  return { run: name, entries: usage.map((each, index) => ({ id: String(index), usage: [each], omittedBills: 0 })) };
}

describe('merged books', () => {
  test('have a request once that a reset copied into another run', () => {
    const { bills, costUsd } = mergeBooks([
      run('first', bill('a', '0.1'), bill('b', '0.2')),
      run('second', bill('a', '0.10'), bill('c', '0.3')),
    ]);
    expect(bills.map(({ requestId, runs }) => [requestId, runs])).toEqual([
      ['a', ['first', 'second']],
      ['b', ['first']],
      ['c', ['second']],
    ]);
    expect(costUsd).toBe('0.6');
  });

  test.each([
    {
      better: 'a reported bill',
      worse: 'an estimate',
      bills: [bill('a', '0.1'), bill('a', '0.7', { estimated: true })] as const,
    },
    {
      better: 'a counted estimate',
      worse: 'one of a lost attempt',
      bills: [bill('a', '0.1', { estimated: true }), bill('a', '0.7', { estimated: true, lost: true })] as const,
    },
    {
      better: 'a later estimate',
      worse: 'an earlier one',
      bills: [bill('a', '0.7', { estimated: true }), bill('a', '0.1', { estimated: true })] as const,
    },
  ])('keep $better rather than $worse, in any order', ({ bills: [better, worse] }) => {
    for (const books of [
      [run('first', better), run('second', worse)],
      [run('first', worse), run('second', better)],
    ]) {
      const { bills, estimatedUsd } = mergeBooks(books);
      expect(bills).toEqual([{ ...better, runs: ['first', 'second'], entryId: '0' }]);
      expect(estimatedUsd).toBe(better.estimated ? better.costUsd : '0');
    }
  });

  test("know an estimate under the client's id and the bill under the provider's for one request", () => {
    const estimate = bill('run/1/1/1', '0.7', { estimated: true, lost: true, clientRequestId: 'run/1/1/1' });
    const real = bill('chatcmpl-1', '0.1', { clientRequestId: 'run/1/1/1' });
    for (const books of [
      [run('first', estimate), run('late', real)],
      [run('late', real), run('first', estimate)],
    ]) {
      expect(mergeBooks(books)).toMatchObject({ bills: [{ requestId: 'chatcmpl-1' }], costUsd: '0.1' });
    }
  });

  test('have two bills for two answers that a client asked for under one id of its own', () => {
    const answers = ['chatcmpl-1', 'chatcmpl-2'].map((id) => bill(id, '0.1', { clientRequestId: 'mine' }));
    expect(mergeBooks([run('only', ...answers)]).costUsd).toBe('0.2');
  });

  test('count what has no id every time, and say how many bills no entry lists', () => {
    const books = mergeBooks([
      { run: 'only', entries: [{ id: '1', usage: [bill('', '0.1'), bill('', '0.1')], omittedBills: 3 }] },
    ]);
    expect(books).toMatchObject({ costUsd: '0.2', omittedBills: 3 });
  });

  test('are refused when two books have different reported costs for a request; the message names both', () => {
    const merge = (): unknown => mergeBooks([run('first', bill('a', '0.1')), run('second', bill('a', '0.2'))]);
    expect(merge).toThrow(MergeConflictError);
    expect(merge).toThrow(/"a" cost \$0\.1 by entry "0" of first, and \$0\.2 by entry "0" of second/);
  });

  test('do not depend on how often a run is read, and never cost more than all of its bills', () => {
    const bills = fc.array(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), cents: fc.integer({ min: 0, max: 9 }), lost: fc.boolean() }),
    );
    fc.assert(
      fc.property(bills, (drawn) => {
        const usage = drawn.map(({ id, cents, lost }) =>
          bill(id, `0.0${cents}`, { estimated: true, ...(lost ? { lost } : {}) }),
        );
        const once = mergeBooks([run('only', ...usage)]);
        expect(mergeBooks([run('only', ...usage), run('only', ...usage)])).toEqual(once);
        expect(new Set(once.bills.map(({ requestId }) => requestId)).size).toBe(once.bills.length);
        expect(Number(once.costUsd)).toBeLessThanOrEqual(drawn.reduce((sum, { cents }) => sum + cents, 0) / 100 + 1e-9);
      }),
    );
  });
});
