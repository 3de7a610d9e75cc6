import { ApplicationFailure } from '@temporalio/common';
import type { PartialChange } from '../speculation/forecast/partial-value';
import type { DecisionRow } from '../speculation/decision/recompute';
import { recomputeRow } from '../speculation/decision/recompute';
import { DEFAULT_LIMITS } from '../speculation/runtime/protocol';
import type { Analysis } from './pipelines/streamed';
import { publish, untilFollowed } from './support/published';
import {
  replay,
  scheduledActivities,
  withPipeline,
  type Activities,
  type ScriptedRun,
} from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';
import { untilCancelled } from './support/until-cancelled';

const temporal = useTemporal();

const ANALYSIS: Analysis = {
  route: 'refund',
  items: [
    { name: 'lamp', size: 1 },
    { name: 'desk', size: 5 },
    { name: 'safe', size: 50 },
    { name: 'vase', size: 2 },
  ],
  reason: 'broken',
};
const OPEN: PartialChange = { at: [], opens: 'object' };
const ROUTE: PartialChange = { at: ['route'], is: 'refund' };
const LIST: PartialChange = { at: ['items'], opens: 'array' };
const WORTH_IT = { price: {}, pack: {}, note: {} };
const STREAMED = { streamed: ['analyse'] };

function item(index: number): PartialChange {
  return { at: ['items', index], is: ANALYSIS.items[index] };
}

/** What follows `analyse`; each call is marked when it starts. */
function stepsAfter(stage: Stage, analyse: Activities['analyse'] & object): Activities {
  return {
    analyse,
    price: async (name: string) => {
      stage.mark(`price ${name}`);
      return name.length;
    },
    pack: async (name: string, price: number) => {
      stage.mark(`pack ${name}`);
      return `${name} for ${price}`;
    },
    note: async (...args: unknown[]) => {
      stage.mark(`note ${JSON.stringify(args)}`);
      return `noted ${JSON.stringify(args)}`;
    },
  };
}

interface LedgerAnswer {
  totals: { launched: number; claimed: number; cancelled: number; failed: number; wasteUsd: string };
}

async function run(pipeline: string, args: unknown[], activities: Activities, scripted: ScriptedRun) {
  return withPipeline(
    await temporal.start(),
    pipeline,
    args,
    activities,
    scripted,
    async ({ handle, history, observations }) => {
      const result = await handle.result();
      const { totals } = await handle.query<LedgerAnswer>('ledger');
      const decisions = await handle.query<DecisionRow[]>('decisions');
      for (const row of decisions) expect(recomputeRow(row)).toMatchObject({ decision: row.decision });
      const recorded = await history();
      await replay(recorded);
      return { result, totals, decisions, observations, history: recorded };
    },
  );
}

test('a field that is final starts the next operation while the rest still streams', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, ROUTE);
    await stage.reached('note ["refund"]');
    return ANALYSIS;
  };
  const { result, totals, decisions, observations } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(result).toBe('noted ["refund"]: broken');
  expect(totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0, failed: 0 });
  expect(decisions).toMatchObject([
    {
      upstream: 'analyse',
      downstream: 'note',
      decision: 'launch',
      dependencyType: 'final_field',
      forecastDigest: '{"route":"refund",…}',
      supports: [[{ source: 'stream', probability: 0.99 }]],
    },
  ]);
  expect(observations).toContainEqual(
    expect.objectContaining({ kind: 'edge', source: 'stream', upstream: 'analyse', downstream: 'note', success: true }),
  );
});

test('each element of a streamed list starts its own chain of calls as soon as it is final', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, LIST, item(0));
    await stage.reached('pack lamp');
    await publish(2, item(1), item(2));
    await stage.reached('pack desk');
    await stage.reached('pack safe');
    return ANALYSIS;
  };
  const { result, totals, observations } = await run('listed', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT }, price: { downstream: WORTH_IT } },
  });
  expect(result).toEqual(['lamp for 4', 'desk for 4', 'safe for 4', 'vase for 4']);
  expect(totals).toMatchObject({ launched: 6, claimed: 6, cancelled: 0, failed: 0 });
  expect(stage.log.filter((mark) => mark.startsWith('price'))).toHaveLength(4);
  const learned = observations.filter((each) => each.kind === 'edge' && each.source === 'stream');
  expect(learned.map((each) => each.kind === 'edge' && each.downstream).sort()).toEqual(['pack', 'price']);
});

