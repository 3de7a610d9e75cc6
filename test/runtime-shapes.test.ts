import { WorkflowFailedError } from '@temporalio/client';
import { DEFAULT_LIMITS } from '../speculation/runtime/protocol';
import {
  eventsOf,
  replay,
  scheduledActivities,
  withPipeline,
  type Activities,
  type History,
  type Script,
  type ScriptedRun,
  type Started,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';
import { untilCancelled } from './support/until-cancelled';

const temporal = useTemporal();

interface Totals {
  launched: number;
  claimed: number;
  cancelled: number;
  failed: number;
  unresolved: number;
}

/** first waits for whatever the test wants to overlap with it; all answers are functions of the arguments. */
function steps(stage: Stage, change: Record<string, (...args: never[]) => Promise<unknown>> = {}): Activities {
  return {
    first: async (input: string) => {
      stage.mark(`first ${input}`);
      return `${input}1`;
    },
    second: async (input: string) => {
      stage.mark(`second ${input}`);
      return `${input}2`;
    },
    third: async (input: string) => {
      stage.mark(`third ${input}`);
      return `${input}3`;
    },
    cleanUp: async (input: string) => {
      stage.mark(`cleanUp ${input}`);
      return `cleaned ${input}`;
    },
    ...change,
  };
}

/** `first`, which answers only when something else has begun: only a launch ahead of it lets the pipeline go on. */
function after(stage: Stage, begun: string): (input: string) => Promise<string> {
  return async (input) => {
    await stage.reached(begun);
    return `${input}1`;
  };
}

const FOLLOWERS = { second: {}, third: {} };
/** A forecast of `first` that is right for the default activities. */
const right = (args: unknown[]): Script => ({ forecasts: [`${String(args[0])}1`], downstream: FOLLOWERS });
const wrong: Script = { forecasts: ['nonsense'], downstream: FOLLOWERS };

async function start<T>(
  pipeline: string,
  args: unknown[],
  activities: Activities,
  run: ScriptedRun,
  body: (started: Started) => Promise<T>,
): Promise<{ value: T; totals: Totals; history: History }> {
  return withPipeline(await temporal.start(), pipeline, args, activities, run, async (started) => {
    const value = await body(started);
    const { totals } = await started.handle.query<{ totals: Totals }>('ledger');
    const history = await started.history();
    await replay(history);
    return { value, totals, history };
  });
}

const result = ({ handle }: Started): Promise<unknown> => handle.result();

/** Runs a pipeline with and without the runtime; the results must be the same. */
async function compare(
  pipeline: string,
  args: unknown[],
  scripts: Record<string, Script | ((args: unknown[]) => Script)>,
) {
  const plainStage = new Stage();
  const stage = new Stage();
  const server = await temporal.start();
  const plain = await withPipeline(server, pipeline, args, steps(plainStage), { runahead: false }, async (started) => ({
    value: await result(started),
    history: await started.history(),
  }));
  const ahead = await start(pipeline, args, steps(stage), { scripts }, result);
  expect(ahead.value).toEqual(plain.value);
  return { ...ahead, plainHistory: plain.history, stage, plainStage };
}

test.each([
  ['loop', ['go']],
  ['parallel', ['x']],
  ['throwing', ['x']],
  ['recovering', ['x']],
  ['withTimer', ['x']],
  ['impatient', ['x']],
  ['parent', ['x']],
])('%s gives the result of the plain run with right forecasts', async (pipeline, args) => {
  const { totals } = await compare(pipeline, args, { first: right });
  expect(totals.launched).toBe(totals.claimed + totals.cancelled + totals.failed);
});

test.each([
  ['loop', ['go']],
  ['parallel', ['x']],
  ['throwing', ['x']],
  ['recovering', ['x']],
  ['withTimer', ['x']],
  ['impatient', ['x']],
  ['parent', ['x']],
])('%s gives the result of the plain run with wrong forecasts', async (pipeline, args) => {
  const { totals } = await compare(pipeline, args, { first: wrong });
  expect(totals.claimed).toBe(0);
});

test('an agent loop runs ahead although nobody knows how many rounds it has', async () => {
  const stage = new Stage();
  const answers: Record<string, string> = { go: 'look', look: 'book', book: 'stop' };
  const { value, totals } = await start(
    'loop',
    ['go'],
    steps(stage, {
      first: async (input: string) => {
        const answer = answers[input] ?? 'stop';
        await stage.reached(`second ${answer}`);
        return answer;
      },
    }),
    { scripts: { first: ([said]) => ({ forecasts: [answers[String(said)]], downstream: { second: {} } }) } },
    result,
  );
  expect(value).toEqual(['look2', 'book2', 'stop2']);
  expect(totals).toMatchObject({ launched: 3, claimed: 3 });
});

test('calls of Promise.all are told apart by arguments and occurrence, and each launch is claimed once', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'parallel',
    ['x'],
    steps(stage, {
      first: async (input: string) => {
        await stage.reached(`second ${input}1/b`);
        return `${input}1`;
      },
    }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toEqual(['x1/a2', 'x1/b2', 'x1/a2', 'x1/a2+x1/b2+x1/a23']);
  expect(totals.launched).toBe(totals.claimed);
  expect(totals.launched).toBeGreaterThanOrEqual(3);
  expect(stage.count('second x1/a')).toBe(2);
});

test('an error that the pipeline throws reaches the caller, and its launches are closed', async () => {
  const stage = new Stage();
  const { totals } = await start(
    'failing',
    ['x'],
    steps(stage, {
      first: async () => {
        await stage.reached('second fine');
        return 'bad';
      },
    }),
    { scripts: { first: { forecasts: ['fine'], downstream: FOLLOWERS } } },
    async ({ handle }) => {
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    },
  );
  expect(totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('a failing operation that was forecast refutes the forecast, and the pipeline recovers as it does plainly', async () => {
  const stage = new Stage();
  const fail = async (): Promise<never> => {
    throw new Error('down');
  };
  const { value } = await start(
    'recovering',
    ['x'],
    steps(stage, { first: fail }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toBe('fallback2 after fallback3');
});

test('a claimed launch obeys the scope it was claimed from: a time-out of the pipeline cancels it', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'impatient',
    ['x'],
    steps(stage, {
      first: after(stage, 'second x1'),
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        await untilCancelled();
        return 'never';
      },
    }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toBe('cleaned x1');
  expect(totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('a fiber waits at a timer that the authoritative run has not set, and goes past one that has fired', async () => {
  const stage = new Stage();
  const { value, history } = await start(
    'withTimer',
    ['x'],
    steps(stage, {
      first: after(stage, 'second x1'),
    }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toBe('x123');
  expect(eventsOf(history).filter((name) => name.includes('TIMER_STARTED') || name === '17')).toHaveLength(2);
  expect(
    scheduledActivities(history)
      .filter(({ id }) => id.startsWith('spec-'))
      .map(({ type }) => type),
  ).toEqual(['second']);
});

test('a child workflow is never started early', async () => {
  const { stage, totals, history } = await compare('parent', ['x'], { first: right });
  expect(totals.launched).toBe(0);
  expect(stage.count('second x1')).toBe(1);
  expect(
    (history.events ?? []).filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes),
  ).toHaveLength(1);
});

test('signals reach the handlers of the authoritative run while fibers run, and conditions hold fibers', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'approval',
    ['x'],
    steps(stage, {
      first: after(stage, 'second x1'),
    }),
    { scripts: { first: right } },
    async ({ handle }) => {
      await stage.reached('second x1');
      expect(stage.log.some((each) => each.startsWith('third'))).toBe(false);
      await handle.signal('approve', 'ann');
      return handle.result();
    },
  );
  expect(value).toBe('x12 approved by ann3');
  expect(totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('a fiber sees the signals that came before it started', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'approvedFirst',
    ['x'],
    steps(stage, {
      first: after(stage, 'second x1 for ann'),
    }),
    { scripts: { first: right } },
    async ({ handle }) => {
      await handle.signal('approve', 'ann');
      return handle.result();
    },
  );
  expect(value).toBe('x1 for ann2');
  expect(totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('continue-as-new carries the books on, and each run goes ahead anew', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'rounds',
    [2, ''],
    steps(stage, {
      first: async (input: string) => {
        await stage.reached(`second ${input}1`);
        return `${input}1`;
      },
    }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toBe('212112012');
  expect(totals).toMatchObject({ launched: 3, claimed: 3 });
});

test('a child has books of its own, also when its parent carries some from an earlier run', async () => {
  const childId = temporal.taskQueue('child');
  const { client } = await temporal.start();
  const { value, totals } = await start(
    'growing',
    [1, 'x', childId],
    steps(new Stage()),
    { scripts: { first: right } },
    async (started) => {
      const grown = await result(started);
      const child = client.workflow.getHandle(childId);
      return { grown, child: (await child.query<{ totals: Totals & { operations: number } }>('ledger')).totals };
    },
  );
  expect(value.grown).toBe('x112');
  expect(value.child.operations).toBe(1);
  expect((totals as Totals & { operations: number }).operations).toBe(2);
});

test('cancelling the workflow cancels what was launched and runs the clean-up as usual', async () => {
  const stage = new Stage();
  const { totals } = await start(
    'cleansUp',
    ['x'],
    steps(stage, {
      first: async () => {
        await untilCancelled();
      },
    }),
    { scripts: { first: right } },
    async ({ handle }) => {
      await stage.reached('second x1');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    },
  );
  expect(stage.count('cleanUp x')).toBe(1);
  expect(totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('a terminated pipeline leaves a history that replays and books that can still be read', async () => {
  const stage = new Stage();
  const { totals } = await start(
    'waitsForever',
    ['x'],
    steps(stage, {
      first: async () => {
        await untilCancelled();
      },
    }),
    { scripts: { first: right } },
    async ({ handle }) => {
      await stage.reached('second x1');
      await handle.terminate('enough');
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    },
  );
  expect(totals.launched).toBe(1);
});

test('handlers, logs, memo, patches, clock and random numbers of a fiber stay its own', async () => {
  const stage = new Stage();
  const seconds: string[] = [];
  const { value, totals, history } = await start(
    'busy',
    ['x'],
    steps(stage, {
      first: async (input: string) => `${input}1`,
      second: async (input: string) => {
        seconds.push(input);
        return input;
      },
    }),
    { scripts: { first: right } },
    result,
  );
  expect(seconds).toContain(value);
  expect((history.events ?? []).filter((event) => event.workflowPropertiesModifiedEventAttributes)).toHaveLength(1);
  expect(totals.launched).toBe(totals.claimed + totals.cancelled + totals.failed);
});

test('what a module keeps in a variable is of one run: a fiber starts from fresh modules, as a replay does', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'countsVisits',
    ['x'],
    steps(stage, {
      first: after(stage, 'second x1 visit 1'),
    }),
    { scripts: { first: right } },
    result,
  );
  expect(value).toBe('x1 visit 12');
  expect(totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('strict mode names the call that a pipeline with state in the global object makes differently', async () => {
  const stage = new Stage();
  await withPipeline(
    await temporal.start(),
    'countsGlobally',
    ['x'],
    steps(stage),
    { scripts: {} },
    async ({ handle }) => {
      await expect(handle.result()).rejects.toMatchObject({
        cause: expect.objectContaining({
          type: 'ImpurePipeline',
          message: expect.stringContaining(
            'second is not the call that the first run made: its arguments differ at $[0]',
          ),
        }),
      });
    },
  );
});

test('with nothing worth launching a pipeline has no event that the plain one lacks but one marker for each look-up', async () => {
  const { history, plainHistory, totals } = await compare('recovering', ['x'], {
    first: { forecasts: ['x1'], downstream: { second: { effect: 'irreversible' }, third: { effect: 'irreversible' } } },
  });
  expect(totals.launched).toBe(0);
  expect(history.events?.filter((event) => event.markerRecordedEventAttributes)).toHaveLength(1);
  expect((history.events?.length ?? 0) - (plainHistory.events?.length ?? 0)).toBe(1);
});

test('with speculation off a pipeline has the events of the plain one', async () => {
  const server = await temporal.start();
  const lengths = await Promise.all(
    [true, false].map((runahead) =>
      withPipeline(
        server,
        'recovering',
        ['x'],
        steps(new Stage()),
        { runahead, settings: { enabled: false } },
        async (started) => {
          await result(started);
          return (await started.history()).events?.length;
        },
      ),
    ),
  );
  expect(lengths[0]).toBe(lengths[1]);
});

test('a launch that no worker has started within its bound falls back to a plain call', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'queued',
    ['x'],
    steps(stage, {
      // Holds the only slot until the launch behind it has been given up.
      third: async () => {
        await stage.reached('gave up');
        return 'done';
      },
    }),
    {
      scripts: { first: right },
      maxConcurrentActivities: 1,
      settings: { limits: { ...DEFAULT_LIMITS, scheduleToStartMs: 200 } },
    },
    async ({ handle }) => {
      const deadline = Date.now() + 10_000;
      for (let failed = 0; failed === 0 && Date.now() < deadline;) {
        failed = (await handle.query<{ totals: Totals }>('ledger')).totals.failed;
      }
      stage.mark('gave up');
      return handle.result();
    },
  );
  expect(value).toBe('x12 done');
  expect(totals).toMatchObject({ launched: 1, claimed: 0, failed: 1 });
  expect(stage.count('second x1')).toBe(1);
});

test('a pipeline replays at every workflow task when nothing is cached', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'parallel',
    ['x'],
    steps(stage),
    { scripts: { first: right }, maxCachedWorkflows: 0 },
    result,
  );
  expect(value).toEqual(['x1/a2', 'x1/b2', 'x1/a2', 'x1/a2+x1/b2+x1/a23']);
  expect(totals.launched).toBe(totals.claimed + totals.cancelled + totals.failed);
});

test('the knob turns while the pipeline runs, and garbage does it no harm', async () => {
  const stage = new Stage();
  const { value, totals } = await start(
    'loop',
    ['go'],
    steps(stage, {
      first: async (input: string) => {
        if (input === 'go') await stage.reached('knob turned');
        return input === 'go' ? 'look' : 'stop';
      },
    }),
    { scripts: { first: () => ({ forecasts: ['stop'], downstream: { second: {} } }) } },
    async ({ handle }) => {
      await handle.signal('setKnob', { alpha: 7, nonsense: true });
      await handle.signal('setKnob', 'garbage');
      await expect(handle.executeUpdate('setKnob', { args: [{ alpha: 7 }] })).rejects.toMatchObject({
        cause: expect.objectContaining({ message: expect.stringContaining('alpha is 7') }),
      });
      const knob = await handle.executeUpdate('setKnob', { args: [{ enabled: false }] });
      expect(knob).toMatchObject({ enabled: false });
      stage.mark('knob turned');
      return handle.result();
    },
  );
  expect(value).toEqual(['look2', 'stop2']);
  expect(totals.launched).toBeLessThanOrEqual(1);
});
