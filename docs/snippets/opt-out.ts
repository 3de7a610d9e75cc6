import { definePolicy } from 'runahead';

export const policy = definePolicy({
  pipelines: { agent: { enabled: false } },
  activities: { nextStep: { effect: 'none' }, runTool: { effect: 'irreversible' } },
});