test('a loop over a streamed list goes on element by element and stops where the plain run stops', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, LIST, item(0));
    await stage.reached('pack lamp');
    await publish(2, item(1));
    await stage.reached('pack desk');
    await publish(3, item(2));
    await publish(4, item(3));
    return ANALYSIS;
  };
  const { result, totals } = await run('listedInTurn', ['x'], stepsAfter(stage, analyse), {
    settings: { ...STREAMED, limits: { ...DEFAULT_LIMITS, maxDepth: 4 } },
    scripts: { analyse: { downstream: WORTH_IT }, price: { downstream: WORTH_IT } },
  });
  expect(result).toEqual(['lamp for 4', 'desk for 4']);
  expect(totals).toMatchObject({ launched: 4, claimed: 4, cancelled: 0 });
});

test('a filtered list streams on, and what comes between its calls and their answers is started too', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, LIST, item(0));
    await stage.reached('pack lamp');
    await stage.reached('note ["before the list"]');
    return ANALYSIS;
  };
  const { result, totals } = await run('filtered', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT }, price: { downstream: WORTH_IT } },
  });
  expect(result).toEqual(['noted ["before the list"]', 'lamp for 4', 'desk for 4', 'vase for 4']);
  expect(totals).toMatchObject({ launched: 3, claimed: 3, cancelled: 0 });
});

test('a forecast that the stream contradicts is withdrawn, and its launch is cancelled in mid-stream', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await stage.reached('note started');
    await publish(1, OPEN, { at: ['route'], begins: 'sal' });
    await stage.reached('note cancelled');
    return { ...ANALYSIS, route: 'sales' };
  };
  const activities = stepsAfter(stage, analyse);
  const note = async (route: string): Promise<string> => {
    if (route === 'sales') return 'noted sales';
    stage.mark('note started');
    await untilCancelled().catch((error: unknown) => {
      stage.mark('note cancelled');
      throw error;
    });
    return 'too late';
  };
  const { result, totals, observations } = await run(
    'routed',
    ['x'],
    { ...activities, note },
    {
      settings: STREAMED,
      scripts: { analyse: { forecasts: [ANALYSIS], downstream: WORTH_IT } },
    },
  );
  expect(result).toBe('noted sales: broken');
  expect(totals).toMatchObject({ launched: 1, claimed: 0, cancelled: 1 });
  // Whether the forecast was right is learned from the output itself, and once.
  expect(observations.filter(({ kind }) => kind === 'edge')).toMatchObject([{ source: 'history', success: false }]);
});

test('what one forecast loses by the stream the other ones gain', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await stage.reached('note ["refund"]');
    await publish(1, OPEN, { at: ['route'], begins: 's' });
    await stage.reached('note ["sales"]');
    return { ...ANALYSIS, route: 'sales' };
  };
  const { result, decisions } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    settings: {
      ...STREAMED,
      limits: { ...DEFAULT_LIMITS, maxBreadth: 1 },
    },
    scripts: {
      analyse: { forecasts: [ANALYSIS, { ...ANALYSIS, route: 'sales' }], downstream: WORTH_IT },
    },
  });
  expect(result).toBe('noted ["sales"]: broken');
  expect(decisions).toMatchObject([
    { supports: [[{ rank: 0, probability: 0.5 }]] },
    { supports: [[{ rank: 1, probability: 1, ruledOut: 0.5 }]] },
  ]);
});

