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
      customerId: 'customer-11',
      text: 'I would like my money back for the clay kit, I have not opened it.',
    },
  },
  {
    name: 'toolAgent',
    summary: 'an airline desk agent that chooses one tool call after another',
    exampleInput: {
      scenarioId: 'travel/example',
      goal: 'This is ines_w41. Please put 2 bags on my reservation KQ7RD2.',
      maxSteps: 12,
    },
  },
  {
    name: 'research',
    summary: 'answers a question from sources: plan, search, take notes, write, verify',
    exampleInput: { question: 'Why did potters give up lead?', depth: 3 },
  },
];
