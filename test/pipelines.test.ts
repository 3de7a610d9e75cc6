import { Worker } from '@temporalio/worker';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliveredEffects } from '../activities/outbox';
import { readRecordedConversations, RecordingsUnavailableError } from '../activities/recorded-conversations';
import { shippedActivities } from '../activities/shipped';
import { scriptedAnswer } from '../workers/sample-model/script';
import { TRAVEL_GOALS } from '../bench/scenarios/travel-requests';
import { startLocalModel, type LocalModel } from '../workers/local-model';
import { autoReply, research, toolAgent } from '../workflows';
import { useTemporal } from './support/temporal';

let model: LocalModel;
let folder: string;
let worker: Worker;
let run: Promise<void>;

// Declared before the server's own: the worker must be gone when the connection closes.
afterAll(async () => {
  worker.shutdown();
  await run;
  await model.stop();
  await rm(folder, { recursive: true, force: true });
});

const temporal = useTemporal();
const taskQueue = temporal.taskQueue('pipelines');

/** A recorded conversation of our own making, in the format of the recordings. */
const RECORDING = {
  task_id: 3,
  trial: 1,
  reward: 1,
  steps: [
    { role: 'user', content: 'Please look at ZZ9ZZ9.' },
    { role: 'assistant', content: 'Who are you?' },
    { role: 'user', content: 'I am someone_else_1234.' },
    { role: 'assistant', call: 'get_user_details', args: { user_id: 'someone_else_1234' } },
    { role: 'tool', name: 'get_user_details', content: '{"name": "Someone Else"}' },
    { role: 'assistant', call: 'cancel_reservation', args: { reservation_id: 'ZZ9ZZ9' } },
    { role: 'tool', name: 'cancel_reservation', content: '{"status": "cancelled"}' },
    { role: 'assistant', content: 'Cancelled.' },
    { role: 'user', content: 'Thanks! ###STOP###' },
  ],
};

beforeAll(async () => {
  const { nativeConnection } = await temporal.start();
  model = await startLocalModel({
    script: (request) => ({ ...scriptedAnswer(request), ttftMs: 1, tokensPerSecond: 10_000 }),
  });
  folder = await mkdtemp(join(tmpdir(), 'runahead-recordings-'));
  await writeFile(join(folder, 'sample.jsonl'), `${JSON.stringify(RECORDING)}\n`);
  process.env['OPENAI_BASE_URL'] = model.baseUrl;
  process.env['RUNAHEAD_AIRLINE_DATA'] = folder;
  worker = await Worker.create({
    connection: nativeConnection,
    taskQueue,
    workflowsPath: require.resolve('../workflows'),
    activities: shippedActivities,
  });
  run = worker.run();
});

async function execute<Input, Output>(pipeline: (input: Input) => Promise<Output>, input: Input): Promise<Output> {
  const { client } = await temporal.start();
  const workflowId = `${pipeline.name}-${Math.random().toString(36).slice(2)}`;
  return client.workflow.execute(pipeline, { taskQueue, workflowId, args: [input] });
}

const effectsOf = (key: string): unknown[] =>
  deliveredEffects().filter((effect) => effect.key === key || effect.key.startsWith(`${key}/`));

