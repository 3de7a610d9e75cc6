import { MODEL } from '../activities/model-roles';
import { scriptedAnswer } from './sample-model/script';
import { PriceTable } from '../speculation/plugin/price-table';
import { startLocalModel } from './local-model';
import { startMeter, type Meter } from './meter';

/** A local model behind a meter. */
export interface LocalModelBeside {
  /** For OPENAI_BASE_URL. */
  baseUrl: string;
  meter: Meter;
  stop: () => Promise<void>;
}

/** Whether the environment names a provider for the pipelines that ship. */
export function modelIsConfigured(environment: NodeJS.ProcessEnv = process.env): boolean {
  return (environment['OPENAI_API_KEY'] ?? '') !== '' || (environment['OPENAI_BASE_URL'] ?? '') !== '';
}

/**
 * Starts a local model that knows the pipelines that ship, with a meter in front of it, and makes it the provider of this
 * process.
 */
export async function startLocalModelBeside(): Promise<LocalModelBeside> {
  const prices = new PriceTable();
  const rates = Object.fromEntries(Object.values(MODEL).map((model) => [model, prices.ratesFor(model)]));
  const model = await startLocalModel({ script: scriptedAnswer });
  const meter = await startMeter({ upstreamUrl: model.baseUrl, rates });
  process.env['OPENAI_BASE_URL'] = meter.baseUrl;
  return {
    baseUrl: meter.baseUrl,
    meter,
    stop: async () => {
      delete process.env['OPENAI_BASE_URL'];
      await meter.stop();
      await model.stop();
    },
  };
}
