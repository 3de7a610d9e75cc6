import { defineFaultExperiment } from 'runahead';
import * as activities from './activities';
import { policy } from './policy';

export const experiment = defineFaultExperiment({
  pipeline: 'support',
  workflows: { workflowsPath: require.resolve('./workflow') },
  activities,
  policy,
  // Nothing is sent: what does more than read is called by its stand-in, or not at all.
  standIns: { send: () => undefined },
  inputs: ['Where is my parcel?', 'I cannot log in.', 'I want my money back.'],
  // Without a score of your own it is how much of the clean run's result is left.
  score: (result, { reference }) => (JSON.stringify(result) === JSON.stringify(reference) ? 1 : 0),
  verifiers: [{ operation: 'classify', verifier: 'a second opinion', usd: 0.0004, catches: 0.8 }],
});
