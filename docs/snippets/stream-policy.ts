import { definePolicy } from 'runahead';

export const policy = definePolicy({
  activities: {
    planSearch: {
      effect: 'none',
      forecast: [{ kind: 'stream' }],
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 100, outputTokens: 250 },
      expectedSeconds: 4,
    },
    search: { effect: 'none', cost: { kind: 'fixed', usd: 0.0005 }, expectedSeconds: 1 },
    report: { effect: 'none', cost: { kind: 'fixed', usd: 0 } },
  },
});
