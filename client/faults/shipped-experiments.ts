import { shippedPolicy } from '../../activities/policy';
import { shippedActivities } from '../../activities/shipped';
import { researchQuestions } from '../../bench/scenarios/research-questions';
import { seededRandom } from '../../bench/scenarios/seeded-random';
import { supportMessages } from '../../bench/scenarios/support-messages';
import { defineFaultExperiment, type FaultExperiment } from '../../speculation/plugin/fault-experiment';
import { shippedWorkflows } from '../../workers/workflow-bundle';

/** Prices of verifiers are about those of a call of the big model that reads what the operation has read and written. */
const SHIPPED = {
  autoReply: (seed: number, inputs: number): FaultExperiment =>
    defineFaultExperiment({
      pipeline: 'autoReply',
      workflows: shippedWorkflows(),
      activities: shippedActivities,
      policy: shippedPolicy,
      standIns: { sendReply: () => ({ sent: true }) },
      inputs: supportMessages(inputs, seededRandom(seed)),
      verifiers: [
        { operation: 'classifyMessage', verifier: 'gpt-4o', usd: 0.0004, catches: 0.8 },
        { operation: 'lookUpAccount', verifier: 'second look-up', usd: 0.0001, catches: 0.9 },
        { operation: 'findPolicyArticle', verifier: 'second look-up', usd: 0.0001, catches: 0.9 },
        { operation: 'draftReply', verifier: 'gpt-4o', usd: 0.0016, catches: 0.8 },
      ],
    }),
  research: (seed: number, inputs: number): FaultExperiment =>
    defineFaultExperiment({
      pipeline: 'research',
      workflows: shippedWorkflows(),
      activities: shippedActivities,
      policy: shippedPolicy,
      inputs: researchQuestions(inputs, seededRandom(seed)),
      verifiers: [
        { operation: 'planResearch', verifier: 'gpt-4o', usd: 0.0006, catches: 0.8 },
        { operation: 'searchSources', verifier: 'second look-up', usd: 0.0003, catches: 0.9 },
        { operation: 'takeNote', verifier: 'gpt-4o', usd: 0.0021, catches: 0.8 },
        { operation: 'synthesise', verifier: 'gpt-4o', usd: 0.0018, catches: 0.8 },
      ],
    }),
} as const;

export type ShippedExperiment = keyof typeof SHIPPED;

export const SHIPPED_EXPERIMENTS = Object.keys(SHIPPED) as ShippedExperiment[];

/** Faults in a pipeline that ships. Its inputs are a function of the seed. */
export function shippedExperiment(name: ShippedExperiment, seed: number, inputs: number): FaultExperiment {
  return SHIPPED[name](seed, inputs);
}
