import { shapeProblems } from '../bench/streaming/shape-report';
import { streamingExperiment } from '../bench/streaming/experiment';
import { finalOffset, NoSuchFieldError } from '../bench/streaming/final-offset';
import { schedule, ScheduleError, type TimedCall } from '../bench/streaming/ideal-schedule';
import { replyTimes } from '../bench/streaming/scripted-reply';
import type { ShapeInput, StreamingShape } from '../bench/streaming/shape';
import { STREAMING_SHAPES } from '../bench/streaming/suite';
import { canonicalJson } from '../speculation/forecast/canonical-json';
import type { JsonPath } from '../speculation/forecast/partial-value';
import { JsonFields } from '../speculation/streams/json-fields';

describe('when a field is final', () => {
  test('is when its last character is there, and one later for a number', () => {
    const document = { a: 'x', b: [1, true, 'é"'], c: {} };
    const text = JSON.stringify(document);
    const read = (path: JsonPath): string => text.slice(0, finalOffset(document, path));
    expect(read(['a'])).toBe('{"a":"x"');
    expect(read(['b', 0])).toBe('{"a":"x","b":[1,');
    expect(read(['b', 1])).toBe('{"a":"x","b":[1,true');
    expect(read(['b'])).toBe('{"a":"x","b":[1,true,"é\\""]');
    expect(read([])).toBe(text);
    expect(() => read(['b', 3])).toThrow(NoSuchFieldError);
  });

  test('agrees with what the streams announce, in every answer of the suite', () => {
    let compared = 0;
    for (const { shape, call, operation } of modelCalls()) {
      const reply = operation.reply(call.input as never);
      if (!('json' in reply)) continue;
      const announced = announcedAt(JSON.stringify(reply.json));
      for (const { call: needed, path } of shape.calls(INPUT).flatMap(({ needs }) => needs)) {
        if (needed !== call.id || path === undefined) continue;
        expect([path, announced.get(JSON.stringify(path))]).toEqual([path, finalOffset(reply.json, path)]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(80);
  });
});

describe('the perfect scheduler', () => {
  const stream: TimedCall = {
    id: 'list',
    needs: [],
    seconds: 10,
    // Element i is final after i + 1 seconds.
    finalAfterSeconds: ([, index]) => Number(index) + 1,
  };
  const each = (index: number, seconds: number, rest: Partial<TimedCall> = {}): TimedCall => ({
    id: `call ${index}`,
    needs: [{ call: 'list', path: ['items', index] }],
    seconds,
    ...rest,
  });

  test('starts each call the moment its inputs are final; the plain pipeline waits for whole outputs', () => {
    const calls = [stream, each(0, 3), each(4, 7)];
    expect(schedule(calls, 'final')).toEqual({
      calls: [
        { id: 'list', startSeconds: 0, endSeconds: 10 },
        { id: 'call 0', startSeconds: 1, endSeconds: 4 },
        { id: 'call 4', startSeconds: 5, endSeconds: 12 },
      ],
      seconds: 12,
    });
    expect(schedule(calls, 'complete').seconds).toBe(17);
  });

  test('never starts what the program has not come to', () => {
    const after = each(1, 2, { needs: [{ call: 'list', path: ['items', 1] }, { call: 'call 0' }] });
    const ends = (rule: 'final' | 'complete'): number => schedule([stream, each(0, 6), after], rule).seconds;
    // 1 + 6 + 2 is before the end of the stream.
    expect(ends('final')).toBe(10);
    expect(ends('complete')).toBe(18);
  });

  test('keeps to the number of calls that the program makes at a time, in their order', () => {
    const atMost = { name: 'searches', calls: 2 };
    const calls = [stream, ...[0, 1, 2].map((index) => each(index, 5, { atMost }))];
    // The third waits for the place of the first: 1 + 5.
    expect(schedule(calls, 'final').calls.map(({ startSeconds }) => startSeconds)).toEqual([0, 1, 2, 6]);
    expect(schedule(calls, 'complete').seconds).toBe(20);
  });

  test('follows a call that is itself started early', () => {
    const second = { ...each(0, 4), finalAfterSeconds: () => 0.5 };
    const third: TimedCall = { id: 'third', needs: [{ call: 'call 0', path: ['query'] }], seconds: 1 };
    expect(schedule([stream, second, third], 'final').calls.at(-1)).toEqual({
      id: 'third',
      startSeconds: 1.5,
      endSeconds: 2.5,
    });
  });

  test('refuses descriptions that make no sense', () => {
    const loop: TimedCall = { id: 'call 0', needs: [{ call: 'call 0' }], seconds: 1 };
    expect(() => schedule([loop], 'final')).toThrow(ScheduleError);
    expect(() => schedule([each(0, 1)], 'final')).toThrow(/needs "list", and there is no such call/);
    expect(() => schedule([stream, stream], 'final')).toThrow(ScheduleError);
  });

  test('takes the times of an answer from the pace of its tokens', () => {
    const reply = { json: { a: 'one', b: 'two' }, firstTokenSeconds: 1, tokensPerSecond: 10 };
    const { seconds, finalAfterSeconds } = replyTimes(reply);
    // {" a ":" one "," b ":" two "}: nine tokens, the first after one second, then one each 0.1 s.
    expect(finalAfterSeconds(['a'])).toBeCloseTo(1.4, 6);
    expect(finalAfterSeconds([])).toBeCloseTo(1.8, 6);
    expect(seconds).toBeCloseTo(1.9, 6);
  });
});

describe('the suite', () => {
  test('has at least ten shapes with names and activities of their own', () => {
    expect(STREAMING_SHAPES.length).toBeGreaterThanOrEqual(10);
    const activities = STREAMING_SHAPES.flatMap(({ operations }) => Object.keys(operations));
    expect(new Set(activities).size).toBe(activities.length);
    expect(new Set(STREAMING_SHAPES.map(({ name }) => name)).size).toBe(STREAMING_SHAPES.length);
  });

  test.each(STREAMING_SHAPES.map((shape) => [shape.name, shape] as const))(
    '%s: the pipeline makes the very calls of its description',
    async (_, shape) => {
      const described = shape.calls(INPUT).map(({ operation, input }) => canonicalJson([operation, input]));
      expect((await callsOf(shape)).sort()).toEqual(described.sort());
    },
  );
});

describe('runahead bench streaming', () => {
  test('gives identical results on a real server, and final fields lead to no waste', async () => {
    const shapes = STREAMING_SHAPES.filter(({ name }) => name === 'branch' || name === 'lateField');
    const { report, text } = await streamingExperiment({ runs: 1, seed: 7, say: () => undefined }, shapes);
    expect(report.shapes.map(({ name }) => name)).toEqual(['branch', 'lateField']);
    for (const shape of report.shapes) {
      expect(shape).toMatchObject({ identicalResults: true, wasteUsd: '0', finalFieldWasteUsd: '0', runs: 1 });
      expect(shape.pairs.flatMap(({ strayCalls }) => strayCalls)).toEqual([]);
      // Both sides made the same calls, so they cost the same.
      expect(shape.runaheadUsd).toBe(shape.plainUsd);
      expect(Number(shape.plainUsd)).toBeGreaterThan(0);
    }
    const [branch, lateField] = report.shapes;
    expect(branch?.hits).toEqual({ numerator: 2, denominator: 2 });
    expect(branch?.shareOfIdeal).not.toBeNull();
    expect(lateField?.shareOfIdeal).toBeNull();
    expect(text).toContain('no gain');

    const bad = { ...branch!, fields: 'early' as const, shareOfIdeal: 0.5, finalFieldWasteUsd: '0.01' };
    const pairs = bad.pairs.map((pair) => ({ ...pair, identical: false, strayCalls: ['branchSort'] }));
    expect(shapeProblems({ ...bad, pairs })).toEqual([
      'branch: 1 of 1 results differ from the plain run',
      'branch: the pipeline does not make the calls of its description: branchSort',
      'branch: final fields led to waste, 0.01 dollars a pipeline',
      'branch: 50.0 % of the ideal saving, less than 90 %',
    ]);
  }, 120_000);
});

const INPUT: ShapeInput = { case: 'test' };

function modelCalls() {
  return STREAMING_SHAPES.flatMap((shape) =>
    shape.calls(INPUT).flatMap((call) => {
      const operation = shape.operations[call.operation];
      return operation?.kind === 'model' ? [{ shape, call, operation }] : [];
    }),
  );
}

/** After how many characters each place is final, by its path. */
function announcedAt(text: string): Map<string, number> {
  const fields = new JsonFields();
  const announced = new Map<string, number>();
  for (let index = 0; index < text.length; index += 1) {
    for (const change of fields.add(text.charAt(index))) {
      if ('is' in change || 'closes' in change) announced.set(JSON.stringify(change.at), index + 1);
    }
  }
  return announced;
}

/** Runs the workflow function outside of a workflow, with activities that answer at once. */
async function callsOf(shape: StreamingShape): Promise<string[]> {
  const calls: string[] = [];
  const answer = (name: string, input: never): unknown => {
    const operation = shape.operations[name];
    if (operation === undefined) throw new Error(`${shape.name} has no operation ${name}`);
    if (operation.kind === 'tool') return operation.result(input);
    const reply = operation.reply(input);
    return 'json' in reply ? reply.json : { calls: reply.toolCalls };
  };
  const activities = new Proxy(
    {},
    {
      get: (_, name) => (input: never) => {
        calls.push(canonicalJson([String(name), input]));
        return Promise.resolve(JSON.parse(JSON.stringify(answer(String(name), input))) as unknown);
      },
    },
  );
  let pipelines: Record<string, (input: ShapeInput) => Promise<unknown>> = {};
  jest.isolateModules(() => {
    jest.doMock('@temporalio/workflow', () => ({ proxyActivities: () => activities }));
    pipelines = jest.requireActual('../bench/streaming/workflows');
  });
  await pipelines[shape.name]?.(INPUT);
  jest.dontMock('@temporalio/workflow');
  return calls;
}
