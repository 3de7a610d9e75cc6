/** Task queue of the pipelines that ship. */
export const SHIPPED_TASK_QUEUE = 'runahead';

/** A pipeline that ships, with an input that works. */
export interface ShippedPipeline {
  /** Workflow type. */
  name: string;
  summary: string;
  exampleInput: unknown;
}

export const SHIPPED_PIPELINES: readonly ShippedPipeline[] = [
  {
    name: 'autoReply',
    summary: 'answers a support message: classify, look up, draft, check, send',
    exampleInput: {
      messageId: 'message-1',
      customerId: 'customer-7',
      text: 'I would like to send back the clay kit, it is unopened. How do I get my money back?',
    },
  },
  {
    name: 'toolAgent',
    summary: 'an airline desk agent that chooses one tool call after another',
    exampleInput: {
      scenarioId: 'change-date',
      goal: 'Please move my flight to Lisbon to the day after.',
      maxSteps: 12,
    },
  },
  {
    name: 'research',
    summary: 'answers a question from sources: plan, search, take notes, write, verify',
    exampleInput: { question: 'How do tides shape an estuary?', depth: 3 },
  },
];
