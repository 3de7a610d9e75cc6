import { definePolicy, loadPatterns } from 'runahead';

export const policy = definePolicy({
  activities: {
    decide: {
      effect: 'none',
      forecast: [{ kind: 'mined', patterns: loadPatterns('patterns.json'), top: 2 }],
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 900, outputTokens: 60 },
    },
    fetchBooking: { effect: 'none', cost: { kind: 'fixed', usd: 0 } },
  },
});
