import type { EquivalenceRequest } from '../speculation/runtime/equivalence-protocol';
import {
  eventsOf,
  replay,
  scheduledActivities,
  withPipeline,
  type Activities,
  type ScriptedRun,
  type Started,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

interface Books {
  totals: { launched: number; claimed: number; cancelled: number; failed: number; costUsd: string; draftUsd: string };
  entries: { id: string; kind: string; state: string; operation: string; match?: string }[];
}

/** Texts are equivalent when they differ in nothing but case. */
const sameLetters = ({ forecast, actual }: EquivalenceRequest): boolean =>
  String(forecast).toLowerCase() === String(actual).toLowerCase();

/** `first` is forecast as GUESS and answers `actual` once the launch of `second` has started. */
function activities(stage: Stage, actual: string): Activities {
  return {
    first: async () => {
      await stage.reached('second GUESS');
      return actual;
    },
    second: async (input: string) => {
      stage.mark(`second ${input}`);
      return `${input}2`;
    },
    third: async (input: string) => {
      stage.mark(`third ${input}`);
      return `${input}3`;
    },
  };
}

function scripts(kind: 'function' | 'embedding', acceptsEquivalent = true): NonNullable<ScriptedRun['scripts']> {
  return {
    first: { forecasts: ['GUESS'], equivalence: kind, downstream: { second: { acceptsEquivalent } } },
  };
}

async function run(
  given: Activities,
  scripted: ScriptedRun,
  { pipeline = 'waitsForever', args = ['x'] as unknown[], body = (started: Started) => started.handle.result() } = {},
) {
  return withPipeline(await temporal.start(), pipeline, args, given, scripted, async (started) => {
    const result: unknown = await body(started);
    const ledger = await started.handle.query<Books>('ledger');
    const decisions =
      await started.handle.query<{ phase: string; outcome: { forecast: string | null; launch: string | null } }[]>(
        'decisions',
      );
    const outcomes = decisions.filter(({ outcome }) => outcome.launch !== null).map(({ outcome }) => outcome.forecast);
    const { handle } = started;
    const history = await handle.client.getHandle(handle.workflowId, handle.firstExecutionRunId).fetchHistory();
    await replay(history);
    return { result, ledger, history, outcomes, observations: started.observations };
  });
}

const edges = (observations: Started['observations']): object[] =>
  observations.flatMap((each) =>
    each.kind === 'edge' ? [{ downstream: each.downstream, success: each.success, tier: each.tier ?? 1 }] : [],
  );
const markers = (history: Parameters<typeof eventsOf>[0]): number =>
  (history.events ?? []).filter(({ markerRecordedEventAttributes }) => markerRecordedEventAttributes).length;

describe.each(['function', 'embedding'] as const)('compared by %s', (kind) => {
  test(`an equivalent forecast lets its launch be claimed where the edge accepts it (${kind})`, async () => {
    const stage = new Stage();
    const asked: EquivalenceRequest[] = [];
    const { result, ledger, history, outcomes, observations } = await run(activities(stage, 'guess'), {
      scripts: scripts(kind),
      equivalent: (request) => {
        asked.push(request);
        return sameLetters(request);
      },
    });
    // The plain run says guess2: the one difference is that second was called with the equivalent input.
    expect(result).toBe('GUESS2');
    expect(stage.log).toEqual(['second GUESS']);
    expect(asked).toEqual([{ pipeline: 'waitsForever', activityType: 'first', forecast: 'GUESS', actual: 'guess' }]);
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0, failed: 0 });
    expect(ledger.entries).toContainEqual(expect.objectContaining({ operation: 'second', match: 'equivalent' }));
    expect(edges(observations)).toEqual([{ downstream: 'second', success: true, tier: 2 }]);
    expect(outcomes).toEqual(['equivalent']);
    const judges = scheduledActivities(history).filter(({ id }) => id.startsWith('judge-'));
    expect(judges).toHaveLength(kind === 'embedding' ? 1 : 0);
    expect(markers(history)).toBe(kind === 'embedding' ? 1 : 2);
  });

  test(`a forecast that is not equivalent is refuted and the call is made (${kind})`, async () => {
    const stage = new Stage();
    const { result, ledger, outcomes, observations } = await run(activities(stage, 'other'), {
      scripts: scripts(kind),
      equivalent: sameLetters,
    });
    expect(result).toBe('other2');
    expect(stage.log).toEqual(['second GUESS', 'second other']);
    expect(outcomes).toEqual(['wrong']);
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
    expect(edges(observations)).toEqual([{ downstream: 'second', success: false, tier: 1 }]);
  });

  test(`where the comparison fails the call is made (${kind})`, async () => {
    const stage = new Stage();
    const { result, ledger, observations } = await run(activities(stage, 'guess'), { scripts: scripts(kind) });
    expect(result).toBe('guess2');
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
    expect(edges(observations)).toEqual([{ downstream: 'second', success: false, tier: 1 }]);
  });

  test(`where the comparison is slow the call is made (${kind})`, async () => {
    const stage = new Stage();
    const { result, ledger } = await run(activities(stage, 'guess'), {
      scripts: scripts(kind),
      equivalent: async () => {
        await stage.reached('second guess');
        return true;
      },
    });
    expect(result).toBe('guess2');
    expect(stage.log).toEqual(['second GUESS', 'second guess']);
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
  });

  test(`nothing is compared, and no event added, where the edge does not accept equivalents (${kind})`, async () => {
    const stage = new Stage();
    const asked: unknown[] = [];
    const equivalent = (request: EquivalenceRequest): boolean => asked.push(request) > 0;
    const outcome = await run(activities(stage, 'guess'), { scripts: scripts(kind, false), equivalent });
    const without = await run(activities(new Stage(), 'guess'), {
      scripts: { first: { forecasts: ['GUESS'], downstream: { second: {} } } },
    });
    expect(outcome.result).toBe('guess2');
    expect(asked).toEqual([]);
    expect(eventsOf(outcome.history).sort()).toEqual(eventsOf(without.history).sort());
    expect(edges(outcome.observations)).toEqual([{ downstream: 'second', success: false, tier: 1 }]);
  });

  test(`an exact forecast is claimed as ever and nothing is compared (${kind})`, async () => {
    const stage = new Stage();
    const { result, ledger, observations } = await run(activities(stage, 'GUESS'), { scripts: scripts(kind) });
    expect(result).toBe('GUESS2');
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
    expect(ledger.entries.some(({ match }) => match !== undefined)).toBe(false);
    expect(edges(observations)).toEqual([{ downstream: 'second', success: true, tier: 1 }]);
  });

  test(`equivalent claims replay at every workflow task when nothing is cached (${kind})`, async () => {
    const stage = new Stage();
    const { result, ledger } = await run(
      {
        ...activities(stage, 'guess'),
        second: async (input: string) => {
          stage.mark(`second ${input}`);
          await stage.reached('compared');
          return `${input}2`;
        },
      },
      {
        scripts: scripts(kind),
        maxCachedWorkflows: 0,
        equivalent: (request) => {
          stage.mark('compared');
          return sameLetters(request);
        },
      },
    );
    expect(result).toBe('GUESS2');
    expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
  });
});

