import fc from 'fast-check';
import { countOutputTokens, countPromptTokens, countTokens, tokenPieces } from '../activities/count-tokens';

describe('input tokens are what OpenAI reports for the examples in its own guide', () => {
  test('messages with names', () => {
    const example = (name: string, content: string) => ({ role: 'system', name, content });
    const messages = [
      {
        role: 'system',
        content: 'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
      },
      example('example_user', 'New synergies will help drive top-line growth.'),
      example('example_assistant', 'Things working well together will increase revenue.'),
      example(
        'example_user',
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
      ),
      example('example_assistant', "Let's talk later when we're less busy about how to do better."),
      {
        role: 'user',
        content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
      },
    ];
    expect(countPromptTokens({ messages })).toBe(124);
  });

  test('a tool with a choice of values', () => {
    const parameters = {
      type: 'object',
      properties: {
        location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
        unit: { type: 'string', description: 'The unit of temperature to return', enum: ['celsius', 'fahrenheit'] },
      },
      required: ['location'],
    };
    const description = 'Get the current weather in a given location';
    const messages = [
      { role: 'system', content: 'You are a helpful assistant that can answer to questions about the weather.' },
      { role: 'user', content: "What's the weather like in San Francisco?" },
    ];
    const tools = [{ function: { name: 'get_current_weather', description, parameters } }];
    expect(countPromptTokens({ messages, tools })).toBe(101);
  });
});

test('text in parts counts like the text in one piece, and what is not text does not count', () => {
  const parts = [{ type: 'text', text: 'Hello ' }, { type: 'image_url' }, { type: 'text', text: 'world' }];
  expect(countPromptTokens({ messages: [{ role: 'user', content: parts }] })).toBe(
    countPromptTokens({ messages: [{ role: 'user', content: 'Hello world' }] }),
  );
});

test('output tokens are those of the text and of the names and arguments of tool calls', () => {
  const toolCalls = [{ name: 'find', arguments: '{"id":7}' }];
  expect(countOutputTokens({ text: 'Look:', toolCalls })).toBe(
    countTokens('Look:') + countTokens('find') + countTokens('{"id":7}'),
  );
});

test('the pieces of any text join to the text, and are never more than its tokens', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const pieces = tokenPieces(text);
      expect(pieces.join('')).toBe(text);
      expect(pieces.length).toBeLessThanOrEqual(countTokens(text));
    }),
  );
});

test('text that looks like a control token is counted as text', () => {
  expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
});
