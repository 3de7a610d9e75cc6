import { z } from 'zod';
import { definePolicy } from '../speculation/plugin/policy-file';
import type { OperationInput } from '../speculation/plugin/operation-policy';
import { likelyAgentStep } from './likely-agent-step';
import { MODEL } from './model-roles';
import { ROUTES } from './support-desk';
import { keywordBucket } from './support-keywords';
import { readTools, writeTools } from './tool-agent';

const verdict = z.looseObject({ verdict: z.enum(['pass', 'revise']) });
const plan = z.object({ queries: z.array(z.string()) });
const agentStepOutput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), tool: z.string(), args: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('reply'), text: z.string() }),
]);

/** A call of one of our own systems: free, and quick. */
function lookUp(expectedSeconds: number): OperationInput {
  return { effect: 'none', cost: { kind: 'fixed', usd: 0 }, expectedSeconds };
}

function modelCost(model: string, inputTokens: number, outputTokens: number): NonNullable<OperationInput['cost']> {
  return { kind: 'model', model, inputTokens, outputTokens };
}

/** The question itself, without what is added about its style. */
function firstSentence(text: string): string {
  return (/^[^.?!]*[.?!]?/.exec(text)?.[0] ?? text).trim().toLowerCase();
}

/** What may run early in the pipelines that ship, and what it costs. */
export const shippedPolicy = definePolicy({
  // An agent that reads one thing after another is worth following for a few rounds; each round is a model call and a tool.
  limits: { maxDepth: 6 },
  activities: {
    classifyMessage: {
      effect: 'none',
      dependency: { type: 'router_k_way', k: ROUTES.length },
      forecast: [{ kind: 'history', top: 1 }],
      contextKey: (input: { text: string }) => keywordBucket(input.text),
      output: z.object({ route: z.enum(ROUTES) }),
      cost: modelCost(MODEL.small, 90, 8),
      expectedSeconds: 0.5,
    },
    lookUpAccount: {
      ...lookUp(0.4),
      dependency: { type: 'repeated_context' },
      forecast: [{ kind: 'history', top: 1 }],
      contextKey: (input: { customerId: string; route: string }) => `${input.customerId}/${input.route}`,
    },
    findPolicyArticle: {
      ...lookUp(0.25),
      dependency: { type: 'deterministic' },
      forecast: [{ kind: 'history', top: 1 }],
    },
    draftReply: { effect: 'none', cost: modelCost(MODEL.big, 220, 110), expectedSeconds: 1 },
    checkReply: {
      effect: 'none',
      dependency: { type: 'verifier' },
      forecast: [{ kind: 'verify', pass: { verdict: 'pass' } }],
      output: verdict,
      cost: modelCost(MODEL.small, 250, 8),
      expectedSeconds: 0.4,
    },
    sendReply: { effect: 'irreversible' },

    agentStep: {
      effect: 'none',
      dependency: { type: 'repeated_context' },
      forecast: [{ kind: 'function', forecast: likelyAgentStep }],
      output: agentStepOutput,
      cost: modelCost(MODEL.small, 900, 40),
      expectedSeconds: 0.5,
    },
    replyToUser: { effect: 'irreversible' },
    ...Object.fromEntries(Object.keys(readTools).map((tool) => [tool, lookUp(0.25)])),
    ...Object.fromEntries(Object.keys(writeTools).map((tool) => [tool, { effect: 'irreversible' } as const])),

    planResearch: {
      effect: 'none',
      dependency: { type: 'repeated_context' },
      forecast: [
        { kind: 'history', top: 1 },
        { kind: 'draft', activity: 'draftResearchPlan' },
      ],
      contextKey: (input: { question: string; depth: number }) => `${input.depth}/${firstSentence(input.question)}`,
      output: plan,
      cost: modelCost(MODEL.big, 70, 40),
      expectedSeconds: 0.9,
    },
    draftResearchPlan: { effect: 'none', output: plan, cost: modelCost(MODEL.draft, 70, 40), expectedSeconds: 0.3 },
    searchSources: lookUp(0.35),
    takeNote: { effect: 'none', cost: modelCost(MODEL.small, 110, 30), expectedSeconds: 0.45 },
    synthesise: { effect: 'none', cost: modelCost(MODEL.big, 170, 110), expectedSeconds: 1 },
    verifyReport: {
      effect: 'none',
      dependency: { type: 'verifier' },
      forecast: [{ kind: 'verify', pass: { verdict: 'pass' } }],
      output: verdict,
      cost: modelCost(MODEL.small, 280, 8),
      expectedSeconds: 0.4,
    },
  },
});
