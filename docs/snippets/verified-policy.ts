import { definePolicy } from 'runahead';

export const policy = definePolicy({
  activities: {
    draftReply: { effect: 'none', cost: { kind: 'model', model: 'gpt-4o', inputTokens: 300, outputTokens: 150 } },
    // Says "pass", or why not.
    checkReply: {
      effect: 'none',
      dependency: { type: 'verifier' },
      forecast: [{ kind: 'verify', pass: { verdict: 'pass' } }],
      cost: { kind: 'model', model: 'gpt-4o', inputTokens: 500, outputTokens: 10 },
    },
    // Hands on what it was given, or something better.
    polish: {
      effect: 'none',
      dependency: { type: 'verifier' },
      forecast: [{ kind: 'verify', pass: ({ text }: { text: string }) => ({ text }) }],
      cost: { kind: 'model', model: 'gpt-4o', inputTokens: 400, outputTokens: 200 },
      equivalence: { kind: 'rouge-l', field: 'text' },
    },
    // Starts while `polish` reads, and is kept when it changes little.
    suggestTags: {
      effect: 'none',
      cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 300, outputTokens: 20 },
      acceptsEquivalent: ['polish'],
    },
  },
});
