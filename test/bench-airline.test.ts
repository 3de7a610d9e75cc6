import type { Turn } from '../activities/agent-step';
import { AGENT_PROMPT, toMessages } from '../activities/agent-step';
import type { Effect } from '../bench/airline/activities';
import { AGENT_MODEL, agentModel, DRAFT_MODEL, MOST_TOKENS } from '../bench/airline/agent-model';
import { check } from '../bench/airline/checks';
import { CONTESTANTS } from '../bench/airline/contestants';
import { DRAFT_ACCURACY, draftGuesses } from '../bench/airline/draft-guesses';
import { airlineExperiment, chosen } from '../bench/airline/experiment';
import { drawnSeconds, LATENCIES } from '../bench/airline/latencies';
import { LeftOutPatterns } from '../bench/airline/left-out-patterns';
import { meanSeconds, quantileSeconds, timeShareAbove, withTail } from '../bench/airline/log-normal';
import type { MeasuredConversation } from '../bench/airline/measured-conversation';
import { airlinePolicy } from '../bench/airline/policy';
import { RecordedResults, recordingOf, standingIn, stepAfter, type Recording } from '../bench/airline/recording';
import { overheadNote, scheduledSeconds } from '../bench/airline/scheduled-seconds';
import type { Lane } from '../bench/airline/stage';
import { MissingDataError } from '../bench/measure/recorded-data';
import type { ConversationStep } from '../bench/mined/read-conversations';
import { minedForecasts } from '../speculation/mining/mined-forecasts';
import type { LocalModelRequest } from '../workers/local-model';

const SEED = 7;

/** The user names an account, the agent reads it, and then the first order of it. */
function conversation(task: number, trial: number): Recording {
  const user = `user_${task}_${trial}`;
  const order = `order-${task}-${trial}`;
  const steps: ConversationStep[] = [
    { role: 'user', content: `Hello, I am ${user}.` },
    { role: 'assistant', call: 'get_user_details', args: { user_id: user } },
    { role: 'tool', name: 'get_user_details', content: JSON.stringify({ id: user, reservations: [order] }) },
    { role: 'assistant', call: 'get_reservation_details', args: { reservation_id: order } },
    { role: 'tool', name: 'get_reservation_details', content: JSON.stringify({ order, price: 10 * task }) },
    { role: 'assistant', content: `It costs ${10 * task}. Shall I cancel it?` },
    { role: 'user', content: 'Yes.' },
    { role: 'assistant', call: 'cancel_reservation', args: { reservation_id: order } },
    { role: 'tool', name: 'cancel_reservation', content: 'done' },
    { role: 'assistant', content: 'It is cancelled.' },
    { role: 'user', content: '###STOP###' },
  ];
  return recordingOf({ scenarioId: `airline/${task}/${trial}`, task, trial, reward: 1, steps });
}

const ALL = [0, 1, 2, 3, 4, 5].flatMap((task) => [conversation(task, 0), conversation(task, 1)]);
const RECORDINGS = new Map(ALL.map((recording) => [recording.scenarioId, recording]));
const FIRST = ALL[0] as Recording;

/** What the pipeline has said and seen after some rounds. */
function transcriptAfter({ goal, rounds }: Recording, count: number): Turn[] {
  const turns: Turn[] = [{ role: 'user', text: goal }];
  for (const round of rounds.slice(0, count)) {
    if ('result' in round) {
      turns.push({ role: 'tool', tool: round.step.tool, args: round.step.args, result: round.result });
    } else {
      turns.push({ role: 'assistant', text: round.step.text });
      if (round.next !== null) turns.push({ role: 'user', text: round.next });
    }
  }
  return turns;
}

function request(
  recording: Recording,
  transcript: readonly Turn[],
  over: Partial<LocalModelRequest> = {},
): LocalModelRequest {
  const system = { role: 'system' as const, content: `${AGENT_PROMPT}\nConversation: ${recording.scenarioId}` };
  const messages = [system, ...transcript.flatMap(toMessages)];
  return { model: AGENT_MODEL, messages, tools: [], json: false, maxTokens: MOST_TOKENS, ...over };
}

