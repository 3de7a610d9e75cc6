import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { callsInHistory } from '../client/mine/calls-in-history';
import { claimsInBooks, claimsInHistory } from '../client/mine/claimed-launches';
import { mineSessions, type MineReport } from '../client/mine/mine-report';
import { operationsReadLater } from '../client/mine/read-later';
import { readSessions, type MinedRun, type SessionSource } from '../client/mine/read-sessions';
import { knownBefore, sessionOfCalls } from '../client/mine/session-of-calls';
import { RunaheadClient } from '../client/runahead-client';
import { emptyControlState } from '../speculation/estimate/control-state';
import type { Briefing } from '../speculation/forecast/briefing';
import type { Trail } from '../speculation/forecast/trail';
import { newEntry } from '../speculation/ledger/entry';
import { mine } from '../speculation/mining/mine';
import { definePolicy, loadPatterns } from '../speculation/plugin';
import { briefingFor } from '../speculation/plugin/briefing';
import { pipelineSettings } from '../speculation/plugin/pipeline-settings';
import type { LookupRequest } from '../speculation/runtime/protocol';
import type { Step } from './pipelines/bookings';
import { runahead, runaheadJson } from './support/command-line';
import { bundleOf, replay, scheduledActivities, withPipeline } from './support/scripted-worker';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const folder = mkdtempSync(join(tmpdir(), 'mine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const temporal = useTemporal();

function recorded(name: string) {
  const json: unknown = JSON.parse(readFileSync(join(__dirname, 'histories', `${name}.json`), 'utf8'));
  return callsInHistory(historyFromJSON(json), loadDataConverter());
}

const namesOf = (trail: Trail): string[] => trail.map(({ operation, args }) => `${operation}${JSON.stringify(args)}`);

describe('a session is what a pipeline has asked for', () => {
  test('a launch on a forecast that came true is in it, in the order in which calls were scheduled', async () => {
    const calls = await recorded('a-chain-of-forecasts-overlaps-three-operations-and-the-irreversible-one-waits-fo');
    const session = sessionOfCalls(calls, claimsInHistory(calls));
    expect(namesOf(session)).toEqual([
      'classify["hello"]',
      'draft["refund"]',
      'review["about refund"]',
      'send["about refund","pass"]',
    ]);
    expect(session.map(({ early }) => early)).toEqual([false, true, true, false]);
    expect(session[1]?.output).toEqual({ text: 'about refund' });
    // By then the launch before it had not ended either.
    expect(namesOf(knownBefore(session, 2))).toEqual(['classify["hello"]', 'draft["refund"]']);
  });

  test('a launch on a wrong forecast is not, although it ended well', async () => {
    const calls = await recorded('a-wrong-forecast-changes-nothing-but-the-bill-the-launch-is-cancelled-and-the-re');
    expect(calls.find(({ activityId }) => activityId === 'spec-1')).toMatchObject({
      kind: 'launch',
      assumes: { upstream: 'classify', beginning: '{"route":"refund"}' },
      output: { value: { text: 'about refund' } },
    });
    expect(namesOf(sessionOfCalls(calls, claimsInHistory(calls)))).toEqual([
      'classify["hello"]',
      'draft["shipping"]',
      'review["about shipping"]',
      expect.stringMatching(/^send/),
    ]);
  });

  test('a draft is not, and neither is a launch whose stage was gone, because the call was made again', async () => {
    const drafted = await recorded('a-draft-that-is-worth-its-price-is-asked-for-and-the-pipeline-runs-ahead-on-what');
    expect(namesOf(sessionOfCalls(drafted, claimsInHistory(drafted)))).toEqual(['first["x"]', 'second["x1"]']);
    const gone = await recorded('a-claim-whose-stage-is-gone-makes-the-call-after-all');
    expect(namesOf(sessionOfCalls(gone, claimsInHistory(gone)))).toEqual([
      'check["me"]',
      'book["me"]',
      'note["seat for me"]',
    ]);
  });

  test('the books have the last word on what was claimed, and what was claimed as an equivalent is another call', async () => {
    const calls = await recorded('a-chain-of-forecasts-overlaps-three-operations-and-the-irreversible-one-waits-fo');
    const entry = (id: string) =>
      newEntry({ id, operation: 'draft', kind: 'launch', edge: null, reservedUsd: '0', atMs: 0 });
    const books = [
      { ...entry('spec-1'), state: 'finished' as const },
      { ...entry('spec-2'), state: 'claimed' as const, match: 'equivalent' as const },
    ];
    expect(namesOf(sessionOfCalls(calls, claimsInBooks(books, calls)))).toEqual([
      'classify["hello"]',
      'send["about refund","pass"]',
    ]);
  });

  test('of a call that was raced and lost, the answer is that of the copy', async () => {
    const calls = await recorded('a-wrong-forecast-changes-nothing-but-the-bill-the-launch-is-cancelled-and-the-re');
    const [classify] = calls;
    const raced = [
      { ...classify!, output: null, completedEvent: null },
      { ...classify!, activityId: 'copy-1', kind: 'copy' as const, scheduledEvent: 6, completedEvent: 8 },
    ];
    expect(sessionOfCalls(raced, () => false)).toMatchObject([
      { operation: 'classify', output: { route: 'shipping' }, scheduledEvent: 5, completedEvent: 8 },
    ]);
  });
});

const trail = (...calls: [operation: string, args: unknown[], output: unknown][]): Trail =>
  calls.map(([operation, args, output]) => ({ operation, args, output }));

test('outputs are worth mining that differ and that a later call reads, whole or inside of a text', () => {
  const sessions = [
    trail(['who', [], { id: 'u-17' }], ['fixed', [], 'same'], ['ask', ['about u-17, same'], 1], ['note', [], 'a']),
    trail(['who', [], { id: 'u-18' }], ['fixed', [], 'same'], ['ask', ['about u-18, same'], 2], ['note', [], 'b']),
  ];
  expect(operationsReadLater(sessions)).toEqual(['who']);
});

describe('what cannot be read or mined is said', () => {
  const run = (workflowId: string): MinedRun => ({ workflowId, runId: 'r', workflowType: 't', taskQueue: 'q' });
  const sourceOf = (calls: Record<string, () => ReturnType<SessionSource['calls']>>): SessionSource => ({
    runs: (async function* () {
      for (const workflowId of Object.keys(calls)) yield await Promise.resolve(run(workflowId));
    })(),
    calls: ({ workflowId }) => calls[workflowId]!(),
    entries: () => Promise.resolve(null),
    explain: String,
  });
  const chain = () => recorded('a-chain-of-forecasts-overlaps-three-operations-and-the-irreversible-one-waits-fo');
  const scope = { namespace: 'default', query: 'all' };
  const mined = (sessions: readonly Trail[], operations: readonly string[]) => mine(sessions, { operations });

  test('a history that cannot be read is named, left out and counted', async () => {
    const broken = () => Promise.reject(new Error('Unknown encoding: binary/encrypted'));
    const read = await readSessions(sourceOf({ good: chain, bad: broken, empty: () => Promise.resolve([]) }), 10);
    expect(read).toMatchObject({ runs: 3, empty: 1, withoutBooks: 1, more: false, sessions: [{ workflowId: 'good' }] });
    expect(read.unread).toEqual([
      { workflowId: 'bad', runId: 'r', workflowType: 't', reason: 'Error: Unknown encoding: binary/encrypted' },
    ]);
    const none = await readSessions(sourceOf({ bad: broken }), 10);
    expect(() => mineSessions(none, [], scope, mined)).toThrow(/1 could not be read.*bad: Error: Unknown encoding/);
  });

  test('no more than the limit are read, and it says that there are more', async () => {
    const read = await readSessions(sourceOf({ a: chain, b: chain, c: chain }), 2);
    expect(read).toMatchObject({ runs: 2, more: true });
    expect(read.sessions).toHaveLength(2);
  });

  test('an unknown operation is refused with the nearest names, and outputs that never differ with what to do', async () => {
    const read = await readSessions(sourceOf({ a: chain, b: chain }), 10);
    expect(() => mineSessions(read, ['revue'], scope, mined)).toThrow(/--operation revue: .*did you mean "review"\?/);
    expect(() => mineSessions(read, [], scope, mined)).toThrow(/nothing to forecast.*--operation/);
    const { report } = mineSessions(read, ['classify'], scope, mined);
    expect(report.operations).toMatchObject([
      { operation: 'classify', sessions: 2, support: 2, inSample: { denominator: 2 }, leftOut: { denominator: 2 } },
    ]);
    expect(report.notMined).toEqual(['draft', 'review', 'send']);
  });

  test('a file of patterns that cannot be used is refused with its name and the field', () => {
    const written = (name: string, text: string): string => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    };
    expect(() => loadPatterns(join(folder, 'none.json'))).toThrow(/none\.json: it cannot be read/);
    expect(() => loadPatterns(written('cut.json', '{"version"'))).toThrow(/cut\.json: it is no JSON/);
    expect(() => loadPatterns(written('old.json', '{"version":7,"sessions":1,"operations":{}}'))).toThrow(
      /old\.json: patterns\.version is 7: .*runahead mine --out/,
    );
    const decide = { tags: null, templates: [{ fixed: [], places: [], contexts: {}, rules: 'none' }], reliability: [] };
    const odd = { version: 1, sessions: 1, operations: { decide } };
    expect(() => loadPatterns(written('odd.json', JSON.stringify(odd)))).toThrow(
      /odd\.json: patterns\.\S*rules is "none"/,
    );
  });
});

describe('a look-up of a mined operation carries the calls before it', () => {
  const activities = {
    classify: async () => pause(150, { route: 'refund' }),
    draft: async (route: string) => ({ text: `about ${route}` }),
    review: async () => ({ verdict: 'pass' }),
    send: async (text: string) => `sent ${text}`,
    first: async (input: string) => pause(100, `${input}1`),
    second: async (input: string) => `${input}2`,
    third: async (input: string) => `${input}3`,
  };

  test('of a launch also what is assumed, through a chain of launches', async () => {
    const trails: Record<string, string> = {};
    const script = (operation: string, forecasts: unknown[], next: string) => (_: unknown[], before?: Trail) => {
      trails[operation] ??= JSON.stringify(before);
      return { forecasts, downstream: { [next]: {} } };
    };
    const settings = { mined: ['classify', 'draft', 'review'] };
    const scripts = {
      classify: script('classify', [{ route: 'refund' }], 'draft'),
      draft: script('draft', [{ text: 'about refund' }], 'review'),
      review: script('review', [], 'send'),
    };
    await withPipeline(
      await temporal.start(),
      'chain',
      ['hello'],
      activities,
      { scripts, settings },
      async (started) => {
        expect(await started.handle.result()).toBe('sent about refund');
        const history = await started.history();
        expect(scheduledActivities(history).map(({ id }) => id.startsWith('spec-'))).toEqual([
          false,
          true,
          true,
          false,
        ]);
        await replay(history);
      },
    );
    const classify = { operation: 'classify', args: ['hello'], output: { route: 'refund' } };
    const draft = { operation: 'draft', args: ['refund'], output: { text: 'about refund' } };
    expect(trails).toEqual({
      classify: JSON.stringify([]),
      draft: JSON.stringify([classify]),
      review: JSON.stringify([classify, draft]),
    });
  });

  test('and nothing of timers', async () => {
    const trails: unknown[] = [];
    const note = (_: unknown[], before?: Trail) => (trails.push(before), { forecasts: [], downstream: {} });
    const run = { scripts: { first: note, third: note }, settings: { mined: ['first', 'third'] } };
    await withPipeline(await temporal.start(), 'withTimer', ['x'], activities, run, async (started) => {
      expect(await started.handle.result()).toBe('x123');
      await replay(await started.history());
    });
    expect(trails).toEqual([
      [],
      [
        { operation: 'first', args: ['x'], output: 'x1' },
        { operation: 'second', args: ['x1'], output: 'x12' },
      ],
    ]);
  });
});

describe('runahead mine', () => {
  const BOOKINGS: Record<string, string[]> = {
    ann: ['A7K2', 'A9Q4'],
    bob: ['B3X8', 'B1M5', 'B6T9'],
    cas: ['C2W4'],
    dee: ['D8R1', 'D4N6'],
    eve: ['E5Z3', 'E7H2'],
    // Nobody has seen these when patterns are mined.
    zoe: ['Z1V7', 'Z4L9'],
  };
  const activities = {
    fetchUser: async (userId: string) => ({ name: userId, bookings: BOOKINGS[userId] }),
    decide: async (userId: string, round: number): Promise<Step> => {
      const id = BOOKINGS[userId]?.[round];
      return pause(200, id === undefined ? { tool: 'stop', id: null } : { tool: 'fetchBooking', id });
    },
    fetchBooking: async (id: string) => pause(20, { id, price: id.charCodeAt(1) }),
  };

  test('a namespace without histories is refused with what to do, and nothing is written', async () => {
    const { server } = await temporal.start();
    const out = join(folder, 'not.json');
    const nothing = await runahead('mine', '--address', server.address, '--type', 'nobody', '--out', out);
    expect(nothing).toMatchObject({ exitCode: 1, output: '' });
    expect(nothing.errors).toMatch(/nothing to mine in namespace default.*"nobody".*Run some pipelines first/);
    expect(existsSync(out)).toBe(false);
  });

  test('patterns let a pipeline run ahead on values that nobody has seen, with the result of the plain run', async () => {
    const running = await temporal.start();
    const { client, nativeConnection: connection, server } = running;
    const { address, namespace } = server;
    const taskQueue = temporal.taskQueue('bookings');
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowBundle: await bundleOf(true),
      activities,
    });
    const run = (userId: string): Promise<unknown> =>
      client.workflow.execute('bookings', { taskQueue, workflowId: `bookings-${userId}`, args: [userId] });
    const out = join(folder, 'patterns.json');
    const plain = await worker.runUntil(async () => {
      await Promise.all(['ann', 'bob', 'cas', 'dee', 'eve'].map(run));
      const report = await runaheadJson<MineReport>('mine', '--address', address, '--type', 'bookings', '--out', out);
      expect(report).toMatchObject({ sessions: 5, unread: [], withoutBooks: 0 });
      const decide = report.operations.find(({ operation }) => operation === 'decide');
      // Ten bookings, and five times nothing more.
      expect(decide).toMatchObject({ sessions: 5, support: 15, leftOut: { denominator: 15 } });
      expect(decide?.leftOut?.numerator).toBeGreaterThanOrEqual(10);
      return run('zoe');
    });
    expect(plain).toEqual(['zoe', 'Z1V7 49', 'Z4L9 52']);

    const cost = { kind: 'fixed', usd: 0.001 } as const;
    const policy = definePolicy({
      launchPolicy: 'always',
      activities: {
        decide: { effect: 'none', forecast: [{ kind: 'mined', patterns: loadPatterns(out) }], cost },
        fetchBooking: { effect: 'none', cost },
      },
    });
    const settings = pipelineSettings(policy, 'bookings', { searchAttributes: false, strict: 'fail' });
    const state = emptyControlState();
    const lookUp = (request: LookupRequest): Briefing => briefingFor(request, policy, state, fail);
    await withPipeline(running, 'bookings', ['zoe'], activities, { settings, lookUp }, async ({ handle, history }) => {
      expect(await handle.result()).toEqual(plain);
      const { entries } = await new RunaheadClient(client).ledger(handle.workflowId);
      const claimed = entries.filter(({ kind, state }) => kind === 'launch' && state === 'claimed');
      expect(claimed.filter(({ operation }) => operation === 'fetchBooking')).toHaveLength(2);
      await replay(await history());
      // This run's launches are in its session as far as they were claimed.
      const query = `WorkflowId = "${handle.workflowId}"`;
      const report = await untilAnswer(
        () => runahead('mine', '--address', address, '--query', query, '--operation', 'decide', '--json'),
        ({ exitCode }) => exitCode === 0,
      );
      expect(JSON.parse(report.output)).toMatchObject({
        sessions: 1,
        withoutBooks: 0,
        operations: [{ operation: 'decide', support: 3, leftOut: null }],
      });
    });
  });
});

function fail(key: string, message: string): void {
  throw new Error(`${key}: ${message}`);
}
