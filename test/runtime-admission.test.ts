import { defaultPayloadConverter } from '@temporalio/common';
import type { Decision } from '../speculation/decision/decision';
import { recomputeRow } from '../speculation/decision/recompute';
import type { PlannedEdge } from '../speculation/forecast/briefing';
import { DEFAULT_LIMITS, HEADER, type ActivityHeader } from '../speculation/runtime/protocol';
import type { LoggedDecision } from '../speculation/runtime/decision-log';
import {
  replay,
  scheduledActivities,
  withPipeline,
  WORTH_IT,
  type Activities,
  type History,
  type ScriptedRun,
  type Started,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';

const temporal = useTemporal();

/** `first` answers when `until` has been marked, so that only a launch ahead of it lets the pipeline go on. */
function branchActivities(stage: Stage, until: string[], answer = 'head'): Activities {
  const step = (name: string) => async (input: string) => {
    stage.mark(name);
    return `${name} ${input}`;
  };
  return {
    first: async () => {
      stage.mark('first');
      for (const each of until) await stage.reached(each);
      return answer;
    },
    second: step('second'),
    third: step('third'),
  };
}

interface Ran {
  result: string;
  decisions: (Decision & LoggedDecision)[];
  totals: { launched: number; claimed: number; reservedUsd: string };
  history: History;
  started: Started;
}

async function runBranches(
  activities: Activities,
  run: ScriptedRun,
  meanwhile: (started: Started) => Promise<void> = async () => undefined,
): Promise<Ran> {
  return withPipeline(await temporal.start(), 'branches', ['hello'], activities, run, async (started) => {
    await meanwhile(started);
    const result = (await started.handle.result()) as string;
    const decisions = await started.handle.query<Ran['decisions']>('decisions');
    const { totals } = await started.handle.query<{ totals: Ran['totals'] }>('ledger');
    const history = await started.history();
    await replay(history);
    for (const { outcome, ...row } of decisions) {
      expect(outcome).toBeDefined();
      expect(JSON.parse(JSON.stringify(recomputeRow(row)))).toEqual(row);
    }
    return { result, decisions, totals, history, started };
  });
}

function headerOfLaunch(history: History): ActivityHeader | undefined {
  return (history.events ?? [])
    .map(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.header?.fields?.[HEADER])
    .filter((field) => field != null)
    .map((field) => defaultPayloadConverter.fromPayload<ActivityHeader>(field as never))
    .find(({ launch }) => launch);
}

function launched(history: History): string[] {
  return scheduledActivities(history)
    .filter(({ id }) => id.startsWith('spec-'))
    .map(({ type }) => type);
}

test('where there is one slot, the launch with the best value per dollar gets it, whatever was asked for first', async () => {
  const stage = new Stage();
  const { decisions, history } = await runBranches(branchActivities(stage, ['third']), {
    settings: { limits: { ...DEFAULT_LIMITS, maxOpenLaunches: 1 } },
    scripts: {
      first: {
        forecasts: ['head'],
        downstream: { second: { cost: { kind: 'fixed', usd: 0.01 } }, third: { cost: { kind: 'fixed', usd: 0.001 } } },
      },
    },
  });
  expect(launched(history)[0]).toBe('third');
  expect(decisions.slice(0, 2)).toMatchObject([
    { downstream: 'third', decision: 'launch' },
    { downstream: 'second', decision: 'hold', reason: 'too-many-launches', wanted: true },
  ]);
});

test('what waits for a slot is launched as soon as one is free', async () => {
  const stage = new Stage();
  const { result, decisions, totals } = await runBranches(branchActivities(stage, ['third', 'second']), {
    settings: { limits: { ...DEFAULT_LIMITS, maxOpenLaunches: 1 } },
    scripts: {
      first: {
        forecasts: ['head'],
        downstream: { second: { cost: { kind: 'fixed', usd: 0.01 } }, third: { cost: { kind: 'fixed', usd: 0.001 } } },
      },
    },
  });
  expect(result).toBe('second head+third head');
  expect(totals).toMatchObject({ launched: 2, claimed: 2 });
  expect(decisions).toMatchObject([
    { downstream: 'third', decision: 'launch', outcome: { launch: 'claimed', forecast: 'right' } },
    { downstream: 'second', decision: 'hold', reason: 'too-many-launches', outcome: { launch: null } },
    { downstream: 'second', decision: 'launch', outcome: { launch: 'claimed', forecast: 'right' } },
  ]);
});

test('a knob that is turned up while a launch waits lets it go', async () => {
  const stage = new Stage();
  const { decisions } = await runBranches(
    branchActivities(stage, ['second', 'third']),
    {
      scripts: {
        first: { forecasts: ['head'], knob: { lambdaUsdPerSecond: 0 }, downstream: { second: {}, third: {} } },
      },
    },
    async ({ handle }) => {
      const waiting = async (): Promise<boolean> => (await handle.query<unknown[]>('decisions')).length === 2;
      while (!(await waiting()));
      await handle.signal('setKnob', { lambdaUsdPerSecond: 1 });
    },
  );
  expect(decisions.map(({ downstream, reason }) => `${downstream} ${reason}`)).toEqual([
    'second not-worth-it',
    'third not-worth-it',
    'second worth-it',
    'third worth-it',
  ]);
});

test('one more candidate for the same edge gets no more than what its siblings leave of 1', async () => {
  const stage = new Stage();
  const sure = { successes: 18, failures: 0 };
  const { decisions } = await runBranches(branchActivities(stage, []), {
    scripts: {
      first: {
        forecasts: ['head', 'tail'],
        downstream: { second: { observed: { 'history#0': sure, 'history#1': sure } } },
      },
    },
  });
  const [best, other] = decisions.filter(({ downstream }) => downstream === 'second');
  expect(best).toMatchObject({ P: 0.95, siblings: [], decision: 'launch' });
  expect(other?.siblings).toEqual([0.95]);
  expect(other?.P).toBeCloseTo(0.05, 12);
  expect(other?.supports[0]?.[0]?.probability).toBe(0.95);
});

describe('the plan', () => {
  const edge = (downstream: string, change: Partial<PlannedEdge> = {}): PlannedEdge => ({
    upstream: 'first',
    downstream,
    prior: { type: 'router_k_way', k: 2, mean: 0.5, strength: 2 },
    forecast: 'history#0',
    observed: { successes: 0, failures: 0 },
    upstreamSeconds: [1],
    briefing: WORTH_IT,
    ...change,
  });

  test('is logged before the first launch, and each launch says how it compares', async () => {
    const stage = new Stage();
    const { decisions } = await runBranches(branchActivities(stage, ['second']), {
      scripts: {
        first: {
          forecasts: ['head'],
          plan: [edge('second'), edge('third', { briefing: { ...WORTH_IT, effect: 'irreversible' } })],
          downstream: { second: {}, third: { effect: 'irreversible' } },
        },
      },
    });
    expect(decisions).toMatchObject([
      { phase: 'plan', downstream: 'second', decision: 'launch', override: null },
      { phase: 'plan', downstream: 'third', decision: 'hold', reason: 'inadmissible' },
      { phase: 'launch', downstream: 'second', override: 'KEEP_SPECULATE', overrideReason: null, plan: { id: 1 } },
      { phase: 'launch', downstream: 'third', override: 'KEEP_WAIT', reason: 'inadmissible', plan: { id: 2 } },
    ]);
  });

  test('is upgraded and downgraded by what has changed since, and the row says by what', async () => {
    const stage = new Stage();
    const { decisions } = await runBranches(branchActivities(stage, ['second']), {
      scripts: {
        first: {
          forecasts: ['head'],
          plan: [edge('second', { observed: { successes: 0, failures: 50_000 } }), edge('third')],
          downstream: { second: {}, third: { calibration: { stage: 'killed', launches: false } } },
        },
      },
    });
    expect(decisions.filter(({ phase }) => phase === 'launch')).toMatchObject([
      { downstream: 'second', decision: 'launch', override: 'UPGRADE', overrideReason: 'probability' },
      { downstream: 'third', decision: 'hold', override: 'DOWNGRADE', overrideReason: 'kill-switch', wanted: true },
    ]);
  });

  test('is never upgraded where it found an operation inadmissible', async () => {
    const stage = new Stage();
    const { decisions, history } = await runBranches(branchActivities(stage, []), {
      scripts: {
        first: {
          forecasts: ['head'],
          plan: [edge('second', { briefing: { ...WORTH_IT, disclosure: 'private' } })],
          downstream: { second: {} },
        },
      },
    });
    expect(launched(history)).toEqual([]);
    expect(decisions).toContainEqual(
      expect.objectContaining({ phase: 'launch', reason: 'inadmissible-when-planned', override: 'KEEP_WAIT' }),
    );
  });
});

test('an edge in the shadow launches nothing and still learns what a launch would have brought', async () => {
  const stage = new Stage();
  const { history, started } = await runBranches(branchActivities(stage, []), {
    scripts: {
      first: {
        forecasts: ['head'],
        downstream: { second: { calibration: { stage: 'shadow', launches: false } } },
      },
    },
  });
  expect(launched(history)).toEqual([]);
  expect(started.observations).toContainEqual(
    expect.objectContaining({
      kind: 'edge',
      downstream: 'second',
      success: true,
      predicted: expect.objectContaining({ probability: 0.5, wanted: true, launched: false }),
    }),
  );
});

test('a launch reserves the most that it can cost, and holds where that does not fit', async () => {
  const stage = new Stage();
  const { decisions, totals, history } = await runBranches(branchActivities(stage, ['second']), {
    priority: { fairnessKey: 'acme' },
    scripts: {
      first: {
        forecasts: ['head'],
        knob: { budgetUsd: '0.001' },
        downstream: { second: { mostUsd: 0.0006 }, third: { mostUsd: 0.0005 } },
      },
    },
  });
  expect(decisions).toMatchObject([
    { downstream: 'second', decision: 'launch', mostUsd: 0.0006 },
    { downstream: 'third', decision: 'hold', reason: 'budget', reservedUsd: '0.0006' },
  ]);
  expect(totals.reservedUsd).toBe('0');
  expect(headerOfLaunch(history)).toMatchObject({ tenant: 'acme', reserveUsd: '0.0006' });
});

test('a budget that others spend from too holds what it has no room for', async () => {
  const stage = new Stage();
  const { decisions } = await runBranches(branchActivities(stage, ['second']), {
    scripts: {
      first: {
        forecasts: ['head'],
        sharedBudget: { scope: 'tenant:acme', leftUsd: '0.0002', leftLaunches: null },
        downstream: { second: {}, third: { mostUsd: 0.0003 } },
      },
    },
  });
  expect(decisions).toMatchObject([
    { downstream: 'second', decision: 'launch' },
    { downstream: 'third', decision: 'hold', reason: 'shared-budget', sharedBudget: { scope: 'tenant:acme' } },
  ]);
});

test.each([
  ['a memo field', { kind: 'memo', field: 'customer' } as const, 'initech'],
  ['a memo field that the pipeline has not got', { kind: 'memo', field: 'owner' } as const, undefined],
])('the tenant is read from %s', async (_name, tenantFrom, tenant) => {
  const stage = new Stage();
  const { history, started } = await runBranches(branchActivities(stage, ['second']), {
    memo: { customer: 'initech' },
    settings: { tenantFrom },
    scripts: { first: { forecasts: ['head'], downstream: { second: {} } } },
  });
  expect(headerOfLaunch(history)?.tenant).toBe(tenant);
  const edges = started.observations.filter((observation) => observation.kind === 'edge');
  expect(edges.map(({ bucket }) => bucket)).toEqual(edges.map(() => tenant));
  expect(edges.length).toBeGreaterThan(0);
});
