import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { OpenAI } from 'openai';
import { createModelClient } from '../../activities/model-client';
import type { UsageRecord } from '../../speculation/ledger/usage';
import { PriceTable } from '../../speculation/plugin/price-table';
import { UsageMeter, withUsageMeter } from '../../speculation/plugin/usage-meter';
import { startLocalModel, type LocalModel, type LocalModelOptions } from '../../workers/local-model';
import { startMeter, type Meter } from '../../workers/meter';
import { TEST_MODEL, TEST_RATES } from './test-rates';

export { TEST_MODEL, TEST_RATES };

export interface MeteredModel {
  model: LocalModel;
  meter: Meter;
  /** Talks to the model through the meter. */
  client: OpenAI;
}

/** Starts local models behind meters for the calling test file; all are stopped after each test. */
export function useMeteredModel(): (options: LocalModelOptions) => Promise<MeteredModel> {
  const running: MeteredModel[] = [];
  afterEach(async () => {
    for (const { model, meter } of running.splice(0)) {
      await meter.stop();
      await model.stop();
    }
  });
  return async (options) => {
    const model = await startLocalModel(options);
    const meter = await startMeter({ upstreamUrl: model.baseUrl, rates: { [TEST_MODEL]: TEST_RATES } });
    const started = { model, meter, client: createModelClient(meter.baseUrl) };
    running.push(started);
    return started;
  };
}

/** An activity with books of its own, and a cancel at hand. */
export interface ActivityUnderTest<T> {
  result: Promise<T>;
  cancel: () => void;
  /** Heartbeats so far. */
  beats: () => number;
  /** Bills so far. */
  books: () => UsageRecord[];
}

/** Runs `body` as an activity, which may cancel itself. */
export function runActivity<T>(body: (cancel: () => void) => Promise<T>): ActivityUnderTest<T> {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const usage = new UsageMeter({
    attempt: 1,
    prices: new PriceTable({ [TEST_MODEL]: TEST_RATES }),
    declaredModel: null,
    earlier: [],
    warnOnce: (_key, message) => {
      throw new Error(message);
    },
  });
  let beats = 0;
  const cancel = (): void => environment.cancel();
  environment.on('heartbeat', () => (beats += 1));
  const result: Promise<T> = environment.run<[], T, () => Promise<T>>(() => withUsageMeter(usage, () => body(cancel)));
  // The test awaits it later; until then a failure must not count as unhandled.
  result.catch(() => undefined);
  return {
    result,
    cancel,
    beats: () => beats,
    books: () => usage.ofThisAttempt(),
  };
}
