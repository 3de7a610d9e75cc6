/** The comparison as JSON. Dollars are exact decimal strings. */
export interface Report {
  pipelines: PipelineReport[];
  ledger: {
    /** What the run-ahead side booked, late bills included. */
    bookedUsd: string;
    /** What the meter in front of its model counted. */
    invoiceUsd: string;
  };
}

export interface PipelineReport {
  name: string;
  requests: number;
  plain: { p50Ms: number; p95Ms: number; costUsd: string };
  runahead: {
    p50Ms: number;
    p95Ms: number;
    costUsd: string;
    wasteUsd: string;
    launched: number;
    claimed: number;
    cancelled: number;
    failed: number;
  };
  /** Whether every request had the same result on both sides. */
  identicalResults: boolean;
}
