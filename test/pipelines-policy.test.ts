import { likelyAgentStep } from '../activities/likely-agent-step';
import type { Turn } from '../activities/agent-step';
import { shippedPolicy } from '../activities/policy';
import { shippedActivities } from '../activities/shipped';
import { keywordBucket } from '../activities/support-keywords';
import { readTools, writeTools } from '../activities/tool-agent';
import { TOOL_SCHEMAS } from '../activities/tool-schemas';
import { evaluateArithmetic } from '../activities/arithmetic';

const user = (text: string): Turn => ({ role: 'user', text });
const called = (tool: string, args: Record<string, unknown>, result: unknown): Turn => ({
  role: 'tool',
  tool,
  args,
  result: JSON.stringify(result),
});

test('every activity that ships is declared, and nothing else', () => {
  expect([...shippedPolicy.operations.keys()].sort()).toEqual(Object.keys(shippedActivities).sort());
});

test('whatever leaves the house is irreversible', () => {
  for (const name of ['sendReply', 'replyToUser', ...Object.keys(writeTools)]) {
    expect([name, shippedPolicy.operations.get(name)?.effect]).toEqual([name, 'irreversible']);
  }
});

test('a read costs nothing and may run early', () => {
  for (const name of [...Object.keys(readTools), 'lookUpAccount', 'findPolicyArticle', 'searchSources']) {
    expect(shippedPolicy.operations.get(name)).toMatchObject({ effect: 'none', cost: { kind: 'fixed', costUsd: '0' } });
  }
});

test('the agent is told about exactly the tools that exist', () => {
  expect(TOOL_SCHEMAS.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(readTools), ...Object.keys(writeTools)].sort(),
  );
});

test.each([
  ['Where is my parcel?', 'parcel'],
  ['My kiln shows E4', 'kiln'],
  ['I forgot my password', 'login'],
  ['Please refund me', 'money'],
  ['Hello', 'rest'],
])('"%s" is filed under %s', (text, bucket) => {
  expect(keywordBucket(text)).toBe(bucket);
});

describe('the likely next step of an agent', () => {
  const wish = user('I am ines_w41, please move KQ7RD2 to 2026-03-09.');
  const profile = called('getUserDetails', { user_id: 'ines_w41' }, { reservations: ['KQ7RD2', 'LB3MX8'] });
  const reservation = called(
    'getReservationDetails',
    { reservation_id: 'KQ7RD2' },
    { origin: 'OSL', destination: 'LIS' },
  );
  const none = called('searchDirectFlight', { origin: 'OSL', destination: 'LIS', date: '2026-03-09' }, []);

  test.each<[string, Turn[], unknown]>([
    ['reads the traveller first', [wish], { tool: 'getUserDetails', args: { user_id: 'ines_w41' } }],
    ['then the reservation that was named', [wish, profile], { args: { reservation_id: 'KQ7RD2' } }],
    [
      'then looks for flights of the wanted day',
      [wish, profile, reservation],
      { tool: 'searchDirectFlight', args: { origin: 'OSL', destination: 'LIS', date: '2026-03-09' } },
    ],
    [
      'tries a stop when there is no direct flight',
      [wish, profile, reservation, none],
      { tool: 'searchOnestopFlight' },
    ],
    [
      'reads all reservations when all are meant',
      [user('I am ines_w41. What do all of them cost?'), profile],
      { args: { reservation_id: 'KQ7RD2' } },
    ],
  ])('%s', (_claim, transcript, step) => {
    expect(likelyAgentStep({ transcript })).toMatchObject(step as Record<string, unknown>);
  });

  test('is unknown when nothing was named', () => {
    expect(likelyAgentStep({ transcript: [user('Hello!')] })).toBeUndefined();
  });

  test('is unknown for a tool result that is not JSON', () => {
    const broken: Turn = {
      role: 'tool',
      tool: 'getReservationDetails',
      args: { reservation_id: 'KQ7RD2' },
      result: 'Error',
    };
    expect(likelyAgentStep({ transcript: [wish, profile, broken] })).toBeUndefined();
  });
});

test.each([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['-4 / 2', -2],
  ['0.5 * 8 - 1', 3],
])('%s is %d', (expression, value) => {
  expect(evaluateArithmetic(expression)).toBe(value);
});

test.each(['', '1 +', '(1', '1 2', 'process.exit()'])('"%s" is refused as arithmetic', (expression) => {
  expect(() => evaluateArithmetic(expression)).toThrow(RangeError);
});
