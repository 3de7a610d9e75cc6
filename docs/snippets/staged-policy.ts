import { definePolicy } from 'runahead';
import { bookFlight } from './stage';

export const policy = definePolicy({
  activities: {
    chooseFlight: {
      effect: 'none',
      forecast: [{ kind: 'history' }],
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 400, outputTokens: 20 },
    },
    bookFlight: { effect: 'staged', stage: bookFlight, cost: { kind: 'fixed', usd: 0 } },
    chargeCard: { effect: 'idempotent', cost: { kind: 'fixed', usd: 0 } },
  },
});