test.each(['field', 'keys', 'spread', 'json', 'whole', 'length', 'in', 'last'])(
  'a fiber that reads what is not known (%s) ends there, whatever the pipeline catches',
  async (how) => {
    const stage = new Stage();
    const analyse = async (): Promise<Analysis> => {
      await publish(1, OPEN, LIST, item(0));
      await publish(2, ROUTE);
      return ANALYSIS;
    };
    const { result, totals } = await run('sturdyReader', ['x', how], stepsAfter(stage, analyse), {
      settings: STREAMED,
      scripts: { analyse: { downstream: WORTH_IT } },
    });
    const values: Record<string, unknown> = {
      field: 'broken',
      keys: ['route', 'items', 'reason'],
      spread: ANALYSIS,
      json: JSON.stringify(ANALYSIS),
      whole: ANALYSIS,
      length: 4,
      in: true,
      last: ANALYSIS.items.at(-1),
    };
    expect(result).toBe(`noted ${JSON.stringify([values[how]])}`);
    expect(stage.log.filter((mark) => mark.startsWith('note'))).toEqual([
      `note ${JSON.stringify([values[how]])}`,
      'note ["finally"]',
    ]);
    expect(totals.launched).toBe(0);
  },
);

// Not replayed here: replays run in this very process, where Jest takes notice of rejections before the runtime can look after them.
test('a promise that is rejected in a fiber and awaited by nobody fails no workflow task', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, ROUTE);
    await untilFollowed();
    return ANALYSIS;
  };
  const scripts = { analyse: { forecasts: [{ items: [] }, 'of the wrong type'], downstream: WORTH_IT } };
  await withPipeline(
    await temporal.start(),
    'sturdyReader',
    ['x', 'floating'],
    stepsAfter(stage, analyse),
    { settings: STREAMED, scripts },
    async ({ handle, history }) => {
      expect(await handle.result()).toBe('noted ["broken"]');
      const { events } = await history();
      expect(events?.filter((event) => event.workflowTaskFailedEventAttributes != null)).toEqual([]);
    },
  );
});

test('what an attempt has announced is withdrawn when it fails, and the next one counts', async () => {
  const stage = new Stage();
  let attempts = 0;
  const analyse = async (): Promise<Analysis> => {
    attempts += 1;
    if (attempts === 1) {
      await publish(1, OPEN, ROUTE);
      await stage.reached('note ["refund"]');
      throw ApplicationFailure.retryable('the stream broke off');
    }
    await publish(1, OPEN, { at: ['route'], is: 'sales' });
    await stage.reached('note ["sales"]');
    return { ...ANALYSIS, route: 'sales' };
  };
  const { result, totals, observations } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(result).toBe('noted ["sales"]: broken');
  expect(totals).toMatchObject({ launched: 2, claimed: 1, cancelled: 1 });
  // Each attempt's announcement is held against the output by itself.
  const learned = observations.filter((each) => each.kind === 'edge').map(({ success }) => success);
  expect(learned.sort()).toEqual([false, true]);
});

test('updates that are lost, repeated or garbage do no harm', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, ROUTE);
    await publish(1, { at: ['route'], is: 'sales' });
    await publish(3, { at: ['reason'], is: 'invented' });
    await publish(2, { at: ['route'], is: 'changed' }, { at: 'nowhere' } as never);
    await stage.reached('note ["refund"]');
    return ANALYSIS;
  };
  const { result, totals } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(result).toBe('noted ["refund"]: broken');
  expect(totals).toMatchObject({ launched: 1, claimed: 1 });
});

test('a call that nobody declared as streamed is not listened to', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, ROUTE);
    return ANALYSIS;
  };
  const { totals } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(totals.launched).toBe(0);
});

