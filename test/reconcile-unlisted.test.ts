import { lateBooks } from '../client/reconcile/late-books';
import { unlistedBills, type ListedRun } from '../client/reconcile/unlisted-bills';
import type { UsageRecord } from '../speculation/ledger/usage';

function bill(requestId: string, costUsd: string): UsageRecord {
  const tokens = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 };
  return { requestId, model: 'm', tokens, rates: null, costUsd, estimated: false, attempt: 1 };
}

function run(runId: string, totalUsd: string, usage: UsageRecord[], continuedFrom: string | null = null): ListedRun {
  const books = { run: `w/${runId}`, entries: [{ id: '1', usage, omittedBills: 0 }] };
  return { workflowId: 'w', runId, totalUsd, books, continuedFrom };
}

describe('dollars that are in the totals of runs and in none of their bills', () => {
  const [a, b, c] = [bill('a', '0.1'), bill('b', '0.2'), bill('c', '0.4')];

  test('are none where every bill is listed', () => {
    expect(unlistedBills([run('1', '0.3', [a, b]), run('2', '0.4', [c])])).toEqual([]);
  });

  test('are what is missing, by run', () => {
    expect(unlistedBills([run('1', '0.7', [a, b]), run('2', '0.4', [c])])).toEqual([
      { workflowId: 'w', runId: '1', costUsd: '0.4' },
    ]);
  });

  test('count once along a chain, and not where an earlier run of it lists the bill', () => {
    const chain = [run('1', '0.1', [a]), run('2', '0.3', [b], '1'), run('3', '0.7', [c], '2')];
    expect(unlistedBills(chain)).toEqual([]);
    const forgotten = [run('1', '0.6', [a]), run('2', '0.8', [b], '1'), run('3', '1.2', [c], '2')];
    expect(unlistedBills(forgotten)).toEqual([{ workflowId: 'w', runId: '3', costUsd: '0.5' }]);
    // The first run is gone.
    expect(unlistedBills(chain.slice(1))).toEqual([{ workflowId: 'w', runId: '3', costUsd: '0.1' }]);
  });
});

test('late bills whose requests are not listed are in the late total only', () => {
  const { requestId, model, tokens, costUsd, estimated } = bill('late', '0.1');
  const request = { requestId, model, tokens, costUsd, estimated };
  const listed = { workflowId: 'w', operation: 'ask', costUsd: '0.1', estimated: false, requests: [request] };
  const older = { workflowId: 'w', operation: 'ask', costUsd: '0.2', estimated: false };
  const { books, unlistedUsd } = lateBooks({ totalUsd: '0.7', count: 9, recent: [older, listed] });
  expect(books.entries.flatMap(({ usage }) => usage)).toMatchObject([{ requestId: 'late', costUsd: '0.1' }]);
  expect(unlistedUsd).toBe('0.6');
});