describe('latencies', () => {
  test('95 % of agent steps and drafts lie in the published ranges, and the mean of the steps is near the published one', () => {
    for (const [kind, low, high] of [
      ['agent step', 5, 19],
      ['draft', 2, 3],
    ] as const) {
      const { distribution } = LATENCIES[kind];
      expect(quantileSeconds(distribution, 0.025)).toBeCloseTo(low, 3);
      expect(quantileSeconds(distribution, 0.975)).toBeCloseTo(high, 3);
    }
    expect(Math.abs(meanSeconds(LATENCIES['agent step'].distribution) / 10.04 - 1)).toBeLessThan(0.03);
  });

  test('without its cap, 4 % of the tool calls take over a minute, and 85 % of the time', () => {
    const uncapped = withTail({ thresholdSeconds: 60, shareOfCalls: 0.04, shareOfTime: 0.85 });
    expect(quantileSeconds(uncapped, 0.96)).toBeCloseTo(60, 2);
    expect(timeShareAbove(uncapped, 60)).toBeCloseTo(0.85, 5);
    const { distribution } = LATENCIES.tool;
    expect(quantileSeconds(distribution, 0.5)).toBe(quantileSeconds(uncapped, 0.5));
    expect(quantileSeconds(distribution, 0.96)).toBe(25);
  });

  test('what is drawn has the mean and the cap of its distribution', () => {
    const draws = Array.from({ length: 4_000 }, (_, index) => drawnSeconds(SEED, 'tool', index));
    const { distribution } = LATENCIES.tool;
    expect(Math.max(...draws)).toBe(25);
    const mean = draws.reduce((sum, seconds) => sum + seconds, 0) / draws.length;
    expect(Math.abs(mean / meanSeconds(distribution) - 1)).toBeLessThan(0.15);
  });

  test('a wait is the same for everybody with the same seed, and another for another call', () => {
    expect(drawnSeconds(SEED, 'tool', 'airline/0/0', 'x')).toBe(drawnSeconds(SEED, 'tool', 'airline/0/0', 'x'));
    expect(drawnSeconds(SEED, 'tool', 'airline/0/0', 'x')).not.toBe(drawnSeconds(SEED, 'tool', 'airline/0/0', 'y'));
    expect(drawnSeconds(SEED, 'tool', 'airline/0/0', 'x')).not.toBe(drawnSeconds(SEED + 1, 'tool', 'airline/0/0', 'x'));
  });
});

test('a conversation takes at least its waits, and a busy machine is told from a quiet one', () => {
  const waits = FIRST.rounds.map((_round, round) => drawnSeconds(SEED, 'agent step', FIRST.scenarioId, round, 0, 0));
  const agentSeconds = waits.reduce((sum, seconds) => sum + seconds, 0);
  const scheduled = scheduledSeconds(SEED, FIRST);
  expect(scheduled).toBeGreaterThan(agentSeconds + 30);
  expect(scheduled).toBeLessThan(agentSeconds + 30 + 3 * 25);
  expect(overheadNote([110], [100])).not.toContain('too busy');
  expect(overheadNote([130], [100])).toContain('too busy');
});

