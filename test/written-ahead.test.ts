import { MockActivityEnvironment } from '@temporalio/testing';
import { callModel, type ModelRequest } from '../activities/model';
import { countPromptTokens } from '../activities/count-tokens';
import { toChatParameters } from '../activities/model-request';
import { nextRequestId } from '../speculation/plugin/request-id';
import { runActivity, TEST_MODEL, useMeteredModel } from './support/model';
import { until } from './support/until';

const startModel = useMeteredModel();
const QUESTION: ModelRequest = {
  model: TEST_MODEL,
  messages: [{ role: 'user', content: 'Where is my kiln? '.repeat(9) }],
};
const PROMPT_TOKENS = countPromptTokens(toChatParameters(QUESTION));
const FAST = { timeToFirstTokenMs: 0, tokensPerSecond: 5000 };

describe('a request', () => {
  test('has a bill for its prompt at the first heartbeat, before the first token, under the client’s own id', async () => {
    const { client, meter } = await startModel({ timeToFirstTokenMs: 60_000, script: () => ({ text: 'Late.' }) });
    const activity = runActivity(() => callModel(QUESTION, { client, beatIntervalMs: 60_000 }));
    await until(() => activity.beats() === 1);
    expect(activity.books()).toMatchObject([
      { estimated: true, tokens: { inputTokens: PROMPT_TOKENS, outputTokens: 0 }, attempt: 1 },
    ]);
    expect(activity.books()[0]!.requestId).toMatch(/^[^/]*\/[^/]+\/1\/1$/);
    await until(() => meter.invoice().length === 1);
    expect(meter.invoice()[0]!.clientRequestId).toBe(activity.books()[0]!.requestId);
    activity.cancel();
    await expect(activity.result).rejects.toThrow();
  });

  test('has one bill: first under the client’s id, later under the provider’s, with both known', async () => {
    const { client, meter } = await startModel({ ...FAST, script: () => ({ text: 'On Tuesday.' }) });
    const activity = runActivity(async () => {
      await callModel(QUESTION, { client });
      await callModel(QUESTION, { client });
    });
    await activity.result;
    const ids = activity.books().map(({ requestId, clientRequestId }) => ({ requestId, clientRequestId }));
    expect(ids).toEqual(meter.invoice().map(({ requestId, clientRequestId }) => ({ requestId, clientRequestId })));
    expect(ids.map(({ clientRequestId }) => clientRequestId?.split('/').slice(2))).toEqual([
      ['1', '1'],
      ['1', '2'],
    ]);
  });

  test('that the provider refuses after it was made known leaves no bill', async () => {
    const { client } = await startModel({
      ...FAST,
      script: () => ({ text: 'Never.' }),
      faults: () => ({ kind: 'error', status: 500 }),
    });
    const activity = runActivity(() => callModel(QUESTION, { client }));
    await expect(activity.result).rejects.toThrow();
    expect(activity.beats()).toBe(1);
    expect(activity.books()).toEqual([]);
  });
});

describe('an id of a request', () => {
  const idOf = (activityId: string, attempt = 1): Promise<string[]> =>
    new MockActivityEnvironment({ activityId, attempt }).run(() => Promise.resolve([nextRequestId(), nextRequestId()]));

  test('says run, activity, attempt and number, the same every time', async () => {
    const { runId } = new MockActivityEnvironment().context.info.workflowExecution!;
    expect(await idOf('spec-3', 2)).toEqual([`${runId}/spec-3/2/1`, `${runId}/spec-3/2/2`]);
    expect(await idOf('spec-3', 2)).toEqual(await idOf('spec-3', 2));
  });

  test.each(['a/b', 'Größe', '火', 'x'.repeat(1000), '火'.repeat(300)])(
    'is printable ASCII of at most 512 characters with four parts for the activity %#',
    async (activityId) => {
      const [id = ''] = await idOf(activityId);
      expect(id).toMatch(/^[\x21-\x7e]{1,512}$/);
      expect(id.split('/')).toHaveLength(4);
      expect(id).toMatch(/\/1\/1$/);
    },
  );

  test('differs for long activities that differ only at the end', async () => {
    expect(await idOf(`${'x'.repeat(900)}1`)).not.toEqual(await idOf(`${'x'.repeat(900)}2`));
  });

  test('is random outside of an activity', () => {
    expect(nextRequestId()).not.toBe(nextRequestId());
  });
});