describe('autoReply', () => {
  test.each([
    ['My parcel has not moved for three days, where is it?', 'shipping'],
    ['You took money for four seats although we are three.', 'account'],
    ['My kiln stops at 600 degrees and shows E4.', 'technical'],
    ['How is the weather?', 'other'],
  ])('answers "%s" as a matter of %s and sends the reply once', async (text, route) => {
    const messageId = `message-of-${route}`;
    const result = await execute(autoReply, { messageId, customerId: 'customer-04', text: `${text} (order 4711)` });
    expect(result).toMatchObject({ route, sent: true });
    expect(result.reply).toContain('order 4711');
    expect(effectsOf(messageId)).toEqual([
      { kind: 'reply', key: messageId, content: { to: 'customer-04', reply: result.reply } },
    ]);
  });

  test('revises a draft that does not pass, and sends only the revision', async () => {
    const texts = Array.from(
      { length: 12 },
      (_, order) => `Please refund the second sponge set, I ordered it by mistake. (order ${order})`,
    );
    const results = await Promise.all(
      texts.map((text, index) => execute(autoReply, { messageId: `batch-${index}`, customerId: 'customer-11', text })),
    );
    const revised = results.filter(({ verdict }) => verdict === 'revise');
    expect(revised.length).toBeGreaterThan(0);
    expect(revised.length).toBeLessThan(results.length);
    for (const { verdict, reply } of results) expect(reply.startsWith('Once more')).toBe(verdict === 'revise');
  });
});

describe('toolAgent', () => {
  test('finishes every sample scenario', async () => {
    const outcomes = await Promise.all(
      TRAVEL_GOALS.map((goal, index) => execute(toolAgent, { scenarioId: `sample/${index}`, goal, maxSteps: 12 })),
    );
    expect(outcomes).toHaveLength(14);
    for (const [index, outcome] of outcomes.entries()) {
      expect({ goal: TRAVEL_GOALS[index], finished: outcome.finished }).toMatchObject({ finished: true });
      expect(effectsOf(`sample/${index}`)).toContainEqual(expect.objectContaining({ content: outcome.reply }));
    }
  });

  test('puts one bag more on a reservation', async () => {
    const goal = 'This is tomas_b17. Please put 1 bags on my reservation PF5TN9.';
    const outcome = await execute(toolAgent, { scenarioId: 'bags', goal, maxSteps: 12 });
    expect(outcome.calls.filter((tool) => tool !== 'think').sort()).toEqual([
      'getReservationDetails',
      'getUserDetails',
      'updateReservationBaggages',
    ]);
    expect(outcome.reply).toBe('Your reservation now has 1 bags.');
  });

  test('stops after the given number of steps', async () => {
    const goal = 'I am priya_k29. What do all my reservations cost together?';
    const outcome = await execute(toolAgent, { scenarioId: 'short', goal, maxSteps: 2 });
    expect(outcome).toMatchObject({ finished: false, reply: null });
    expect(outcome.calls).toHaveLength(2);
  });

  test('replays a recorded conversation with its recorded results', async () => {
    const outcome = await execute(toolAgent, {
      scenarioId: 'airline/3/1',
      goal: 'Please look at ZZ9ZZ9.',
      maxSteps: 30,
    });
    expect(outcome).toEqual({ finished: true, reply: 'Cancelled.', calls: ['getUserDetails', 'cancelReservation'] });
    expect(effectsOf('airline/3/1')).toEqual([
      { kind: 'reply', key: 'airline/3/1/0', content: 'Who are you?' },
      { kind: 'cancelReservation', key: 'airline/3/1/2', content: { reservation_id: 'ZZ9ZZ9' } },
      { kind: 'reply', key: 'airline/3/1/3', content: 'Cancelled.' },
    ]);
  });
});

describe('research', () => {
  test('plans as many searches as asked for, and writes from their notes', async () => {
    const result = await execute(research, { question: 'Which kiln suits a small studio?', depth: 3 });
    expect(result.queries).toEqual(['electric kilns at home', 'gas kilns and reduction', 'wood kilns and their crews']);
    expect(result.report).toContain('Which kiln suits a small studio?');
  });

  test('still answers a question that the library knows nothing about', async () => {
    const result = await execute(research, { question: 'Xyzzy?', depth: 2 });
    expect(result.report).toContain('Xyzzy?');
  });
});

test('a folder without recordings is refused with the way out', () => {
  expect(() => readRecordedConversations('/nowhere/at/all')).toThrow(RecordingsUnavailableError);
  expect(() => readRecordedConversations('/nowhere/at/all')).toThrow(/--airline DIR or RUNAHEAD_AIRLINE_DATA/);
});
