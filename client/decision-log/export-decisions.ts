import type { Client } from '@temporalio/client';
import type { LoggedDecision } from '../../speculation/runtime/decision-log';
import { CONTROL_WORKFLOW_ID, QUERY } from '../../speculation/runtime/protocol';
import { explainFailure } from '../explain-failure';
import { DECISION_SCHEMA, type DecisionOrigin, type DecisionRecord } from './decision-record';

/** Pipelines that keep books, which is what makes a workflow a pipeline. */
export const ALL_PIPELINES = 'SpecPolicy IS NOT NULL';

/** What an export went through. */
export interface ExportReport {
  /** Pipelines that were asked. */
  pipelines: number;
  rows: number;
  /** Pipelines that gave no answer, with the reason. */
  unanswered: { workflowId: string; reason: string }[];
}

export interface ExportSource {
  client: Client;
  address: string;
  namespace: string;
  inTime: <T>(call: () => Promise<T>) => Promise<T>;
}

type Pipeline = Omit<DecisionOrigin, 'schema'>;

/** How many pipelines are asked at the same time: a closed one is replayed by a worker for it. */
const CONCURRENCY = 8;

/**
 * Asks every run of every pipeline that a visibility query matches for its decisions. One that gives no answer is named, and the others are
 * asked all the same.
 *
 * @param take gets the rows, pipeline by pipeline
 */
export async function exportDecisions(
  source: ExportSource,
  query: string,
  take: (records: readonly DecisionRecord[]) => Promise<void>,
): Promise<ExportReport> {
  const report: ExportReport = { pipelines: 0, rows: 0, unanswered: [] };
  let batch: Pipeline[] = [];
  const flush = async (): Promise<void> => {
    const answers = await Promise.all(batch.map((pipeline) => decisionsOf(source, pipeline, report)));
    batch = [];
    for (const records of answers) {
      report.rows += records.length;
      await take(records);
    }
  };
  for await (const { workflowId, runId, type } of source.client.workflow.list({ query })) {
    if (workflowId.startsWith(CONTROL_WORKFLOW_ID)) continue;
    report.pipelines += 1;
    batch.push({ workflowId, runId, workflowType: type });
    if (batch.length >= CONCURRENCY) await flush();
  }
  await flush();
  return report;
}

async function decisionsOf(
  { client, address, namespace, inTime }: ExportSource,
  pipeline: Pipeline,
  report: ExportReport,
): Promise<DecisionRecord[]> {
  const { workflowId, runId } = pipeline;
  try {
    const rows = await inTime(() =>
      client.workflow.getHandle(workflowId, runId).query<LoggedDecision[]>(QUERY.decisions),
    );
    return rows.map((row) => ({ schema: DECISION_SCHEMA, ...pipeline, ...row }));
  } catch (error) {
    report.unanswered.push({ workflowId, reason: explainFailure(error, address, namespace) });
    return [];
  }
}