test('a launch that other news would have changed is not claimed by equivalence, and nothing is compared', async () => {
  const stage = new Stage();
  const asked: unknown[] = [];
  const { result, ledger } = await run(
    {
      first: async () => {
        await stage.reached('second GUESS by nobody');
        await stage.reached('approved');
        return 'guess';
      },
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        return `${input}2`;
      },
    },
    {
      scripts: scripts('function'),
      equivalent: (request) => asked.push(request) > 0,
    },
    {
      pipeline: 'signed',
      body: async ({ handle }) => {
        await stage.reached('second GUESS by nobody');
        await handle.signal('approve', 'Ada');
        stage.mark('approved');
        return handle.result();
      },
    },
  );
  expect(result).toBe('guess by Ada2');
  expect(asked).toEqual([]);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('calls side by side are each told by their place, and compared once', async () => {
  const stage = new Stage();
  const asked: unknown[] = [];
  const { result, ledger } = await run(
    {
      first: async () => {
        for (const name of ['a', 'b']) await stage.reached(`second GUESS/${name}`);
        return 'guess';
      },
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        return `${input}2`;
      },
      third: async (input: string) => input,
    },
    {
      scripts: scripts('embedding'),
      equivalent: (request) => {
        asked.push(request);
        return sameLetters(request);
      },
    },
    { pipeline: 'parallel' },
  );
  expect(result).toEqual(['GUESS/a2', 'GUESS/b2', 'GUESS/a2', 'GUESS/a2+GUESS/b2+GUESS/a2']);
  expect(asked).toHaveLength(1);
  expect(ledger.totals).toMatchObject({ launched: 3, claimed: 3, cancelled: 0 });
});

