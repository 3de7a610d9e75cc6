import { definePolicy, type Policy } from '../../speculation/plugin';
import { CALL_MS, FORECAST_ROUTE } from './activities';

/** The same pipelines without the plugin, with the plugin and speculation switched off, and run ahead. */
export const VARIANTS = ['plain', 'off', 'ahead'] as const;

export type Variant = (typeof VARIANTS)[number];

/** Null for a worker without the plugin. */
export function policyOf(variant: Variant): Policy | null {
  if (variant === 'plain') return null;
  const enabled = variant === 'ahead';
  const dependency = { type: 'router_k_way', k: 2 } as const;
  const cost = { kind: 'fixed', usd: 0 } as const;
  return definePolicy({
    // A second of waiting is worth money and calls are free, so whatever may be launched is: the most that run-ahead can load a system with.
    knob: { alpha: 1, lambdaUsdPerSecond: 0.01 },
    pipelines: { twoCalls: { enabled }, openPipeline: { enabled } },
    activities: {
      classify: {
        effect: 'none',
        dependency,
        forecast: [{ kind: 'function', forecast: () => FORECAST_ROUTE }],
        cost,
        expectedSeconds: CALL_MS / 1000,
      },
      answer: { effect: 'none', cost, expectedSeconds: CALL_MS / 1000 },
    },
  });
}
