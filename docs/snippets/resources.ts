import { definePolicy } from 'runahead';

export const policy = definePolicy({
  activities: {
    balance: {
      effect: 'none',
      cost: { kind: 'fixed', usd: 0.001 },
      reads: (account: string) => [`account:${account}`],
    },
    transfer: {
      effect: 'irreversible',
      writes: (from: string, to: string) => [`account:${from}`, `account:${to}`],
    },
    // Nobody knows what it touches.
    runScript: { effect: 'irreversible', writes: () => ['*'] },
  },
});
