import {
  withPipeline,
  replay,
  scheduledActivities,
  type Activities,
  type ScriptedRun,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();
const ROUTE = { route: 'refund' };

interface LedgerAnswer {
  totals: { launched: number; claimed: number; cancelled: number; failed: number; savedMs: number };
}

/** classify waits until draft has started: only a launch ahead of it lets the pipeline go on. */
function chainActivities(stage: Stage, routed: unknown = ROUTE, waitFor = 'draft'): Activities {
  return {
    classify: async () => {
      stage.mark('classify');
      if (waitFor !== '') await stage.reached(waitFor);
      return routed;
    },
    draft: async (route: string) => {
      stage.mark('draft');
      return { text: `about ${route}` };
    },
    review: async () => {
      stage.mark('review');
      return { verdict: 'pass' };
    },
    send: async (text: string) => {
      stage.mark('send');
      return `sent ${text}`;
    },
  };
}

async function runChain(activities: Activities, run: ScriptedRun, pipeline = 'chain') {
  return withPipeline(
    await temporal.start(),
    pipeline,
    ['hello'],
    activities,
    run,
    async ({ handle, history, observations }) => {
      const result = await handle.result();
      const ledger = await handle.query<LedgerAnswer>('ledger');
      const decisions = await handle.query<{ downstream: string; decision: string; reason: string }[]>('decisions');
      const recorded = await history();
      await replay(recorded);
      return { result, ledger, decisions, history: recorded, observations };
    },
  );
}

test('a right forecast starts the next operation while the first still runs, and it is claimed', async () => {
  const stage = new Stage();
  const { result, ledger, history } = await runChain(chainActivities(stage), {
    scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } },
  });
  expect(result).toBe('sent about refund');
  expect(stage.log).toEqual(['classify', 'draft', 'review', 'send']);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0, failed: 0 });
  expect(scheduledActivities(history).map(({ id, type }) => [type, id.startsWith('spec-')])).toEqual([
    ['classify', false],
    ['draft', true],
    ['review', false],
    ['send', false],
  ]);
});

test('pipelines run ahead also where each workflow has a V8 context of its own', async () => {
  const stage = new Stage();
  const { result, ledger } = await runChain(chainActivities(stage), {
    scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } },
    reuseV8Context: false,
  });
  expect(result).toBe('sent about refund');
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('a wrong forecast changes nothing but the bill: the launch is cancelled and the real call is made', async () => {
  const stage = new Stage();
  const { result, ledger, observations } = await runChain(chainActivities(stage, { route: 'shipping' }), {
    scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } },
  });
  expect(result).toBe('sent about shipping');
  expect(stage.count('draft')).toBe(2);
  expect(stage.count('send')).toBe(1);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1, failed: 0 });
  expect(observations).toEqual([
    expect.objectContaining({
      kind: 'edge',
      upstream: 'classify',
      downstream: 'draft',
      success: false,
      predicted: expect.objectContaining({ probability: 0.5, wanted: true, launched: true }),
    }),
    expect.objectContaining({ kind: 'launch', downstream: 'draft', probability: 0.5, claimed: false, costUsd: '0' }),
  ]);
});

test('a wrong forecast that leads to the same call is claimed all the same', async () => {
  const stage = new Stage();
  const { result, ledger } = await runChain(
    chainActivities(stage, { route: 'return' }),
    { scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } } },
    'sharedDraft',
  );
  expect(result).toBe('about money back');
  expect(stage.count('draft')).toBe(1);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0 });
});

test('a chain of forecasts overlaps three operations, and the irreversible one waits for all of them', async () => {
  const stage = new Stage();
  const activities = chainActivities(stage, ROUTE, 'review');
  const drafted = { text: 'about refund' };
  const { result, ledger, decisions, observations } = await runChain(
    {
      ...activities,
      draft: async () => {
        stage.mark('draft');
        await stage.reached('review');
        return drafted;
      },
    },
    {
      scripts: {
        classify: { forecasts: [ROUTE], downstream: { draft: {} } },
        draft: { forecasts: [drafted], downstream: { review: {} } },
        review: { forecasts: [{ verdict: 'pass' }], downstream: { send: { effect: 'irreversible' } } },
      },
    },
  );
  expect(result).toBe('sent about refund');
  expect([...stage.log].sort()).toEqual(['classify', 'draft', 'review', 'send']);
  expect(stage.log.at(-1)).toBe('send');
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 2 });
  expect(observations).toContainEqual(
    expect.objectContaining({ kind: 'edge', upstream: 'draft', downstream: 'review', success: true }),
  );
  expect(decisions.filter(({ downstream }) => downstream === 'send').map(({ reason }) => reason)).toContain(
    'inadmissible',
  );
});