describe('recordings', () => {
  test('a transcript on the recorded path is answered with the recorded step, round by round', () => {
    const steps = FIRST.rounds.map((_round, count) => stepAfter(FIRST, transcriptAfter(FIRST, count)));
    expect(steps).toEqual(FIRST.rounds.map(({ step }) => step));
    expect(steps.map((step) => (step.kind === 'call' ? step.tool : 'reply'))).toEqual([
      'getUserDetails',
      'getReservationDetails',
      'reply',
      'cancelReservation',
      'reply',
    ]);
  });

  test('a turn that was not recorded is known as stray, and the agent goes on with what it wanted', () => {
    const stray: Turn = { role: 'tool', tool: 'listAllAirports', args: {}, result: '[]' };
    const transcript = [...transcriptAfter(FIRST, 1), stray];
    expect(standingIn(FIRST, transcript)).toEqual({ round: 1, strayTurns: 1 });
    expect(stepAfter(FIRST, transcript)).toEqual(FIRST.rounds[1]?.step);
  });

  test('results of reading are found by tool and arguments, whatever the order of the fields', () => {
    const results = new RecordedResults(ALL);
    expect(results.of('getReservationDetails', { reservation_id: 'order-3-1' })).toBe(
      '{"order":"order-3-1","price":30}',
    );
    expect(results.of('getReservationDetails', { reservation_id: 'nobody' })).toBe('Error: not found');
  });

  test('each task comes once before any comes twice', () => {
    expect(chosen(ALL, 8).map(({ scenarioId }) => scenarioId)).toEqual([
      ...[0, 1, 2, 3, 4, 5].map((task) => `airline/${task}/0`),
      'airline/0/1',
      'airline/1/1',
    ]);
  });

  test('without the data the benchmark says what is missing', async () => {
    const options = { seed: 1, data: '/nowhere', say: () => undefined };
    await expect(airlineExperiment(options)).rejects.toThrow(MissingDataError);
  });
});

describe('patterns of other tasks', () => {
  const patterns = new LeftOutPatterns(ALL);

  test('nothing of the task that is left out is in them, and all other tasks are', () => {
    for (const task of [0, 3]) {
      const others = ALL.filter((recording) => recording.task !== task);
      expect(patterns.without(task).sessions).toBe(others.length);
      const text = JSON.stringify(patterns.without(task));
      for (const trial of [0, 1]) expect(text).not.toContain(`user_${task}_${trial}`);
    }
    expect(patterns.for('airline/3/1')).toBe(patterns.without(3));
    expect(patterns.for('airline/99/0')).toBeUndefined();
  });

  test('they forecast the reservation of a user that they have never seen', () => {
    const recording = ALL[6] as Recording;
    const at = recording.session.findLastIndex(({ operation }) => operation === 'getReservationDetails') - 1;
    const asked = recording.session[at];
    const guesses = minedForecasts(
      patterns.without(recording.task),
      'agentStep',
      asked?.args ?? [],
      recording.session.slice(0, at),
      3,
    );
    expect(guesses[0]?.value).toEqual(asked?.output);
  });
});

