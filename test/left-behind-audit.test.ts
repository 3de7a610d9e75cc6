import type { Client } from '@temporalio/client';
import type { Observation, UnresolvedOperations } from '../speculation/estimate/observation';
import { LeftBehindAudit } from '../speculation/plugin/left-behind-audit';
import { until } from './support/until';

interface FakeRun {
  status: string;
  /** The SDK cannot replay it; then its history is read. */
  history?: object[];
  entries: { id: string; settled: boolean; unresolved: boolean; state: string }[];
}

const entry = (
  id: string,
  state: string,
  change: Partial<FakeRun['entries'][number]> = {},
): FakeRun['entries'][number] => ({
  id,
  state,
  settled: state !== 'running' && state !== 'finished',
  unresolved: false,
  ...change,
});

/** As much of a client as the audit asks of one. */
function clientOf(runs: Record<string, FakeRun>, questions: string[] = []): Client {
  return {
    withDeadline: (_deadline: number, call: () => unknown) => call(),
    workflow: {
      getHandle: (_workflowId: string, runId: string) => ({
        fetchHistory: async () => ({ events: runs[runId]!.history }),
        describe: async () => ({ status: { name: runs[runId]!.status } }),
        query: async () => {
          questions.push(runId);
          if (runs[runId]!.history !== undefined) throw new Error('Fatal error in workflow machines');
          return { entries: runs[runId]!.entries };
        },
      }),
      list: async function* () {
        for (const [runId, { status }] of Object.entries(runs)) {
          if (status === 'TERMINATED') yield { workflowId: 'pipeline', runId };
        }
      },
    },
  } as unknown as Client;
}

const said = (...activityIds: string[]): UnresolvedOperations => ({
  kind: 'unresolved',
  id: 'run/unresolved/1',
  workflowId: 'pipeline',
  runId: 'run',
  activityIds,
});

const started: { audit: LeftBehindAudit; client: Client }[] = [];
afterEach(async () => {
  for (const { audit, client } of started.splice(0)) await audit.stop(client);
});

function auditing(client: Client): { audit: LeftBehindAudit; reported: Observation[] } {
  const reported: Observation[] = [];
  const audit = new LeftBehindAudit({
    report: (observations) => reported.push(...observations),
    warnOnce: (_key, message) => {
      throw new Error(message);
    },
    auditMs: 5,
  });
  audit.start(client, 'queue');
  started.push({ audit, client });
  return { audit, reported };
}

test('what a pipeline leaves behind is reported as its books have it, and other observations at once', async () => {
  const { audit, reported } = auditing(
    clientOf({ run: { status: 'COMPLETED', entries: [entry('1', 'cancelled', { unresolved: true })] } }),
  );
  audit.receive([said('1'), { kind: 'edge' } as Observation]);
  expect(reported).toEqual([{ kind: 'edge' }]);
  await until(() => reported.length > 1);
  expect(reported[1]).toEqual(said('1'));
});

test.each([
  ['what was said by a closing task that the server rejected', 'CANCELLED', entry('1', 'committed')],
  ['what merely runs in a pipeline that goes on', 'RUNNING', entry('1', 'running')],
])('%s is not left behind', async (_what, status, found) => {
  const questions: string[] = [];
  const client = clientOf({ run: { status, entries: [found] } }, questions);
  const { audit, reported } = auditing(client);
  audit.receive([said('1')]);
  await until(() => questions.length > 0);
  await audit.stop(client);
  expect(reported).toEqual([]);
});

test('a pipeline that was terminated is asked once, and what was open in it is reported; a finished launch has its bill', async () => {
  const questions: string[] = [];
  const entries = [entry('1', 'committed'), entry('2', 'running'), entry('spec-1', 'finished'), entry('1', 'running')];
  const client = clientOf({ run: { status: 'TERMINATED', entries } }, questions);
  const { audit, reported } = auditing(client);
  await until(() => reported.length > 0);
  expect(reported).toEqual([{ ...said('1', '2'), id: 'run/unresolved/ended' }]);
  await audit.stop(client);
  expect(questions).toEqual(['run']);
});

test('what cannot be asked before the last worker stops is believed', async () => {
  const client = clientOf({});
  const { audit, reported } = auditing(client);
  audit.receive([said('1')]);
  await audit.stop(client);
  expect(reported).toEqual([said('1')]);
});

test('a run that cannot be replayed is read from its history, and keeps nobody else from being asked', async () => {
  const scheduled = (eventId: number, activityId: string, fields: object): object => ({
    eventId,
    activityTaskScheduledEventAttributes: { activityId, header: { fields } },
  });
  const history = [
    scheduled(5, '1', { runahead: {} }),
    scheduled(6, '2', { runahead: {} }),
    scheduled(7, 'of no pipeline', {}),
    { eventId: 8, activityTaskCompletedEventAttributes: { scheduledEventId: 5 } },
  ];
  const { reported } = auditing(
    clientOf({
      unreadable: { status: 'TERMINATED', entries: [], history },
      run: { status: 'TERMINATED', entries: [entry('1', 'running')] },
    }),
  );
  await until(() => reported.length > 1);
  expect(reported.map((observation) => (observation as UnresolvedOperations).activityIds)).toEqual([['2'], ['1']]);
});
