import type { DecisionRecord } from './decision-record';

type ColumnType = 'STRING' | 'DOUBLE' | 'INT32' | 'INT64' | 'BOOLEAN' | 'JSON';

/**
 * Columns of the columnar file, in the order of the schema page. What is nested is one JSON text, so that a row can be recomputed from
 * the file alone. `outcome` is spread over columns of its own: it is what most questions are about.
 */
export const COLUMNS: readonly { name: string; type: ColumnType }[] = [
  { name: 'schema', type: 'INT32' },
  { name: 'workflowId', type: 'STRING' },
  { name: 'runId', type: 'STRING' },
  { name: 'workflowType', type: 'STRING' },
  { name: 'id', type: 'INT32' },
  { name: 'atMs', type: 'DOUBLE' },
  { name: 'phase', type: 'STRING' },
  { name: 'pipeline', type: 'STRING' },
  { name: 'upstream', type: 'STRING' },
  { name: 'downstream', type: 'STRING' },
  { name: 'draft', type: 'STRING' },
  { name: 'decision', type: 'STRING' },
  { name: 'reason', type: 'STRING' },
  { name: 'wanted', type: 'BOOLEAN' },
  { name: 'override', type: 'STRING' },
  { name: 'overrideReason', type: 'STRING' },
  { name: 'admissible', type: 'BOOLEAN' },
  { name: 'admissibilityReason', type: 'STRING' },
  { name: 'P', type: 'DOUBLE' },
  { name: 'speculativeCostUsd', type: 'DOUBLE' },
  { name: 'latencySavedSeconds', type: 'DOUBLE' },
  { name: 'latencyValueUsd', type: 'DOUBLE' },
  { name: 'expectedValueUsd', type: 'DOUBLE' },
  { name: 'thresholdUsd', type: 'DOUBLE' },
  { name: 'marginUsd', type: 'DOUBLE' },
  { name: 'draftCostUsd', type: 'DOUBLE' },
  { name: 'valueUsd', type: 'DOUBLE' },
  { name: 'mostUsd', type: 'DOUBLE' },
  { name: 'dependencyType', type: 'STRING' },
  { name: 'k', type: 'DOUBLE' },
  { name: 'depth', type: 'INT32' },
  { name: 'maxDepth', type: 'INT32' },
  { name: 'openLaunches', type: 'INT32' },
  { name: 'maxOpenLaunches', type: 'INT32' },
  { name: 'spentUsd', type: 'STRING' },
  { name: 'reservedUsd', type: 'STRING' },
  { name: 'forecastDigest', type: 'STRING' },
  { name: 'policyName', type: 'STRING' },
  { name: 'policyVersion', type: 'STRING' },
  { name: 'priceVersion', type: 'STRING' },
  { name: 'knob', type: 'JSON' },
  { name: 'cost', type: 'JSON' },
  { name: 'supports', type: 'JSON' },
  { name: 'siblings', type: 'JSON' },
  { name: 'candidates', type: 'JSON' },
  { name: 'declared', type: 'JSON' },
  { name: 'calibration', type: 'JSON' },
  { name: 'sharedBudget', type: 'JSON' },
  { name: 'plan', type: 'JSON' },
  { name: 'outcome.forecast', type: 'STRING' },
  { name: 'outcome.launch', type: 'STRING' },
  { name: 'outcome.costUsd', type: 'STRING' },
  { name: 'outcome.savedSeconds', type: 'DOUBLE' },
  { name: 'outcome.realisedValueUsd', type: 'DOUBLE' },
];

const NAMES: ReadonlySet<string> = new Set(COLUMNS.map(({ name }) => name));
/** Fields that a row of any phase has, with null as a value of its own; elsewhere null in the file means that there is no such field. */
const NULLABLE: readonly [field: string, phases: readonly string[]][] = [
  ['k', ['plan', 'launch', 'stream']],
  ['declared', ['plan', 'launch', 'stream']],
  ['override', ['plan', 'launch', 'stream']],
  ['overrideReason', ['plan', 'launch', 'stream']],
];

/** What a row has and the columns do not. It is kept, as JSON, under this name. */
const REST = 'more';

/** Values of one row by column; what it does not have is null. */
export function toColumns(record: DecisionRecord): Record<string, unknown> {
  const flat: Record<string, unknown> = { ...record };
  for (const [field, value] of Object.entries(record.outcome)) flat[`outcome.${field}`] = value;
  delete flat['outcome'];
  const more = Object.fromEntries(Object.entries(flat).filter(([field]) => !NAMES.has(field)));
  const columns: Record<string, unknown> = Object.fromEntries(COLUMNS.map(({ name }) => [name, flat[name] ?? null]));
  columns[REST] = Object.keys(more).length === 0 ? null : more;
  return columns;
}

/** The row again. */
export function fromColumns(columns: Record<string, unknown>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  const outcome: Record<string, unknown> = {};
  for (const { name } of COLUMNS) {
    const value = columns[name] ?? null;
    if (name.startsWith('outcome.')) outcome[name.slice('outcome.'.length)] = value;
    else if (value !== null) row[name] = value;
  }
  for (const [field, phases] of NULLABLE) if (phases.includes(String(row['phase']))) row[field] ??= null;
  return { ...row, outcome, ...(columns[REST] as Record<string, unknown> | null) };
}

/** The columns and the one for what they do not know. */
export const ALL_COLUMNS = [...COLUMNS, { name: REST, type: 'JSON' as const }];