describe.each(['contradiction', 'full-cost', 'remaining-cost'] as const)(
  'mid-stream cancel by %s',
  (midStreamCancel) => {
    test.each([0, 900])(
      'when the dial is turned down after a launch, %d of 1000 expected tokens later',
      async (produced) => {
        const stage = new Stage();
        const analyse = async (): Promise<Analysis> => {
          await stage.reached('note started');
          await stage.reached('turned');
          await publish(1, OPEN);
          await stage.reached('told', 1000).catch(() => undefined);
          stage.mark('answered');
          return ANALYSIS;
        };
        const activities = stepsAfter(stage, analyse);
        const note = async (): Promise<string> => {
          stage.mark('note started');
          await Promise.race([stage.reached('answered'), untilCancelled()]);
          return 'noted';
        };
        const rates = { inputUsdPerMillion: 0, cachedInputUsdPerMillion: 0, outputUsdPerMillion: 1 };
        const expected = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 1000 };
        // By then it has run for as long as it takes to produce that share of its output.
        const latencySeconds = [produced === 0 ? 1_000_000 : 0.000_001];
        const { totals, decisions } = await withPipeline(
          await temporal.start(),
          'routed',
          ['x'],
          { ...activities, note },
          {
            settings: { ...STREAMED, midStreamCancel },
            scripts: {
              analyse: {
                forecasts: [ANALYSIS],
                knob: { lambdaUsdPerSecond: 1e9 },
                downstream: { note: { cost: { kind: 'tokens', model: 'm', expected, rates }, latencySeconds } },
              },
            },
          },
          async ({ handle, history }) => {
            await stage.reached('note started');
            await handle.signal('setKnob', { alpha: 0, lambdaUsdPerSecond: 1e-9 });
            stage.mark('turned');
            expect(await handle.result()).toBe('noted: broken');
            const answer = await handle.query<LedgerAnswer>('ledger');
            const rows = await handle.query<DecisionRow[]>('decisions');
            await replay(await history());
            return { totals: answer.totals, decisions: rows };
          },
        );
        const givenUp = midStreamCancel === 'full-cost' || (midStreamCancel === 'remaining-cost' && produced === 0);
        expect(totals).toMatchObject(givenUp ? { cancelled: 1, claimed: 0 } : { cancelled: 0, claimed: 1 });
        const streamRows = decisions.filter(({ phase }) => phase === 'stream');
        expect(streamRows).toHaveLength(givenUp ? 1 : 0);
        for (const row of streamRows) {
          expect(row).toMatchObject({
            decision: 'hold',
            reason: 'not-worth-it',
            midStream: { reading: midStreamCancel },
          });
          expect(recomputeRow(row)).toMatchObject({ decision: 'hold', reason: 'not-worth-it' });
        }
      },
    );
  },
);

test('two outputs that stream side by side are read together', async () => {
  const stage = new Stage();
  const analyse = async (text: string): Promise<Analysis> => {
    await publish(1, OPEN, { at: ['route'], is: text });
    await stage.reached('note ["left","right"]');
    return { ...ANALYSIS, route: text };
  };
  const { result, totals, decisions } = await run('twoAnalyses', ['left', 'right'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(result).toBe('noted ["left","right"]');
  expect(totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0 });
  expect(decisions).toMatchObject([{ downstream: 'note', P: 0.99 * 0.99 }]);
});

test('a forecast of one output and the stream of another are assumed together', async () => {
  const stage = new Stage();
  const analyse = async (text: string): Promise<Analysis> => {
    if (text === 'left') await publish(1, OPEN, { at: ['route'], is: text });
    await stage.reached('note ["left","right"]');
    return { ...ANALYSIS, route: text };
  };
  const { result, totals } = await run('twoAnalyses', ['left', 'right'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: {
      analyse: ([text]) => ({
        forecasts: text === 'right' ? [{ ...ANALYSIS, route: 'right' }] : [],
        downstream: WORTH_IT,
      }),
    },
  });
  expect(result).toBe('noted ["left","right"]');
  expect(totals).toMatchObject({ launched: 1, claimed: 1, cancelled: 0 });
});

test('the list of activities shows that the launch was made while the answer streamed', async () => {
  const stage = new Stage();
  const analyse = async (): Promise<Analysis> => {
    await publish(1, OPEN, ROUTE);
    await stage.reached('note ["refund"]');
    return ANALYSIS;
  };
  const { history } = await run('routed', ['x'], stepsAfter(stage, analyse), {
    settings: STREAMED,
    scripts: { analyse: { downstream: WORTH_IT } },
  });
  expect(scheduledActivities(history)).toMatchObject([
    { type: 'analyse' },
    { id: 'spec-1', type: 'note', summary: true },
  ]);
});
