import { ApplicationFailure } from '@temporalio/common';
import { OpenAI } from 'openai';
import { callModel, type ModelRequest } from '../activities/model';
import { callResponse } from '../activities/response-call';
import { runActivity, TEST_MODEL } from './support/model';

const QUESTION: ModelRequest = {
  model: TEST_MODEL,
  messages: [{ role: 'user', content: 'Where is my kiln?' }],
  tools: [{ name: 'track', description: 'Tracks.', parameters: { type: 'object', properties: {} } }],
};

/** A provider that calls the tool with this text, as no honest model would write it. */
function clientSaying(events: readonly object[]): OpenAI {
  const body = `${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;
  return new OpenAI({
    apiKey: 'none',
    maxRetries: 0,
    logLevel: 'off',
    fetch: () => Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })),
  });
}

const overChat = (text: string): OpenAI =>
  clientSaying([
    {
      id: 'chatcmpl-1',
      choices: [
        { index: 0, delta: { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'track', arguments: text } }] } },
      ],
    },
    { id: 'chatcmpl-1', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  ]);

const overResponses = (text: string): OpenAI => {
  const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'track' };
  return clientSaying([
    { type: 'response.created', response: { id: 'resp-1' } },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, arguments: '' } },
    { type: 'response.function_call_arguments.delta', output_index: 0, delta: text },
    { type: 'response.output_item.done', output_index: 0, item: { ...item, arguments: text } },
    { type: 'response.completed', response: { id: 'resp-1' } },
  ]);
};

describe.each([
  ['chat completions', callModel, overChat],
  ['the Responses API', callResponse, overResponses],
])('arguments of a tool call over %s', (_, ask, clientFor) => {
  const call = (text: string) => runActivity(() => ask(QUESTION, { client: clientFor(text) }));

  test.each([
    ['{"order":"A-1","parts":[1,2]}', { order: 'A-1', parts: [1, 2] }],
    ['', {}],
  ])('are read: %j', async (text, expected) => {
    const { toolCalls } = await call(text).result;
    expect(toolCalls).toEqual([{ id: 'call_1', name: 'track', arguments: expected }]);
  });

  test.each([
    ['{"order":"A-1","order":"B-2"}', /the key "order" again/],
    ['{"order":{"id":1,"\\u0069d":2}}', /the key "id" again/],
    ['{"order":"A-1"', /before the document is complete/],
    ['["A-1"]', /not a JSON object: \["A-1"\]$/],
  ])('that are no object with each key once are refused, retried and billed: %j', async (text, message) => {
    const activity = call(text);
    const failure: unknown = await activity.result.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'MODEL_TOOL_CALL_INVALID',
      nonRetryable: false,
      message: expect.stringMatching(message) as string,
    });
    expect(activity.books()).toHaveLength(1);
  });
});
