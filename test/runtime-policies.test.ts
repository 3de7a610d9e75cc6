import { POLICY_FAMILIES } from '../speculation/policies/by-name';
import { untilCancelled } from './support/until-cancelled';
import { replay, withPipeline, type Activities, type ScriptedRun, type Started } from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
const ROUTE = { route: 'refund' };
const BY_POLICY = { drafting: 'by-policy', closing: 'always' } as const;

interface Entry {
  id: string;
  operation: string;
  kind: string;
  state: string;
  settled: boolean;
}

interface LedgerAnswer {
  totals: { launched: number; claimed: number; cancelled: number; savedMs: number; wasteUsd: string };
  entries: Entry[];
}

function chainActivities(classify: () => Promise<unknown>, stage: Stage): Activities {
  return {
    classify,
    draft: async (route: string) => {
      stage.mark(`draft ${route}`);
      return { text: `about ${route}` };
    },
    review: async () => ({ verdict: 'pass' }),
    send: async (text: string) => `sent ${text}`,
  };
}

async function runChain(
  activities: Activities,
  run: ScriptedRun,
  meanwhile: (started: Started) => Promise<void> = async () => undefined,
) {
  return withPipeline(await temporal.start(), 'chain', ['hello'], activities, run, async (started) => {
    await meanwhile(started);
    const result = await started.handle.result();
    const ledger = await started.handle.query<LedgerAnswer>('ledger');
    const decisions = await started.handle.query<{ decision: string; policyName?: string }[]>('decisions');
    await replay(await started.history());
    return { result, ledger, decisions };
  });
}

const DRAFT = { activityType: 'guess', expectedCostUsd: 5, latencySeconds: [0.01] };

test('a policy that always asks for drafts follows as many of their guesses as its breadth allows', async () => {
  const stage = new Stage();
  const classify = async (): Promise<unknown> => {
    await stage.reached('draft refund');
    return ROUTE;
  };
  const { result, ledger } = await runChain(
    {
      ...chainActivities(classify, stage),
      guess: async () => [{ value: { route: 'shipping' } }, { value: ROUTE }, { value: { route: 'other' } }],
    },
    {
      scripts: { classify: { draft: { ...DRAFT, several: true }, downstream: { draft: {} } } },
      settings: { ...BY_POLICY, policyName: 'speculative-actions:k=2', limits: { ...LIMITS, maxBreadth: 3 } },
    },
  );
  expect(result).toBe('sent about refund');
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 1, cancelled: 1 });
  expect(stage.count('draft other')).toBe(0);
});

const LIMITS = { maxDepth: 3, maxBreadth: 2, maxOpenLaunches: 8, maxFibers: 16, scheduleToStartMs: 1000 };

test('the sequential policy does not pay for drafts that it could not use', async () => {
  const { result, ledger, decisions } = await runChain(
    { ...chainActivities(async () => ROUTE, new Stage()), guess: async () => ROUTE },
    {
      scripts: { classify: { draft: { ...DRAFT, expectedCostUsd: 0 }, downstream: { draft: {} } } },
      settings: { ...BY_POLICY, policyName: 'sequential' },
    },
  );
  expect(result).toBe('sent about refund');
  expect(ledger.entries.map(({ kind }) => kind)).toEqual(['plain', 'plain', 'plain', 'plain']);
  expect(decisions).toEqual([expect.objectContaining({ decision: 'skip', reason: 'by-policy' })]);
});

test('a knob signal changes the policy of a pipeline that runs, and what was held is decided again', async () => {
  const stage = new Stage();
  const classify = async (): Promise<unknown> => {
    stage.mark('classify');
    await stage.reached('draft refund');
    return ROUTE;
  };
  const { result, ledger, decisions } = await runChain(
    chainActivities(classify, stage),
    {
      scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } },
      settings: { ...BY_POLICY, policyName: 'sequential' },
    },
    async ({ handle }) => {
      await stage.reached('classify');
      await handle.signal('setKnob', { policy: 'no such policy' });
      await handle.signal('setKnob', { policy: 'always' });
    },
  );
  expect(result).toBe('sent about refund');
  expect(decisions.map(({ decision, policyName }) => [decision, policyName])).toEqual([
    ['hold', 'sequential'],
    ['launch', 'always'],
  ]);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('who corrects a forecast gets the wrong launch cancelled and the right one started', async () => {
  const stage = new Stage();
  const classify = async (): Promise<unknown> => {
    await stage.reached('draft refund');
    return ROUTE;
  };
  const { result, ledger, decisions } = await runChain(
    chainActivities(classify, stage),
    {
      scripts: { classify: { forecasts: [{ route: 'shipping' }], downstream: { draft: {} } } },
      settings: { ...BY_POLICY, policyName: 'isp' },
    },
    async ({ handle }) => {
      await stage.reached('draft shipping');
      await handle.signal('runaheadCorrectForecast', 'garbage');
      await handle.signal('runaheadCorrectForecast', { operation: 'classify', value: ROUTE });
    },
  );
  expect(result).toBe('sent about refund');
  const launches = decisions.filter(({ decision }) => decision === 'launch');
  expect(launches[1]).toMatchObject({ supports: [[expect.objectContaining({ source: 'user', probability: 0.99 })]] });
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 1, cancelled: 1 });
});