test.each([
  ['irreversible', { effect: 'irreversible' as const }],
  ['private', { disclosure: 'private' as const }],
  ['idempotent without a word that it may be abandoned', { effect: 'idempotent' as const }],
  ['staged', { effect: 'staged' as const }],
])('an operation that is %s is never launched early, whatever its expected value', async (_name, declared) => {
  const stage = new Stage();
  const { result, ledger, decisions } = await runChain(chainActivities(stage, ROUTE, ''), {
    scripts: { classify: { forecasts: [ROUTE], downstream: { draft: declared } } },
  });
  expect(result).toBe('sent about refund');
  expect(ledger.totals.launched).toBe(0);
  expect(decisions).toEqual([
    expect.objectContaining({ downstream: 'draft', decision: 'hold', reason: 'inadmissible' }),
  ]);
});

test('an operation that nobody declared is never launched early', async () => {
  const stage = new Stage();
  const { ledger, decisions } = await runChain(chainActivities(stage, ROUTE, ''), {
    scripts: { classify: { forecasts: [ROUTE], downstream: {} } },
  });
  expect(ledger.totals.launched).toBe(0);
  expect(decisions).toEqual([expect.objectContaining({ reason: 'inadmissible', admissibilityReason: 'undeclared' })]);
});

test('time is what the workflow clock says, although a fiber sees the time of the call that it repeats', async () => {
  const stage = new Stage();
  const { ledger, history } = await runChain(
    {
      ...chainActivities(stage),
      classify: async () => {
        await stage.reached('draft');
        await new Promise((resolve) => setTimeout(resolve, 300));
        return ROUTE;
      },
      draft: async (route: string) => {
        stage.mark('draft');
        await new Promise((resolve) => setTimeout(resolve, 150));
        return { text: `about ${route}` };
      },
    },
    { scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } } },
  );
  expect(ledger.totals.savedMs).toBeGreaterThanOrEqual(100);
  expect(history.events?.length).toBeGreaterThan(0);
});

test('two forecasts of one operation run ahead side by side; the right one is claimed, the other cancelled', async () => {
  const stage = new Stage();
  const { result, ledger } = await runChain(
    {
      ...chainActivities(stage),
      classify: async () => {
        await stage.reached('draft about shipping');
        await stage.reached('draft about refund');
        return { route: 'shipping' };
      },
      draft: async (route: string) => {
        stage.mark(`draft about ${route}`);
        return { text: `about ${route}` };
      },
    },
    { scripts: { classify: { forecasts: [ROUTE, { route: 'shipping' }], downstream: { draft: {} } } } },
  );
  expect(result).toBe('sent about shipping');
  expect(stage.count('draft about shipping')).toBe(1);
  expect(ledger.totals).toMatchObject({ launched: 2, claimed: 1, cancelled: 1 });
});

test('a launch that fails is dropped, and the pipeline makes the call itself with its own retries', async () => {
  const stage = new Stage();
  let attempts = 0;
  const { result, ledger } = await runChain(
    {
      ...chainActivities(stage, ROUTE, 'draft'),
      draft: async (route: string) => {
        stage.mark('draft');
        attempts += 1;
        if (attempts < 3) throw new Error('not yet');
        return { text: `about ${route}` };
      },
    },
    { scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } } },
  );
  expect(result).toBe('sent about refund');
  expect(attempts).toBe(3);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 0, failed: 1 });
});

test('values are copies: neither run sees what the other did to an object', async () => {
  const stage = new Stage();
  const activities = {
    ...chainActivities(stage),
    classify: async () => {
      await stage.reached('draft');
      return { route: 'refund' };
    },
    draft: async (text: string) => {
      stage.mark('draft');
      return { text };
    },
  } as Activities;
  const { result, ledger } = await withPipeline(
    await temporal.start(),
    'mutating',
    [{ words: ['a'] }],
    activities,
    { scripts: { classify: { forecasts: [ROUTE], downstream: { draft: {} } } } },
    async ({ handle, history }) => {
      const value: unknown = await handle.result();
      const books = await handle.query<LedgerAnswer>('ledger');
      await replay(await history());
      return { result: value, ledger: books };
    },
  );
  expect(result).toEqual(['a', 'seen', '{"route":"refund","extra":["mine"]}!']);
  expect(ledger.totals).toMatchObject({ launched: 1, claimed: 1 });
});
