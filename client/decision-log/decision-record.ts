import type { LoggedDecision } from '../../speculation/runtime/decision-log';

/** Version of the schema that docs/decision-log.md describes. */
export const DECISION_SCHEMA = 1;

/** Which pipeline a row of the decision log is from. */
export interface DecisionOrigin {
  schema: typeof DECISION_SCHEMA;
  workflowId: string;
  runId: string;
  workflowType: string;
}

/** One row of an exported decision log. */
export type DecisionRecord = DecisionOrigin & LoggedDecision;