test('of two copies of a call the faster one answers, and the slower one is cancelled and booked', async () => {
  const stage = new Stage();
  let calls = 0;
  const classify = async (): Promise<unknown> => {
    calls += 1;
    if (calls === 1) await untilCancelled();
    return ROUTE;
  };
  const { result, ledger } = await runChain(chainActivities(classify, stage), {
    scripts: { classify: { downstream: { classify: {}, draft: {} } } },
    settings: { ...BY_POLICY, policyName: 'hedge:n=2' },
  });
  expect(result).toBe('sent about refund');
  expect(
    ledger.entries.filter(({ operation }) => operation === 'classify').map(({ kind, state }) => [kind, state]),
  ).toEqual([
    ['plain', 'cancelled'],
    ['copy', 'committed'],
  ]);
});

test('a call with an effect runs once, whatever the policy', async () => {
  let calls = 0;
  const classify = async (): Promise<unknown> => {
    calls += 1;
    return ROUTE;
  };
  await runChain(chainActivities(classify, new Stage()), {
    scripts: { classify: { downstream: { classify: { effect: 'irreversible' }, draft: {} } } },
    settings: { ...BY_POLICY, policyName: 'hedge:n=2' },
  });
  expect(calls).toBe(1);
});

test('a pipeline that is cancelled closes its books: nothing stays open in them', async () => {
  const stage = new Stage();
  const activities = {
    ...chainActivities(untilCancelled, stage),
    draft: async () => {
      stage.mark('draft');
      await untilCancelled();
    },
  };
  await withPipeline(
    await temporal.start(),
    'chain',
    ['hello'],
    activities,
    {
      scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } },
      settings: { ...BY_POLICY },
    },
    async ({ handle, history }) => {
      await stage.reached('draft');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow();
      const ledger = await handle.query<LedgerAnswer>('ledger');
      expect(ledger.entries.filter(({ settled }) => !settled)).toEqual([]);
      expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
      await replay(await history());
    },
  );
});

/** Launches of each policy on two guesses from history, the first one wrong, of which nothing else is known. */
const LAUNCHES: Record<string, number> = {
  'cost-aware': 2,
  sequential: 0,
  'parallel-only': 0,
  always: 2,
  'speculative-actions': 2,
  'speculative-actions:k=1': 1,
  'speculative-actions:confidence=0.6': 0,
  isp: 1,
  dsp: 0,
  'dsp:k=3': 1,
  sherlock: 0,
  paste: 2,
  'paste:throttle=1': 0,
  'b-paste': 2,
  'b-paste:beam=1': 1,
  'count-threshold': 0,
  'fixed-confidence': 0,
  hedge: 0,
  oracle: 0,
};

test('every policy that ships runs on the server, and none of them changes a result', async () => {
  expect(Object.keys(LAUNCHES)).toEqual(expect.arrayContaining(POLICY_FAMILIES.map(({ name }) => name)));
  // Launches are decided in the workflow task that schedules the call which they run ahead of.
  const run = async ([policyName, launched]: [string, number]): Promise<void> => {
    const { result, ledger } = await runChain(
      chainActivities(async () => ROUTE, new Stage()),
      {
        scripts: { classify: { forecasts: [{ route: 'shipping' }, ROUTE], downstream: { draft: {} } } },
        settings: { ...BY_POLICY, policyName },
      },
    );
    expect([policyName, result, ledger.totals.launched]).toEqual([policyName, 'sent about refund', launched]);
  };
  await Promise.all(Object.entries(LAUNCHES).map(run));
});
