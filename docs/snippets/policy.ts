import { definePolicy } from 'runahead';

export const policy = definePolicy({
  activities: {
    classify: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: 3 },
      forecast: [{ kind: 'history' }],
      contextKey: (message: string) => message.split(' ').slice(0, 3).join(' ').toLowerCase(),
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 120, outputTokens: 2 },
    },
    draft: {
      effect: 'none',
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 150, outputTokens: 120 },
      expectedSeconds: 3,
    },
    send: { effect: 'irreversible' },
  },
});
