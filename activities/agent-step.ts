import { z } from 'zod';
import { callModel } from './model';
import type { ModelRequest } from './model';
import { MODEL } from './model-roles';
import { TOOL_SCHEMAS } from './tool-schemas';

export const AGENT_PROMPT =
  'You are the desk agent of an airline. Use one tool at a time; when the matter is settled or you must ask, answer the traveller.';

/** One turn of a conversation with tools. */
export type Turn =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string }
  | { role: 'tool'; tool: string; args: Record<string, unknown>; result: string };

/** What the agent does next: exactly one tool call, or words for the traveller. */
export type AgentStep = { kind: 'call'; tool: string; args: Record<string, unknown> } | { kind: 'reply'; text: string };

const toolCall = z.object({
  kind: z.literal('call'),
  tool: z.string(),
  args: z.record(z.string(), z.unknown()),
}) satisfies z.ZodType<AgentStep>;

/** Asks the model for the next step of a conversation. */
export async function agentStep(input: { scenarioId: string; transcript: Turn[] }): Promise<AgentStep> {
  const request: ModelRequest = {
    model: MODEL.small,
    messages: [
      { role: 'system', content: `${AGENT_PROMPT}\nConversation: ${input.scenarioId}` },
      ...input.transcript.flatMap(toMessages),
    ],
    tools: TOOL_SCHEMAS,
    maxTokens: 400,
    temperature: 0,
  };
  const answer = await callModel(request, {
    fields: {
      as: ({ toolCalls }) => ({ kind: 'call', tool: toolCalls[0].name, args: toolCalls[0].arguments }),
      schema: toolCall,
    },
  });
  const call = answer.toolCalls[0];
  if (call === undefined) return { kind: 'reply', text: answer.text };
  return { kind: 'call', tool: call.name, args: call.arguments };
}

/** What a model is shown of one turn. */
export function toMessages(turn: Turn, index: number): ModelRequest['messages'] {
  if (turn.role !== 'tool') return [{ role: turn.role, content: turn.text }];
  const id = `call_${index}`;
  return [
    {
      role: 'assistant',
      content: null,
      toolCalls: [{ id, name: turn.tool, arguments: turn.args }],
    },
    { role: 'tool', toolCallId: id, content: turn.result },
  ];
}