test('the pipeline runs ahead of the real call while an equivalent launch stands for it', async () => {
  const stage = new Stage();
  const { result, ledger } = await run(
    {
      first: async () => {
        await stage.reached('second GUESS');
        return 'guess';
      },
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        await stage.reached('third GUESS2');
        return `${input}2`;
      },
      third: async (input: string) => {
        stage.mark(`third ${input}`);
        return `${input}3`;
      },
    },
    {
      scripts: {
        ...scripts('function'),
        second: ([input]) =>
          input === 'guess' ? { forecasts: ['GUESS2'], downstream: { third: {} } } : { downstream: {} },
      },
      equivalent: sameLetters,
    },
    { pipeline: 'threeSteps' },
  );
  expect(result).toBe('GUESS23');
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 2, cancelled: 0 });
});

test('the same two outputs are compared once in a pipeline, and each launch on them is claimed', async () => {
  const stage = new Stage();
  const asked: unknown[] = [];
  let launched = 0;
  const { result, ledger } = await run(
    {
      first: async () => {
        launched += 1;
        await stage.reached(`second GUESS ${launched}`);
        return 'guess';
      },
      second: async (input: string) => {
        stage.mark(`second ${input} ${stage.log.length + 1}`);
        return `${input}2`;
      },
    },
    {
      scripts: scripts('embedding'),
      equivalent: (request) => {
        asked.push(request);
        return sameLetters(request);
      },
    },
    { pipeline: 'twice' },
  );
  expect(result).toBe('GUESS2 GUESS2');
  expect(stage.log).toEqual(['second GUESS 1', 'second GUESS 2']);
  expect(asked).toHaveLength(1);
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 2, cancelled: 0 });
});

test('what was launched on the answer of an equivalent launch is claimed in turn', async () => {
  const stage = new Stage();
  const accepts = { acceptsEquivalent: true };
  const { result, ledger } = await run(
    {
      ...activities(stage, 'guess'),
      first: async () => {
        await stage.reached('third GUESS+GUESS2');
        return 'guess';
      },
    },
    {
      scripts: {
        first: { forecasts: ['GUESS'], equivalence: 'function', downstream: { second: accepts, third: accepts } },
      },
      equivalent: sameLetters,
    },
    { pipeline: 'sumsUp' },
  );
  expect(result).toBe('GUESS+GUESS23');
  expect(stage.log).toEqual(['second GUESS', 'third GUESS+GUESS2']);
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 2, cancelled: 0 });
});

test('a chain of launches on one equivalent forecast is claimed link by link', async () => {
  const stage = new Stage();
  const asked: EquivalenceRequest[] = [];
  const accepts = { acceptsEquivalent: true };
  const { result, ledger, observations } = await run(
    {
      first: async () => {
        await stage.reached('third GUESS2');
        return 'guess';
      },
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        await stage.reached('third GUESS2');
        await stage.reached('compared');
        return 'guess2';
      },
      third: async (input: string) => {
        stage.mark(`third ${input}`);
        return `${input}3`;
      },
    },
    {
      scripts: {
        first: { forecasts: ['GUESS'], equivalence: 'embedding', downstream: { second: accepts, third: accepts } },
        second: { forecasts: ['GUESS2'], equivalence: 'function', downstream: { third: accepts } },
      },
      equivalent: (request) => {
        stage.mark('compared');
        asked.push(request);
        return sameLetters(request);
      },
    },
    { pipeline: 'threeSteps' },
  );
  expect(result).toBe('GUESS23');
  expect(stage.log.filter((each) => each.startsWith('third'))).toEqual(['third GUESS2']);
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 2, cancelled: 0 });
  expect(asked.map(({ forecast }) => forecast)).toEqual(['GUESS', 'GUESS2']);
  expect(edges(observations)).toEqual([
    { downstream: 'second', success: true, tier: 2 },
    { downstream: 'third', success: true, tier: 2 },
  ]);
});

