import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import type { DownstreamBriefing } from '../speculation/forecast/briefing';
import {
  ANY_RESOURCE,
  type Billed,
  COMMIT_STAGE_ACTIVITY,
  STAGE_GONE,
  type StageReference,
} from '../speculation/runtime/protocol';
import {
  replay,
  scheduledActivities,
  withPipeline,
  type Activities,
  type ScriptedRun,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';
import { until } from './support/until';

const temporal = useTemporal();

const PASS = { verdict: 'pass' };
const STAGED: Partial<DownstreamBriefing> = { effect: 'staged', barrier: true };

interface LedgerAnswer {
  totals: { launched: number; claimed: number; cancelled: number; failed: number };
}

function isLaunch(): boolean {
  return Context.current().info.activityId.startsWith('spec-');
}

/** What an activity answers that has only prepared its effect. */
function prepared(value: unknown, id: string): Billed {
  return { __runahead: 1, value, usage: [], stage: { activityType: 'book', id } };
}

/** A launch prepares, a plain call does it all; `commit` says what becomes of a stage. */
function bookingActivities(
  stage: Stage,
  check: () => Promise<unknown>,
  commit = async (): Promise<void> => undefined,
): Activities {
  return {
    check,
    book: async (text: string) => {
      const launched = isLaunch();
      stage.mark(launched ? `prepared ${text}` : `booked ${text}`);
      return launched ? prepared(`seat for ${text}`, `stage of ${text}`) : `seat for ${text}`;
    },
    [COMMIT_STAGE_ACTIVITY]: async ({ id }: StageReference) => {
      stage.mark(`commits ${id}`);
      await commit();
    },
    note: async (text: string) => {
      stage.mark(`note ${text}`);
      return `noted ${text}`;
    },
  };
}

async function run(pipeline: string, args: unknown[], activities: Activities, scripted: ScriptedRun) {
  return withPipeline(
    await temporal.start(),
    pipeline,
    args,
    activities,
    scripted,
    async ({ handle, history, discardedStages }) => {
      const result = await handle.result();
      const { totals } = await handle.query<LedgerAnswer>('ledger');
      const recorded = await history();
      await replay(recorded);
      return { result, totals, discardedStages, history: recorded };
    },
  );
}

function followed(downstream: Partial<DownstreamBriefing>): ScriptedRun {
  return { scripts: { check: { forecasts: [PASS], downstream: { book: downstream, note: {} } } } };
}

test('a staged effect is prepared early, and committed when it is claimed before the pipeline goes on', async () => {
  const stage = new Stage();
  const check = async (): Promise<unknown> => {
    await stage.reached('note seat for me');
    return PASS;
  };
  const { result, totals, history, discardedStages } = await run(
    'checkedBooking',
    ['me'],
    bookingActivities(stage, check),
    followed(STAGED),
  );
  expect(result).toBe('noted seat for me');
  expect(totals).toMatchObject({ claimed: 2, cancelled: 0, failed: 0 });
  expect(stage.log.indexOf('commits stage of me')).toBeGreaterThan(stage.log.indexOf('prepared me'));
  expect(stage.count('booked me')).toBe(0);
  expect(scheduledActivities(history).map(({ id, type }) => [type, id.replace(/\d+$/, 'n')])).toContainEqual([
    COMMIT_STAGE_ACTIVITY,
    'commit-spec-n',
  ]);
  expect(discardedStages).toEqual([]);
});

test('a staged effect that has no stage is never prepared early', async () => {
  const stage = new Stage();
  const { result, totals } = await run(
    'checkedBooking',
    ['me'],
    bookingActivities(stage, async () => PASS),
    followed({ effect: 'staged' }),
  );
  expect(result).toBe('noted seat for me');
  expect(totals.launched).toBe(0);
  expect(stage.log).toEqual(['booked me', 'note seat for me']);
});

test('what a wrong forecast has prepared is discarded and never committed', async () => {
  const stage = new Stage();
  const check = async (): Promise<unknown> => {
    await stage.reached('note seat for me');
    return { verdict: 'refused' };
  };
  const { result, discardedStages } = await run(
    'checkedBooking',
    ['me'],
    bookingActivities(stage, check),
    followed(STAGED),
  );
  expect(result).toBe('not booked: refused');
  expect(discardedStages).toEqual([{ activityType: 'book', id: 'stage of me' }]);
  expect(stage.count('commits stage of me')).toBe(0);
});

test('a claim whose stage is gone makes the call after all', async () => {
  const stage = new Stage();
  const check = async (): Promise<unknown> => {
    await stage.reached('prepared me');
    return PASS;
  };
  const commit = async (): Promise<void> => {
    throw ApplicationFailure.nonRetryable('it was discarded', STAGE_GONE);
  };
  const { result } = await run('checkedBooking', ['me'], bookingActivities(stage, check, commit), followed(STAGED));
  expect(result).toBe('noted seat for me');
  expect(stage.count('commits stage of me')).toBe(1);
  expect(stage.count('booked me')).toBe(1);
});

test('a claim that is left before its stage is committed discards it', async () => {
  const stage = new Stage();
  const check = async (): Promise<unknown> => {
    await stage.reached('prepared me/pass');
    return PASS;
  };
  // The time-out of the pipeline comes while the preparation is still under way.
  const activities: Activities = {
    ...bookingActivities(stage, check),
    book: async (text: string) => {
      stage.mark(`prepared ${text}`);
      await Context.current().cancelled.catch(() => undefined);
      return prepared(`seat for ${text}`, `stage of ${text}`);
    },
  };
  const beating: Activities = {
    ...activities,
    book: async (...args: never[]) => {
      const beat = setInterval(() => Context.current().heartbeat(), 50).unref();
      return activities['book']?.(...args).finally(() => clearInterval(beat));
    },
    // The pipeline is still there when the preparation ends.
    note: async (text: string) => {
      const { client, info } = Context.current();
      const handle = client.workflow.getHandle(info.workflowExecution?.workflowId ?? '');
      await until(async () => ((await handle.describe()).raw.pendingActivities ?? []).length === 1);
      return text;
    },
  };
  const { result, discardedStages } = await run('cancelledBooking', ['me'], beating, followed(STAGED));
  expect(result).toBe('given up');
  expect(discardedStages).toEqual([{ activityType: 'book', id: 'stage of me/pass' }]);
  expect(stage.count('commits stage of me/pass')).toBe(0);
});

describe('a read that ran early', () => {
  /** `transfer` writes what `balance` reads; the balance is what it was when the read started. */
  function accountActivities(stage: Stage, touched: { reads: string[]; writes: string[] }, late: boolean): Activities {
    let balance = 100;
    return {
      check: async () => {
        await stage.reached('balance read');
        return PASS;
      },
      transfer: async () => {
        balance -= 40;
        stage.mark('transferred');
        return { __runahead: 1, value: 'moved', usage: [], writes: touched.writes } satisfies Billed;
      },
      balance: async () => {
        const seen = balance;
        stage.mark('balance read');
        if (late && isLaunch()) await stage.reached('transferred');
        return { __runahead: 1, value: seen, usage: [], reads: touched.reads } satisfies Billed;
      },
      note: async () => 'noted',
    };
  }

  // A fiber that expects `kept` asks for the balance at once; so does the pipeline, after the transfer.
  const scripted: ScriptedRun = {
    scripts: {
      check: { forecasts: [{ verdict: 'kept' }], downstream: { balance: {}, transfer: { effect: 'irreversible' } } },
    },
  };

  test.each<
    [what: string, touched: { reads: string[]; writes: string[] }, late: boolean, seen: number, claimed: number]
  >([
    ['is not served after a write to the same resource', { reads: ['account:7'], writes: ['account:7'] }, false, 60, 0],
    [
      'is not served after a write to it that ends while it runs',
      { reads: ['account:7'], writes: ['account:7'] },
      true,
      60,
      0,
    ],
    [
      'is not served after a write that may have touched anything',
      { reads: ['account:7'], writes: [ANY_RESOURCE] },
      false,
      60,
      0,
    ],
  ])('%s', async (_, touched, late, seen, claimed) => {
    const stage = new Stage();
    const { result, totals } = await run('changedAccount', ['7'], accountActivities(stage, touched, late), {
      ...scripted,
      scripts: {
        ...scripted.scripts,
        // Keeps the launch wanted while the transfer runs.
        transfer: { forecasts: ['moved'], downstream: { balance: {} } },
      },
    });
    expect(result).toBe(`moved, ${seen}`);
    expect(totals).toMatchObject({ claimed });
    expect(stage.count('balance read')).toBeGreaterThanOrEqual(1);
  });

  test('is served after a write to another resource', async () => {
    const stage = new Stage();
    const activities = {
      ...accountActivities(stage, { reads: ['account:7'], writes: ['account:8'] }, false),
      transfer: async () => {
        await stage.reached('balance read');
        return { __runahead: 1, value: 'moved', usage: [], writes: ['account:8'] } satisfies Billed;
      },
      check: async () => PASS,
    };
    const { result, totals } = await run('changedAccount', ['7'], activities, {
      scripts: { transfer: { forecasts: ['moved'], downstream: { balance: {} } } },
    });
    expect(result).toBe('moved, 100');
    expect(totals).toMatchObject({ launched: 1, claimed: 1 });
  });

  test('is not served after a write that has failed and may have touched anything', async () => {
    const stage = new Stage();
    let calls = 0;
    const activities: Activities = {
      check: async () => PASS,
      transfer: async () => {
        calls += 1;
        await stage.reached('balance read');
        throw ApplicationFailure.nonRetryable('broke off', 'Broken');
      },
      balance: async () => {
        stage.mark('balance read');
        return { __runahead: 1, value: calls, usage: [], reads: ['account:7'] } satisfies Billed;
      },
      note: async () => 'noted',
    };
    const { totals, result } = await run('riskyTransfer', ['7'], activities, {
      settings: { writing: ['transfer'] },
      scripts: { transfer: { forecasts: ['moved'], downstream: { balance: {} } } },
    });
    expect(result).toBe('failed, 1');
    expect(totals).toMatchObject({ launched: 1, claimed: 0 });
    expect(stage.count('balance read')).toBe(2);
  });
});
