import { emptyControlState, type ControlState } from '../speculation/estimate/control-state';
import { moveStage } from '../speculation/estimate/calibration-state';
import type { Observation } from '../speculation/estimate/observation';
import { seededRandom } from './scenarios/seeded-random';

/** Observations that one pipeline hands in at its end. */
export const OBSERVATIONS_A_PIPELINE = 20;

const OPERATIONS = 100;
const OPERATIONS_A_PIPELINE_TYPE = 25;
const PIPELINE_TYPES = 12;
/** Edges to the next, the one after it and the one behind that: 300. */
const LONGEST_EDGE = 3;
const LAUNCHED_EDGES = 100;
const TENANTS = 50;
const INTENTS = 60;
const OUTPUTS = 12;
const MODELS = ['gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'claude-sonnet-4', 'gemini-2.5-flash'];

/**
 * What the control plane starts with: edges that may be launched along, put online by name, so that what is counted of their launches
 * stays; and no kill-switch, which by design forgets what an edge showed before its success rate dropped.
 */
export function initialState(): ControlState {
  const state = emptyControlState();
  state.calibration.settings = { ...state.calibration.settings, killSwitch: null };
  for (let index = 0; index < LAUNCHED_EDGES; index++) {
    const edge = `${operationName(index)}>${operationName(index + 1)}`;
    moveStage(state.calibration, { edge, stage: 'online', reason: 'starts', by: 'bench' }, { revision: 0, atMs: null });
  }
  return state;
}

/**
 * The n-th observation of one stream, from 0: always the same. Of each pipeline, 9 attempts, 6 outcomes of forecasts, 3 launches, one
 * bill that waits for its pipeline and one that nobody else books. One hundred operations, 300 edges, 50 tenants, 3,000 contexts.
 */
export function observationAt(stream: number, n: number): Observation {
  const run = Math.floor(n / OBSERVATIONS_A_PIPELINE);
  const step = n % OBSERVATIONS_A_PIPELINE;
  const random = seededRandom(Math.imul(stream + 1, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b));
  const below = (bound: number): number => Math.floor(random() * bound);
  const type = run % PIPELINE_TYPES;
  const first = (type * 8 + below(OPERATIONS_A_PIPELINE_TYPE)) % OPERATIONS;
  const pipeline = `pipeline-${type}`;
  const runId = runIdOf(stream, run);
  const tenant = `tenant-${(run * 7 + stream) % TENANTS}`;

  if (step < 9) {
    const inputTokens = 200 + below(4_000);
    const outputTokens = 20 + below(900);
    return {
      kind: 'operation',
      id: `${runId}/${step + 1}/1`,
      pipeline,
      operation: operationName(first),
      contextKey: `${tenant}/intent-${below(INTENTS)}`,
      output: { route: `route-${below(OUTPUTS)}`, confidence: 'high', next: ['look up the order', 'draft an answer'] },
      latencySeconds: Math.exp(-1 + 2.5 * random()),
      tokens: { inputTokens, cachedInputTokens: below(inputTokens), outputTokens },
      costUsd: (inputTokens * 4e-7 + outputTokens * 1.6e-6).toFixed(8),
      succeeded: random() < 0.97,
      model: MODELS[first % MODELS.length] ?? 'gpt-4.1',
    };
  }
  if (step < 15) {
    const span = 1 + below(LONGEST_EDGE);
    return {
      kind: 'edge',
      id: `${runId}/${operationName(first)}>${operationName(first + span)}/${step}`,
      pipeline,
      upstream: operationName(first),
      downstream: operationName(first + span),
      source: random() < 0.8 ? 'history' : 'draft',
      rank: below(2),
      success: random() < 0.3 + (0.6 * first) / OPERATIONS,
      bucket: tenant,
      predicted: {
        probability: 0.3 + (0.6 * first) / OPERATIONS,
        latencyValueUsd: 0.01,
        speculativeCostUsd: 0.004,
        wanted: true,
        launched: random() < 0.5,
      },
    };
  }
  if (step < 18) {
    const claimed = random() < 0.7;
    return {
      kind: 'launch',
      id: `${runId}/launch/${step}`,
      pipeline,
      upstream: operationName(first),
      downstream: operationName(first + 1),
      probability: 0.7,
      expectedValueUsd: 0.003,
      claimed,
      costUsd: '0.0041',
      realisedValueUsd: claimed ? 0.009 : -0.0041,
    };
  }
  const activityId = `spec-${step}`;
  return {
    kind: 'bill',
    id: `${runId}/${activityId}/bill`,
    workflowId: `${pipeline}-${runId}`,
    runId,
    activityId,
    operation: operationName(first),
    usage: [
      {
        requestId: `${runId}/${activityId}`,
        rates: null,
        attempt: 1,
        model: MODELS[0] ?? 'gpt-4.1',
        tokens: { inputTokens: 900, cachedInputTokens: 0, outputTokens: 120 },
        costUsd: '0.00276',
        estimated: false,
      },
    ],
    workflowGone: step === OBSERVATIONS_A_PIPELINE - 1,
  };
}

/** An attempt at an operation that no other reporter has, so that one knows how many of this one's were counted. */
export function attemptOf(operation: string, n: number): Observation {
  return {
    kind: 'operation',
    id: `${operation}/${n}/1`,
    pipeline: 'pipeline-0',
    operation,
    contextKey: null,
    output: null,
    latencySeconds: 1,
    tokens: null,
    costUsd: '0',
    succeeded: true,
  };
}

function operationName(index: number): string {
  return `operation-${index % OPERATIONS}`;
}

/** As long as a real one, and as random. */
function runIdOf(stream: number, run: number): string {
  const random = seededRandom(Math.imul(stream + 1, 0xc2b2ae35) ^ Math.imul(run + 1, 0x27d4eb2f));
  const digits = Array.from({ length: 3 }, () =>
    Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return `${stream.toString(16).padStart(4, '0')}${run.toString(16).padStart(8, '0')}-${digits}`;
}
