import { definePolicy } from 'runahead';

export const policy = definePolicy({
  activities: {
    summarise: {
      effect: 'none',
      forecast: [{ kind: 'draft', activity: 'summariseQuickly' }],
      cost: { kind: 'model', model: 'gpt-4o', inputTokens: 2000, outputTokens: 200 },
      // A draft of a summary is hardly ever the summary to the letter.
      equivalence: { kind: 'embedding', field: 'text', threshold: 0.97 },
    },
    summariseQuickly: {
      effect: 'none',
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 2000, outputTokens: 200 },
    },
    estimate: {
      effect: 'none',
      forecast: [{ kind: 'history' }],
      cost: { kind: 'fixed', usd: 0 },
      // Cents do not matter to whoever reads this.
      equivalence: {
        kind: 'function',
        equivalent: (forecast: { usd: number }, actual: { usd: number }) => Math.abs(forecast.usd - actual.usd) < 1,
      },
    },
    suggestTags: {
      effect: 'none',
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 300, outputTokens: 20 },
      acceptsEquivalent: ['summarise'],
    },
    // No acceptsEquivalent: this one always gets the real summary.
    answerCustomer: {
      effect: 'none',
      cost: { kind: 'model', model: 'gpt-4o', inputTokens: 500, outputTokens: 200 },
    },
  },
});
