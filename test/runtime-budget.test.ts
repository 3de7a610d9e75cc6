import { Context } from '@temporalio/activity';
import { refusedByBudget } from '../speculation/plugin/budget-refused';
import type { Entry } from '../speculation/ledger/entry';
import { replay, scheduledActivities, withPipeline, type Activities } from './support/scripted-worker';
import { Stage } from './support/stage';
import { useTemporal } from './support/temporal';
import { untilAnswer } from './support/until-answer';

const temporal = useTemporal();
const ROUTE = { route: 'refund' };

interface Books {
  totals: { launched: number; claimed: number; failed: number; costUsd: string };
  entries: Entry[];
}

const refusal = (): Error =>
  refusedByBudget('draft', '0.01', { reason: 'dollars', scope: '*', limit: '1', left: '0.004' });
const isLaunch = (): boolean => Context.current().info.activityId.startsWith('spec-');

/** classify waits for `classified`, and a launch of draft is refused when `refused` is reached. */
function activitiesOf(stage: Stage, classified: string, refused: string): Activities {
  return {
    classify: async () => {
      await stage.reached(classified);
      return ROUTE;
    },
    draft: async (route: string) => {
      if (isLaunch()) {
        stage.mark('asked for leave');
        await stage.reached(refused);
        throw refusal();
      }
      stage.mark('draft');
      return { text: `about ${route}` };
    },
    review: async () => ({ verdict: 'pass' }),
    send: async (text: string) => `sent ${text}`,
  };
}

const scripts = { classify: { forecasts: [ROUTE], downstream: { draft: {} } } };

test('a launch that a shared budget refuses before it is asked for is dropped, and the pipeline makes the call itself', async () => {
  const stage = new Stage();
  const activities = activitiesOf(stage, 'refused', 'asked for leave');
  await withPipeline(await temporal.start(), 'chain', ['hello'], activities, { scripts }, async (started) => {
    const books = await untilAnswer(
      () => started.handle.query<Books>('ledger'),
      ({ totals }) => totals.failed === 1,
    );
    expect(books.entries.find(({ kind }) => kind === 'launch')).toMatchObject({
      state: 'failed',
      costUsd: '0',
      claimedAtMs: null,
    });
    stage.mark('refused');
    expect(await started.handle.result()).toBe('sent about refund');
    expect(stage.count('draft')).toBe(1);
    await replay(await started.history());
  });
});

test('a launch that waits for a shared budget and is claimed meanwhile falls back to the plain call when it is refused', async () => {
  const stage = new Stage();
  const activities = activitiesOf(stage, 'asked for leave', 'claimed');
  await withPipeline(await temporal.start(), 'chain', ['hello'], activities, { scripts }, async (started) => {
    await untilAnswer(
      () => started.handle.query<Books>('ledger'),
      ({ entries }) => entries.some(({ claimedAtMs }) => claimedAtMs !== null),
    );
    stage.mark('claimed');
    expect(await started.handle.result()).toBe('sent about refund');
    expect(stage.count('draft')).toBe(1);
    const { totals } = await started.handle.query<Books>('ledger');
    expect(totals).toMatchObject({ launched: 1, claimed: 0, failed: 1, costUsd: '0' });
    const history = await started.history();
    expect(scheduledActivities(history).filter(({ type }) => type === 'draft')).toHaveLength(2);
    await replay(history);
  });
});