test('a launch that fails after it was claimed by equivalence falls back to the call with the real input', async () => {
  const stage = new Stage();
  const { result, ledger } = await run(
    {
      ...activities(stage, 'guess'),
      second: async (input: string) => {
        stage.mark(`second ${input}`);
        if (input === 'guess') return 'guess2';
        await stage.reached('compared');
        throw new Error('no');
      },
    },
    {
      scripts: scripts('function'),
      equivalent: (request) => {
        setTimeout(() => stage.mark('compared'), 100);
        return sameLetters(request);
      },
    },
  );
  expect(result).toBe('guess2');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, failed: 1 });
});

test('a pipeline that is cancelled during a comparison cleans up, and its books are closed', async () => {
  const stage = new Stage();
  const { result, ledger } = await run(
    { ...activities(stage, 'guess'), cleanUp: async () => stage.mark('cleaned up') },
    {
      scripts: scripts('embedding'),
      equivalent: async () => {
        stage.mark('comparing');
        await stage.reached('cleaned up');
        return true;
      },
    },
    {
      pipeline: 'cleansUp',
      body: async ({ handle }) => {
        await stage.reached('comparing');
        await handle.cancel();
        return handle.result().catch((error: unknown) => String((error as Error).cause));
      },
    },
  );
  expect(result).toMatch(/CancelledFailure/);
  expect(stage.log).toContain('cleaned up');
  expect(stage.log).not.toContain('second guess');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('a scope that the pipeline leaves during a comparison is left at once', async () => {
  const stage = new Stage();
  const { result, ledger } = await run(
    { ...activities(stage, 'guess'), cleanUp: async (input: string) => `${input} given up` },
    {
      scripts: scripts('embedding'),
      equivalent: async () => {
        await stage.reached('never', 3000).catch(() => undefined);
        return true;
      },
    },
    { pipeline: 'impatient' },
  );
  expect(result).toBe('guess given up');
  expect(stage.log).toEqual(['second GUESS']);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('a pipeline may continue as new while another branch waits for a comparison', async () => {
  const stage = new Stage();
  const { result } = await run(
    activities(stage, 'guess'),
    {
      scripts: scripts('embedding'),
      equivalent: async () => {
        stage.mark('comparing');
        await stage.reached('never', 3000).catch(() => undefined);
        return true;
      },
    },
    {
      pipeline: 'leavesEarly',
      body: async ({ handle, history }) => {
        await stage.reached('comparing');
        await handle.signal('approve', 'Ada');
        const said: unknown = await handle.result();
        await replay(await history());
        return said;
      },
    },
  );
  expect(result).toBe('left by Ada');
});

test('a pipeline that returns during a comparison is not held up by it', async () => {
  const stage = new Stage();
  const { result, ledger } = await run(
    activities(stage, 'guess'),
    {
      scripts: scripts('embedding'),
      equivalent: async () => {
        stage.mark('comparing');
        await stage.reached('never', 3000).catch(() => undefined);
        return true;
      },
    },
    {
      pipeline: 'hurries',
      body: async ({ handle }) => {
        await stage.reached('comparing');
        await handle.signal('approve', 'Ada');
        return handle.result();
      },
    },
  );
  expect(result).toBe('approved by Ada');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});

test('where the budget has no room for a comparison, the call is made', async () => {
  const stage = new Stage();
  const asked: unknown[] = [];
  const { result, ledger } = await run(
    {
      ...activities(stage, 'guess'),
      first: async () => {
        await stage.reached('budget lowered');
        return 'guess';
      },
    },
    { scripts: scripts('embedding'), equivalent: (request) => asked.push(request) > 0 },
    {
      body: async ({ handle }) => {
        await stage.reached('second GUESS');
        // The comparison may cost 0.0003.
        await handle.signal('setKnob', { budgetUsd: '0.00029' });
        stage.mark('budget lowered');
        return handle.result();
      },
    },
  );
  expect(result).toBe('guess2');
  expect(asked).toEqual([]);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
});
