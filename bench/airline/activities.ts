import { Context } from '@temporalio/activity';
import type { OpenAI } from 'openai';
import { AGENT_PROMPT, toMessages, type AgentStep, type Turn } from '../../activities/agent-step';
import { callModel, type ModelRequest } from '../../activities/model';
import { readTools, writeTools, type ReadCall, type WriteCall } from '../../activities/tool-agent';
import { TOOL_SCHEMAS } from '../../activities/tool-schemas';
import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { DraftGuess } from '../../speculation/forecast/draft-guess';
import { COPY_PREFIX, LAUNCH_PREFIX } from '../../speculation/runtime/protocol';
import { AGENT_MODEL, DRAFT_MODEL, MOST_TOKENS } from './agent-model';
import { drawnSeconds, type WaitKind } from './latencies';
import type { RecordedResults, Recording } from './recording';

/** Something that cannot be taken back: a write, or words to the user. */
export interface Effect {
  workflowId: string;
  activityType: string;
  input: unknown;
  /** Whether it was done ahead of its input. */
  launched: boolean;
}

export interface ReplayOptions {
  seed: number;
  recordings: ReadonlyMap<string, Recording>;
  results: RecordedResults;
  compression: number;
  /** Talks to the model of this policy, through its meter. */
  model: OpenAI;
  onEffect: (effect: Effect) => void;
}

interface AgentInput {
  scenarioId: string;
  transcript: Turn[];
}

/** Activities with the names of the pipeline's, which say and do what was recorded and take the time that is drawn for it. */
export function replayActivities(options: ReplayOptions): Record<string, (input: never) => Promise<unknown>> {
  const { recordings, results, model, onEffect } = options;
  const wait = async (kind: WaitKind, ...names: (string | number)[]): Promise<void> => {
    await Context.current().sleep((drawnSeconds(options.seed, kind, ...names) / options.compression) * 1000);
  };
  const effect = (input: unknown): void => {
    const { activityId, activityType, workflowExecution } = Context.current().info;
    const launched = activityId.startsWith(LAUNCH_PREFIX) || activityId.startsWith(COPY_PREFIX);
    onEffect({ workflowId: workflowExecution?.workflowId ?? '', activityType, input, launched });
  };
  const roundOf = (scenarioId: string, round: number): Recording['rounds'][number] | undefined =>
    recordings.get(scenarioId)?.rounds[round];
  const read =
    (tool: string) =>
    async ({ scenarioId, args }: ReadCall) => {
      await wait('tool', scenarioId, tool, canonicalJson(args));
      return results.of(tool, args);
    };
  const write = (tool: string) => async (call: WriteCall) => {
    effect(call);
    await wait('tool', call.scenarioId, tool, call.round);
    const recorded = roundOf(call.scenarioId, call.round);
    return recorded !== undefined && 'result' in recorded ? recorded.result : '';
  };
  return {
    agentStep: async ({ scenarioId, transcript }: AgentInput): Promise<AgentStep> => {
      const request = requestOf(AGENT_MODEL, scenarioId, transcript);
      const answer = await callModel(
        { ...request, tools: TOOL_SCHEMAS, maxTokens: MOST_TOKENS + copyNumber() },
        {
          client: model,
          fields: { as: ({ toolCalls }) => ({ kind: 'call', tool: toolCalls[0].name, args: toolCalls[0].arguments }) },
        },
      );
      const [call] = answer.toolCalls;
      if (call === undefined) return { kind: 'reply', text: answer.text };
      return { kind: 'call', tool: call.name, args: call.arguments };
    },
    draftAgentStep: async ({ scenarioId, transcript }: AgentInput): Promise<DraftGuess[]> => {
      const request = requestOf(DRAFT_MODEL, scenarioId, transcript);
      const answer = await callModel({ ...request, tools: TOOL_SCHEMAS, maxTokens: MOST_TOKENS }, { client: model });
      return JSON.parse(answer.text) as DraftGuess[];
    },
    replyToUser: async (input: { scenarioId: string; round: number; text: string }) => {
      effect(input);
      const recorded = roundOf(input.scenarioId, input.round);
      const next = recorded !== undefined && 'next' in recorded ? recorded.next : null;
      if (next !== null) await wait('user', input.scenarioId, input.round);
      return { next };
    },
    ...Object.fromEntries(Object.keys(readTools).map((tool) => [tool, read(tool)])),
    ...Object.fromEntries(Object.keys(writeTools).map((tool) => [tool, write(tool)])),
  };
}

/** As `activities/agent-step.ts` asks. The airline's rules, which stood before each recorded conversation, are not in the recordings. */
function requestOf(model: string, scenarioId: string, transcript: readonly Turn[]): ModelRequest {
  return {
    model,
    messages: [
      { role: 'system', content: `${AGENT_PROMPT}\nConversation: ${scenarioId}` },
      ...transcript.flatMap(toMessages),
    ],
    temperature: 0,
  };
}

/** 0 for the call itself, another number for each copy that runs beside it. */
function copyNumber(): number {
  const { activityId } = Context.current().info;
  return activityId.startsWith(COPY_PREFIX) ? Number(activityId.slice(COPY_PREFIX.length)) : 0;
}
