import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context, type Info } from '@temporalio/activity';
import { CancelledFailure, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import fc from 'fast-check';
import { activityInterceptor } from '../speculation/plugin/activity-interceptor';
import { definePolicy, type Policy } from '../speculation/plugin/policy-file';
import { HEADER, STAGE_GONE, type ActivityHeader, type Billed, type CallName } from '../speculation/runtime/protocol';
import { idempotencyKey, OutsideActivityError } from '../speculation/stages/attempt-call';
import { callKey, unnamedCallKey, type NamedCall } from '../speculation/stages/call-key';
import { commitActivity } from '../speculation/stages/commit-activity';
import { SqliteStageStore, type SqliteConnection } from '../speculation/stages/sqlite-store';
import { defineStage, type StageDefinition, type StageInput } from '../speculation/stages/stage-definition';
import { StageDesk } from '../speculation/stages/stage-desk';
import type { Deliver, StagedCall, StageStore } from '../speculation/stages/stage-store';
import { stagedActivity } from '../speculation/stages/staged-activity';
import { StageSweeper } from '../speculation/stages/sweeper';
import { OutboxRelay } from '../speculation/stages/outbox-relay';

const folder = mkdtempSync(join(tmpdir(), 'runahead-activity-'));
const store = new SqliteStageStore({ name: 'test', file: join(folder, 'stages.db') });
const warnings: string[] = [];
const warnOnce = (_key: string, message: string): void => void warnings.push(message);
const log: string[] = [];
let calls = 0;

beforeEach(() => {
  warnings.splice(0);
  log.splice(0);
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

type Prepare = (call: StagedCall, ...args: string[]) => Promise<{ value: unknown; content: unknown }>;

function definitionWith(
  change: Partial<StageInput<string[], unknown, unknown, SqliteConnection>> = {},
): StageDefinition {
  const prepare: Prepare = async (_call, name) => {
    log.push(`prepare ${name}`);
    return { value: `ticket of ${name}`, content: null };
  };
  return defineStage({
    store,
    prepare,
    commit: async ({ value }) => void log.push(`commit ${String(value)}`),
    discard: async ({ state }) => void log.push(`discard ${state}`),
    ...change,
  });
}

function policyWith(definition: StageDefinition): Policy {
  const cost = { kind: 'fixed' as const, usd: 0 };
  return definePolicy({ activities: { book: { effect: 'staged', stage: definition, cost } } });
}

/** An attempt of the activity `book` as a worker with the plugin runs it. */
class Attempt {
  readonly environment: MockActivityEnvironment;
  readonly definition: StageDefinition;

  constructor(
    definition: StageDefinition,
    {
      launch = false,
      call,
      info = {},
      fits = true,
    }: {
      launch?: boolean;
      call?: CallName;
      info?: Partial<Info>;
      fits?: boolean;
    },
  ) {
    this.definition = definition;
    const header: ActivityHeader = {
      version: 1,
      pipeline: 'trip',
      launch,
      forecastFor: null,
      ...(call ? { call } : {}),
    };
    const plugin = activityInterceptor({
      ...{ policy: policyWith(definition), report: () => undefined, fitsInJson: () => fits, canWrapResult: () => true },
      ...{ launchBeatMs: 1_000, warnOnce },
    });
    const sent: ActivityInterceptorsFactory = () => ({
      inbound: {
        execute: (input, next) =>
          next({ ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(header) } }),
      },
    });
    const workflowExecution = { workflowId: 'w', runId: 'r' };
    const known = { activityType: 'book', namespace: 'default', workflowExecution, ...info };
    this.environment = new MockActivityEnvironment(known, { interceptors: [sent, plugin] });
  }

  run(...args: string[]): Promise<unknown> {
    const activity = stagedActivity({
      ...{ activityType: 'book', definition: this.definition, committed: () => void log.push('told'), warnOnce },
    });
    return this.environment.run(activity, ...args);
  }

  commit(id: string): Promise<unknown> {
    const definitions = new Map([['book', this.definition]]);
    const activity = commitActivity({ definitions, committed: () => void log.push('told') });
    return this.environment.run(activity, { activityType: 'book', id });
  }
}

const newCall = (): CallName => ({ chain: 'run/', occurrence: (calls += 1) });

describe('a staged activity', () => {
  test('prepares for a launch and says what has to be committed, without any usage of its own', async () => {
    const [definition, call] = [definitionWith(), newCall()];
    const { stage, ...result } = (await new Attempt(definition, { launch: true, call }).run('a')) as Billed;
    expect(result).toEqual({ __runahead: 1, value: 'ticket of a', usage: [] });
    expect(stage).toEqual({
      activityType: 'book',
      id: callKey({ workflowId: 'w', activityType: 'book', args: ['a'], call }),
    });
    expect(log).toEqual(['prepare a']);
    const committing = new Attempt(definition, {});
    await committing.commit(stage!.id);
    await committing.commit(stage!.id);
    expect(log).toEqual(['prepare a', 'commit ticket of a', 'told']);
  });

  test('prepares and commits for a plain call, and answers the same again without doing anything', async () => {
    const [definition, call] = [definitionWith(), newCall()];
    expect(await new Attempt(definition, { call }).run('a')).toBe('ticket of a');
    expect(await new Attempt(definition, { call }).run('a')).toBe('ticket of a');
    expect(await new Attempt(definition, { call, launch: true }).run('a')).toMatchObject({
      ...{ value: 'ticket of a', stage: { activityType: 'book' } },
    });
    expect(log).toEqual(['prepare a', 'commit ticket of a', 'told']);
  });

  test('commits what a launch of the same call has prepared, and that of no other call', async () => {
    const [definition, call] = [definitionWith(), newCall()];
    await new Attempt(definition, { call, launch: true }).run('a');
    await new Attempt(definition, { call }).run('a');
    expect(log).toEqual(['prepare a', 'commit ticket of a', 'told']);
    await new Attempt(definition, { call: newCall() }).run('a');
    await new Attempt(definition, { call }).run('b');
    expect(log.slice(3)).toEqual([
      'prepare a',
      'commit ticket of a',
      'told',
      'prepare b',
      'commit ticket of b',
      'told',
    ]);
  });

  test('begins anew what was discarded; a commit of the first one says that it is gone', async () => {
    const [definition, call] = [definitionWith(), newCall()];
    const launched = (await new Attempt(definition, { call, launch: true }).run('a')) as Billed;
    const { id } = launched.stage!;
    const desk = new StageDesk({ definitions: new Map([['book', definition]]), warnOnce });
    desk.discard([
      { activityType: 'book', id },
      { activityType: 'somebody else', id },
    ]);
    await desk.idle();
    expect(log.at(-1)).toBe('discard prepared');
    await expect(new Attempt(definition, {}).commit(id)).rejects.toMatchObject({
      type: STAGE_GONE,
      nonRetryable: true,
    });
    expect(await new Attempt(definition, { call }).run('a')).toBe('ticket of a');
    expect(await store.read(id)).toMatchObject({ state: 'committed', preparation: 2 });
  });

  test('a commit for which this worker has no stage is tried again, by a worker that has', async () => {
    const attempt = new Attempt(definitionWith(), {});
    const activity = commitActivity({ definitions: new Map(), committed: () => undefined });
    const commit = attempt.environment.run(activity, { activityType: 'book', id: 'x' });
    await expect(commit).rejects.toMatchObject({ type: 'RunaheadStageUnknown', nonRetryable: false });
  });

  test.each([true, false])(
    'that is cancelled while it prepares (launch: %s) discards before it ends',
    async (launch) => {
      const call = newCall();
      const definition = definitionWith({
        prepare: async () => {
          attempt.environment.cancel('CANCELLED');
          // As code that does not listen would go on to its end.
          return { value: 1, content: 1 };
        },
      });
      const attempt = new Attempt(definition, { launch, call });
      await expect(attempt.run('a')).rejects.toThrow(CancelledFailure);
      expect(log).toEqual(['discard preparing']);
    },
  );

  test('whose preparation fails leaves nothing behind, and prepares again under the same key', async () => {
    const seen: string[] = [];
    const [call, definition] = [
      newCall(),
      definitionWith({
        prepare: async ({ id }) => {
          seen.push(id);
          expect(idempotencyKey()).toBe(id);
          if (seen.length === 1) throw new RangeError('not yet');
          return { value: 1, content: 1 };
        },
      }),
    ];
    await expect(new Attempt(definition, { call }).run('a')).rejects.toThrow('not yet');
    expect(log).toEqual(['discard preparing']);
    expect(await new Attempt(definition, { call }).run('a')).toBe(1);
    expect(seen).toEqual([seen[0], seen[0]]);
  });

  test('that was discarded by others while it prepared starts again, and gives up when that goes on', async () => {
    let rounds = 0;
    const definition = definitionWith({
      prepare: async ({ id }) => {
        rounds += 1;
        if (rounds <= 2) await store.discard(id, async () => undefined);
        return { value: rounds, content: null };
      },
    });
    expect(await new Attempt(definition, { call: newCall() }).run('a')).toBe(3);
    rounds = -100;
    await expect(new Attempt(definition, { call: newCall() }).run('a')).rejects.toMatchObject({
      ...{ type: 'RunaheadStageContended', nonRetryable: false },
    });
  });

  test.each<[what: string, prepared: unknown]>([
    ['a date', { value: new Date(0), content: null }],
    [
      'a cycle in the content',
      {
        value: 1,
        content: (() => {
          const loop: unknown[] = [];
          loop.push(loop);
          return loop;
        })(),
      },
    ],
    ['no answer', undefined],
    ['neither value nor content', { ticket: 'x' }],
  ])('whose preparation answers %s fails for good, and drops it', async (_what, prepared) => {
    const definition = definitionWith({ prepare: async () => prepared as { value: unknown; content: unknown } });
    await expect(new Attempt(definition, { call: newCall() }).run('a')).rejects.toMatchObject({
      ...{ type: 'STAGE_NOT_JSON', nonRetryable: true },
    });
    expect(log).toEqual(['discard preparing']);
  });

  test('whose result cannot travel with its stage fails, and drops what it has prepared; a plain call does not need that', async () => {
    const [definition, call] = [definitionWith(), newCall()];
    await expect(new Attempt(definition, { call, launch: true, fits: false }).run('a')).rejects.toMatchObject({
      ...{ type: 'RunaheadUnreturnable', nonRetryable: true },
    });
    expect(log).toEqual(['prepare a', 'discard prepared']);
    expect(await new Attempt(definition, { call, fits: false }).run('a')).toBe('ticket of a');
  });

  test('whose discard fails says so and is left to the sweeper', async () => {
    const definition = definitionWith({
      prepare: () => Promise.reject(new Error('no room')),
      discard: () => Promise.reject(new Error('nor now')),
    });
    await expect(new Attempt(definition, { call: newCall() }).run('a')).rejects.toThrow('no room');
    expect(warnings).toEqual(['A stage of book is left to the sweeper (nor now).']);
  });

  test('of a launch that this policy does not allow early is refused before it prepares', async () => {
    const definition = definitionWith();
    const refused = new Attempt(definition, { launch: true, call: newCall(), info: { activityType: 'not declared' } });
    await expect(refused.run('a')).rejects.toMatchObject({ type: 'RunaheadRefused' });
    expect(log).toEqual([]);
  });
});

describe('the sweeper', () => {
  test('discards what is expired or whose workflow is over, asks once for each workflow, and leaves the rest', async () => {
    const definition = definitionWith();
    const namespace = 'swept';
    const begin = (workflowId: string, change = {}) =>
      store.begin({
        ...{ id: `sweep-${(calls += 1)}`, namespace, activityType: 'book', workflowId, runId: 'r' },
        ...{ begunAtMs: Date.now() - 10_000, expiresAtMs: Date.now() + 60_000, ...change },
      });
    const runs = await begin('running');
    const expired = await begin('running', { expiresAtMs: Date.now() - 1 });
    const [gone, alsoGone] = [await begin('gone'), await begin('gone')];
    const unknown = await begin('unreachable');
    const young = await begin('gone', { begunAtMs: Date.now() });
    const foreign = await begin('gone', { activityType: 'theirs' });
    const elsewhere = await begin('gone', { namespace: 'elsewhere' });
    const asked: string[] = [];
    const isOver = async (workflowId: string): Promise<boolean> => {
      asked.push(workflowId);
      if (workflowId === 'unreachable') throw new Error('no server');
      return workflowId === 'gone';
    };
    const relay = new OutboxRelay({ warnOnce });
    const sweeper = new StageSweeper({
      ...{ namespace, definitions: new Map([['book', definition]]), isOver, relay, sweepMs: 5_000, warnOnce },
    });
    expect(await sweeper.sweep()).toEqual({ undecided: 5, discarded: 3 });
    const states = await Promise.all(
      [runs, expired, gone, alsoGone, unknown, young, foreign, elsewhere].map(
        async ({ id }) => (await store.read(id))!.state,
      ),
    );
    const [left, dropped] = ['preparing', 'discarded'];
    expect(states).toEqual([left, dropped, dropped, dropped, left, left, left, left]);
    expect([...asked].sort()).toEqual(['gone', 'running', 'unreachable']);
    expect(warnings).toEqual(['A stage of book could not be swept (no server); it is tried again.']);
  });

  test('looks at every stage, however many wait before it', async () => {
    const namespace = 'many';
    for (let index = 0; index < 250; index++) {
      await store.begin({
        ...{ id: `many-${index}`, namespace, activityType: 'book', workflowId: index === 249 ? 'gone' : 'running' },
        ...{ runId: 'r', begunAtMs: 1_000 + index, expiresAtMs: Date.now() + 60_000 },
      });
    }
    const sweeper = new StageSweeper({
      ...{ namespace, definitions: new Map([['book', definitionWith()]]), relay: new OutboxRelay({ warnOnce }) },
      ...{ isOver: async (workflowId: string) => workflowId === 'gone', sweepMs: 1, warnOnce },
    });
    expect(await sweeper.sweep()).toEqual({ undecided: 250, discarded: 1 });
  });
});

describe('the desk', () => {
  test('never holds anybody up: what is too much or cannot be discarded is left to the sweeper', async () => {
    const failing = { discard: () => Promise.reject(new Error('down')) } as unknown as StageStore;
    const definition = { ...definitionWith(), store: failing };
    const desk = new StageDesk({ definitions: new Map([['book', definition]]), warnOnce, capacity: 2 });
    desk.discard(['1', '2', '3'].map((id) => ({ activityType: 'book', id })));
    await desk.idle();
    expect(warnings).toEqual([
      'More than 2 stages wait to be discarded; the rest is left to the sweeper.',
      ...['1', '2'].map(() => 'A stage of book could not be discarded (down); the sweeper will try again.'),
    ]);
  });
});

describe('the relay', () => {
  test('delivers what comes while it delivers, tries again what failed when it is asked to, and never fails itself', async () => {
    const waiting = ['a', 'bad', 'c'];
    const seen: string[] = [];
    let refuses = true;
    const deliver: Deliver = async ({ key }) => {
      seen.push(key);
      // A commit in the middle of a delivery.
      if (key === 'c' && !waiting.includes('later')) {
        waiting.push('later');
        relay.soon(outbox);
      }
      if (refuses && key === 'bad') throw new Error('not today');
    };
    const outbox = {
      ...{ name: 'outbox', deliver },
      relay: async (take: Deliver) => {
        const counts = { delivered: 0, failed: 0 };
        for (const key of [...waiting]) {
          try {
            await take({ topic: 't', key, body: null });
            waiting.splice(waiting.indexOf(key), 1);
            counts.delivered += 1;
          } catch {
            counts.failed += 1;
          }
        }
        return counts;
      },
    } as unknown as StageStore;
    const relay = new OutboxRelay({ warnOnce });
    relay.soon(outbox);
    await relay.idle();
    expect(seen).toEqual(['a', 'bad', 'c', 'bad', 'later']);
    expect(waiting).toEqual(['bad']);
    expect(warnings[0]).toMatch(/^Messages of the outbox of "outbox" could not be delivered \(1 of 3 failed\)/);
    refuses = false;
    relay.soon(outbox);
    await relay.idle();
    expect(waiting).toEqual([]);
    relay.soon({ name: 'down', deliver, relay: () => Promise.reject(new Error('down')) } as unknown as StageStore);
    await relay.idle();
    expect(warnings.at(-1)).toMatch(/\(down\)/);
    relay.soon({ name: 'by hand', deliver: null } as unknown as StageStore);
    await relay.idle();
  });
});

describe('the idempotency key', () => {
  const anyCall: fc.Arbitrary<NamedCall> = fc.record({
    workflowId: fc.string(),
    activityType: fc.string(),
    args: fc.array(fc.jsonValue(), { maxLength: 3 }),
    call: fc.record({ chain: fc.string(), occurrence: fc.nat() }),
  });

  test('is the same whenever it is computed, whatever the order of keys in the arguments', () => {
    fc.assert(
      fc.property(anyCall, fc.dictionary(fc.string(), fc.jsonValue()), (call, object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        const [one, two] = [object, reversed].map((argument) => callKey({ ...call, args: [...call.args, argument] }));
        expect(one).toBe(two);
        expect(one).toMatch(/^[0-9a-f]{64}$/);
      }),
    );
  });

  test('differs when anything that names the call differs, also where one part could be read as another', () => {
    fc.assert(
      fc.property(anyCall, fc.string({ minLength: 1 }), (call, more) => {
        const { workflowId, activityType, args, call: name } = call;
        const others: NamedCall[] = [
          { ...call, workflowId: workflowId + more },
          { ...call, activityType: activityType + more },
          { ...call, args: [...args, more] },
          { ...call, args: [[...args]] },
          { ...call, call: { ...name, chain: name.chain + more } },
          { ...call, call: { ...name, occurrence: name.occurrence + 1 } },
          { ...call, workflowId: workflowId + more, activityType: more + activityType },
        ];
        const keys = [call, ...others].map(callKey);
        expect(new Set(keys).size).toBe(keys.length);
        const unnamed = unnamedCallKey({ workflowId, runId: name.chain, activityId: activityType });
        expect(keys).not.toContain(unnamed);
      }),
    );
  });

  test('of a call without a name is that of its activity in its run', async () => {
    const keyOf = (info: Partial<Info>): Promise<unknown> =>
      new Attempt(definitionWith(), { info: { activityType: 'other', ...info } }).environment.run(async () =>
        idempotencyKey(),
      );
    const first = await keyOf({ activityId: '7', attempt: 1 });
    expect(await keyOf({ activityId: '7', attempt: 2 })).toBe(first);
    expect(first).toBe(unnamedCallKey({ workflowId: 'w', runId: 'r', activityId: '7' }));
    expect(await keyOf({ activityId: '8' })).not.toBe(first);
    expect(await keyOf({ activityId: '7', workflowExecution: { workflowId: 'w', runId: 's' } })).not.toBe(first);
    expect(await keyOf({ activityId: '7', isLocal: true })).toBe(first);
  });

  test('is refused where no activity runs', () => {
    expect(() => idempotencyKey()).toThrow(OutsideActivityError);
    expect(() => Context.current()).toThrow();
  });
});
