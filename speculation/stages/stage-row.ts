import type { Row } from './stage-database';
import type { Stage, StageState } from './stage-store';

/** A row of the table of stages. */
export function stageOf(row: Row): Stage {
  const state = row['state'] as StageState;
  return {
    id: String(row['id']),
    namespace: String(row['namespace']),
    activityType: String(row['activity_type']),
    workflowId: String(row['workflow_id']),
    runId: String(row['run_id']),
    state,
    preparation: Number(row['preparation']),
    value: writtenValue(row['value'], state),
    content: writtenValue(row['content'], state),
    // PostgreSQL gives 64-bit numbers as texts.
    begunAtMs: Number(row['begun_at_ms']),
    expiresAtMs: Number(row['expires_at_ms']),
  };
}

/** Undefined is no JSON and stands as NULL; an activity that returns nothing is a usual one. */
function writtenValue(text: unknown, state: StageState): unknown {
  if (typeof text === 'string') return JSON.parse(text);
  return state === 'prepared' || state === 'committed' ? undefined : null;
}
