import { definePolicy } from 'runahead';

export const policy = definePolicy({
  calibration: {
    start: 'shadow',
    canaryShare: 0.05,
    promote: 'automatic',
    gates: { canary: { observations: 300 }, online: { launches: 100 } },
    killSwitch: { drop: 0.6 },
  },
  activities: {
    classify: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: 3, halfLife: 2_000 },
      forecast: [{ kind: 'history' }],
      cost: { kind: 'fixed', usd: 0.001 },
    },
    draft: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 }, expectedSeconds: 3 },
  },
});
