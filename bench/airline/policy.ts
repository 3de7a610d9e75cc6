import type { Turn } from '../../activities/agent-step';
import { readTools, writeTools } from '../../activities/tool-agent';
import { DEFAULT_KNOB } from '../../speculation/decision/knob';
import type { MinedPatterns } from '../../speculation/mining/mined-patterns';
import type { ForecasterInput, OperationInput } from '../../speculation/plugin/operation-policy';
import { definePolicy, type Policy } from '../../speculation/plugin/policy-file';
import { AGENT_MODEL, DRAFT_MODEL } from './agent-model';
import type { Contestant, Forecasts } from './contestants';
import { LATENCIES, type WaitKind } from './latencies';
import { standingIn, stepAfter, type RecordedResults, type Recording } from './recording';

/** Price of one call of a tool, US dollars: somebody's service, and not free. Ours, as in `runahead bench streaming`. */
export const TOOL_USD = 0.00002;

export interface PolicyContext {
  recordings: ReadonlyMap<string, Recording>;
  results: RecordedResults;
  /** Patterns for a conversation, mined without its task. */
  patternsFor: (scenarioId: string) => MinedPatterns | undefined;
  compression: number;
}

/** The same for all, apart from the policy, the dial and where forecasts come from. */
export function airlinePolicy({ policy, forecasts, alpha = 0.5 }: Contestant, context: PolicyContext): Policy {
  const { compression } = context;
  const expected = (kind: WaitKind): number => LATENCIES[kind].distribution.medianSeconds / compression;
  const tool: OperationInput = {
    effect: 'none',
    cost: { kind: 'fixed', usd: TOOL_USD },
    expectedSeconds: expected('tool'),
  };
  const read = (name: string): OperationInput =>
    forecasts === 'recording' ? { ...tool, forecast: [recordedResult(context, name)] } : tool;
  return definePolicy({
    launchPolicy: policy,
    // Time runs faster here, so a second of it is worth as many seconds of real life.
    knob: { alpha, lambdaUsdPerSecond: DEFAULT_KNOB.lambdaUsdPerSecond * compression },
    // Room for three mined forecasts and three of a draft.
    limits: { maxDepth: 4, maxBreadth: 6, maxOpenLaunches: 8, maxFibers: 24 },
    // Each policy is to be itself to the end.
    calibration: { killSwitch: false },
    activities: {
      agentStep: {
        effect: 'none',
        dependency: { type: 'repeated_context' },
        forecast: forecastersOf(forecasts, context),
        cost: { kind: 'model', model: AGENT_MODEL, inputTokens: 2_000, outputTokens: 60 },
        expectedSeconds: expected('agent step'),
      },
      draftAgentStep: {
        effect: 'none',
        cost: { kind: 'model', model: DRAFT_MODEL, inputTokens: 2_000, outputTokens: 150 },
        expectedSeconds: expected('draft'),
      },
      replyToUser: { effect: 'irreversible' },
      ...Object.fromEntries(Object.keys(readTools).map((name) => [name, read(name)])),
      ...Object.fromEntries(Object.keys(writeTools).map((name) => [name, { effect: 'irreversible' } as const])),
    },
  });
}

interface AgentInput {
  scenarioId: string;
  transcript: Turn[];
}

function forecastersOf(forecasts: Forecasts, context: PolicyContext): ForecasterInput[] {
  const mined: ForecasterInput = {
    kind: 'mined',
    patterns: ({ scenarioId }: AgentInput) => context.patternsFor(scenarioId),
    top: 3,
  };
  const draft: ForecasterInput = { kind: 'draft', activity: 'draftAgentStep', several: true };
  switch (forecasts) {
    case 'mined':
      return [mined];
    case 'drafts':
      return [draft];
    case 'mined and drafts':
      return [mined, draft];
    case 'stream':
      return [{ kind: 'stream' }];
    case 'recording':
      return [recordedStep(context)];
  }
}

function recordedResult({ results }: PolicyContext, tool: string): ForecasterInput {
  return { kind: 'function', forecast: ({ args }: { args: unknown }) => results.of(tool, args) };
}

function recordedStep({ recordings }: PolicyContext): ForecasterInput {
  return {
    kind: 'function',
    forecast: ({ scenarioId, transcript }: AgentInput) => {
      const recording = recordings.get(scenarioId);
      if (recording === undefined || standingIn(recording, transcript).strayTurns > 0) return undefined;
      return stepAfter(recording, transcript);
    },
  };
}