describe('the model', () => {
  const compression = 20;
  const model = agentModel({ seed: SEED, recordings: RECORDINGS, compression });

  test('says the recorded step in the time that is drawn for it', () => {
    const reply = model(request(FIRST, transcriptAfter(FIRST, 2)));
    const recorded = FIRST.rounds[2]?.step;
    expect(reply.text).toBe(recorded?.kind === 'reply' ? recorded.text : '');
    const { ttftMs = 0, tokensPerSecond = 0 } = reply;
    const seconds = drawnSeconds(SEED, 'agent step', FIRST.scenarioId, 2, 0, 0) / compression;
    expect(ttftMs / 1000).toBeCloseTo(0.3 * seconds, 9);
    expect(tokensPerSecond * 0.7 * seconds).toBeGreaterThan(5);
    expect(model(request(FIRST, transcriptAfter(FIRST, 0))).toolCalls).toEqual([
      { name: 'getUserDetails', arguments: { user_id: 'user_0_0' } },
    ]);
  });

  test('takes another time for each copy of a call, and says the same', () => {
    const [call, copy] = [0, 1].map((number) =>
      model(request(FIRST, transcriptAfter(FIRST, 1), { maxTokens: MOST_TOKENS + number })),
    );
    expect(copy?.toolCalls).toEqual(call?.toolCalls);
    expect(copy?.ttftMs).not.toBe(call?.ttftMs);
  });

  test('drafts three guesses as JSON, in the time of a draft', () => {
    const reply = model(request(FIRST, transcriptAfter(FIRST, 1), { model: DRAFT_MODEL }));
    const guesses = JSON.parse(reply.text ?? '') as { value: unknown; confidence: number }[];
    expect(guesses).toHaveLength(3);
    expect(reply.ttftMs).toBeLessThan((0.3 * 4000) / compression);
  });

  test('drafts are right as often as published, surer where they are right, and never guess words', () => {
    const elsewhere = [{ kind: 'call' as const, tool: 'listAllAirports', args: {} }];
    const outcomes = Array.from({ length: 2_000 }, (_, seed) =>
      draftGuesses(seed, FIRST, transcriptAfter(FIRST, 1), elsewhere),
    );
    const right = FIRST.rounds[1]?.step;
    const rightAt = (rank: number): number => outcomes.filter((guesses) => guesses[rank]?.value === right).length;
    expect(rightAt(0) / outcomes.length).toBeCloseTo(DRAFT_ACCURACY.first, 1);
    expect((rightAt(0) + rightAt(1) + rightAt(2)) / outcomes.length).toBeCloseTo(DRAFT_ACCURACY.anyOfThree, 1);
    const confidence = (wanted: boolean): number => {
      const said = outcomes.flat().filter(({ value }) => (value === right) === wanted);
      return said.reduce((sum, guess) => sum + (guess.confidence ?? 0), 0) / said.length;
    };
    expect(confidence(true)).toBeGreaterThan(confidence(false) + 0.2);
    const beforeWords = draftGuesses(SEED, FIRST, transcriptAfter(FIRST, 2), elsewhere);
    expect(beforeWords.map(({ value }) => value)).toEqual([elsewhere[0], elsewhere[0], elsewhere[0]]);
  });
});

describe('what must hold', () => {
  function ran(result: string, effects: Effect[]): { lane: Lane; conversations: MeasuredConversation[] } {
    const one = { scenarioId: 'airline/0/0', workflowId: 'w', result };
    return { lane: { effects } as unknown as Lane, conversations: [one as unknown as MeasuredConversation] };
  }
  const effect: Effect = { workflowId: 'w', activityType: 'cancelReservation', input: { round: 3 }, launched: false };
  const plain = ran('{}', [effect]);
  const checked = (result: string, effects: Effect[]): ReturnType<typeof check> => {
    const own = ran(result, effects);
    return check(own.lane, own.conversations, plain.lane, plain.conversations);
  };

  test('a conversation counts as identical with the same result and the same effects only', () => {
    expect(checked('{}', [effect]).identical).toEqual({ numerator: 1, denominator: 1 });
    expect(checked('{"reply":"no"}', [effect]).identical.numerator).toBe(0);
    expect(checked('{}', [effect, effect]).identical.numerator).toBe(0);
    expect(checked('{}', []).identical.numerator).toBe(0);
  });

  test('a write ahead of its input is counted', () => {
    const { launchedEffects, writes } = checked('{}', [{ ...effect, launched: true }]);
    expect(launchedEffects).toEqual({ numerator: 1, denominator: 1 });
    expect(writes).toBe(1);
  });
});

test('every contestant has a policy file in which no write may be early', () => {
  const context = {
    recordings: RECORDINGS,
    results: new RecordedResults(ALL),
    patternsFor: () => undefined,
    compression: 10,
  };
  for (const contestant of CONTESTANTS) {
    const { operations, launchPolicy, knob } = airlinePolicy(contestant, context);
    expect(launchPolicy).toBe(contestant.policy);
    expect(knob.alpha).toBe(contestant.alpha ?? 0.5);
    expect(operations.get('bookReservation')?.effect).toBe('irreversible');
    expect(operations.get('replyToUser')?.effect).toBe('irreversible');
  }
});
