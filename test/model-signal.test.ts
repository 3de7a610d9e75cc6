import { getEventListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { callModel, type ModelRequest } from '../activities/model';
import { callResponse } from '../activities/response-call';
import { openaiEmbedder } from '../speculation/plugin/embedder-openai';
import { ownSignal } from '../speculation/plugin/own-signal';
import { runActivity, TEST_MODEL, useMeteredModel } from './support/model';
import { until } from './support/until';

const startModel = useMeteredModel();
const QUESTION: ModelRequest = { model: TEST_MODEL, messages: [{ role: 'user', content: 'Where is my kiln?' }] };
const FAST = { timeToFirstTokenMs: 0, tokensPerSecond: 5000, script: () => ({ text: 'It left.' }) };
const CALLS = 30;

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** Runs the calls within one activity; the most listeners that its signal ever had, and what it has in the end beyond the beginning. */
async function listenersOver(calls: () => Promise<unknown>): Promise<{ most: number; left: number }> {
  return runActivity(async () => {
    const { cancellationSignal } = Context.current();
    const before = listeners(cancellationSignal);
    let most = 0;
    const add = jest.spyOn(cancellationSignal, 'addEventListener').mockImplementation((...given) => {
      EventTarget.prototype.addEventListener.apply(cancellationSignal, given);
      most = Math.max(most, listeners(cancellationSignal) - before);
    });
    await calls();
    add.mockRestore();
    return { most, left: listeners(cancellationSignal) - before };
  }).result;
}

describe.each([
  ['chat completions', callModel],
  ['the Responses API', callResponse],
])(
  'calls of one activity over %s leave its cancellation signal as it was, and Node has nothing to warn of',
  (_, ask) => {
    test('one after the other', async () => {
      const { client } = await startModel(FAST);
      const seen = await listenersOver(async () => {
        for (let call = 0; call < CALLS; call += 1) await ask(QUESTION, { client });
      });
      expect(seen).toEqual({ most: 1, left: 0 });
    });

    test('side by side', async () => {
      const { client } = await startModel(FAST);
      const seen = await listenersOver(() =>
        Promise.all(Array.from({ length: CALLS }, () => ask(QUESTION, { client }))),
      );
      expect(seen).toEqual({ most: 1, left: 0 });
    });

    test('also when they fail', async () => {
      const { client } = await startModel({ ...FAST, faults: () => ({ kind: 'disconnect', afterTokens: 1 }) });
      const seen = await listenersOver(async () => {
        for (let call = 0; call < 3; call += 1) {
          await expect(ask(QUESTION, { client })).rejects.toMatchObject({ type: 'MODEL_STREAM_BROKEN' });
        }
      });
      expect(seen).toEqual({ most: 1, left: 0 });
    });
  },
);

test('a cancel reaches all calls that run, however many follow the signal', async () => {
  const { client, meter } = await startModel({ ...FAST, timeToFirstTokenMs: 60_000 });
  const outcomes: unknown[] = [];
  const activity = runActivity(async () => {
    const calls = Array.from({ length: 12 }, () => callModel(QUESTION, { client }));
    for (const { status, ...rest } of await Promise.allSettled(calls)) {
      outcomes.push(status === 'rejected' && 'reason' in rest ? rest.reason : status);
    }
  });
  await until(() => meter.invoice().length === 12);
  activity.cancel();
  await activity.result;
  expect(outcomes).toHaveLength(12);
  expect(outcomes.every((outcome) => outcome instanceof CancelledFailure)).toBe(true);
  await until(() => meter.invoice().every(({ closedAtMs }) => closedAtMs !== null));
});

test('embeddings leave it as it was, too', async () => {
  const { meter } = await startModel(FAST);
  const embed = openaiEmbedder(
    { kind: 'openai', model: 'text-embedding-3-small', baseUrl: meter.baseUrl, apiKeyVariable: 'NO_SUCH_KEY' },
    {},
  );
  const seen = await listenersOver(async () => {
    for (let call = 0; call < 3; call += 1) await embed(['one', 'two']);
  });
  expect(seen).toEqual({ most: 1, left: 0 });
});

describe('a signal of its own', () => {
  test('is aborted with the reason of the one it follows, also where that was aborted before', () => {
    const followed = new AbortController();
    const { signal } = ownSignal(followed.signal);
    expect(signal.aborted).toBe(false);
    followed.abort('enough');
    expect(signal.reason).toBe('enough');
    expect(ownSignal(followed.signal).signal.reason).toBe('enough');
  });

  test('hears nothing any more once it is let go, while others do', () => {
    const followed = new AbortController();
    const [gone, running] = [ownSignal(followed.signal), ownSignal(followed.signal)];
    gone.letGo();
    gone.letGo();
    followed.abort('enough');
    expect([gone.signal.aborted, running.signal.aborted]).toEqual([false, true]);
  });

  test('is let go as often as one likes, without harm to those that came later', () => {
    const followed = new AbortController();
    const first = ownSignal(followed.signal);
    first.letGo();
    const second = ownSignal(followed.signal);
    first.letGo();
    const third = ownSignal(followed.signal);
    expect(listeners(followed.signal)).toBe(1);
    second.letGo();
    third.letGo();
    expect(listeners(followed.signal)).toBe(0);
  });
});
