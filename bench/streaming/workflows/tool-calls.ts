import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** One round of the agent: what it wants to know. Nothing when it is done. */
export interface Turn {
  calls: ToolCall[];
}

const { toolCallsTurn, toolCallsRun } = operations<{
  toolCallsTurn: (input: ShapeInput & { results: string[] }) => Promise<Turn>;
  toolCallsRun: (input: { tool: string; arguments: Record<string, unknown> }) => Promise<string>;
}>();

/** An agent that asks for several tools at a time, until it needs no more. */
export async function toolCalls(input: ShapeInput): Promise<string[]> {
  const results: string[] = [];
  for (;;) {
    const { calls } = await toolCallsTurn({ ...input, results });
    // Whether there is a first one is known long before how many there are.
    if (calls[0] === undefined) return results;
    results.push(
      ...(await Promise.all(calls.map((call) => toolCallsRun({ tool: call.name, arguments: call.arguments })))),
    );
  }
}
