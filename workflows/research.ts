import { proxyActivities } from '@temporalio/workflow';
import type * as activities from '../activities/research';

const { planResearch, takeNote, synthesise, verifyReport } = proxyActivities<typeof activities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 4 },
});
const { searchSources } = proxyActivities<typeof activities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 4 },
});

export interface ResearchRequest {
  question: string;
  /** How many searches. */
  depth: number;
}

export interface ResearchReport {
  queries: string[];
  report: string;
  /** What the verifier said about the first report. */
  verdict: 'pass' | 'revise';
}

/** Answers a question from sources: plan, search, take notes, write, verify. A report that does not pass is revised once. */
export async function research({ question, depth }: ResearchRequest): Promise<ResearchReport> {
  const { queries } = await planResearch({ question, depth });
  const notes = await Promise.all(
    queries.map(async (query) => {
      const source = await searchSources({ query });
      const { note } = await takeNote({ question, source });
      return note;
    }),
  );
  let { report } = await synthesise({ question, notes, revision: null });
  const verification = await verifyReport({ question, notes, report });
  if (verification.verdict === 'revise') {
    const revision = { report, reason: verification.reason };
    ({ report } = await synthesise({ question, notes, revision }));
  }
  return { queries, report, verdict: verification.verdict };
}
