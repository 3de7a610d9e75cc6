import type { Decision, HypothesisProbability } from '../decision/decision';
import type { DecisionOutcome } from '../decision/decision-outcome';
import { recomputeRow, type DecisionRow } from '../decision/recompute';
import { UnknownPolicyError } from '../policies/by-name';
import { calibrationReport, type EdgeReport } from './calibration-report';
import type { CalibrationSettings } from './calibration-settings';
import { learnForecast, learnLaunch, noCalibration } from './calibration-state';

/** A row of an exported decision log. */
export type LoggedRow = DecisionRow & { outcome: DecisionOutcome };

/** What the logged decisions along one edge show, and whether that is enough for the shadow. */
export interface ReplayedEdge extends EdgeReport {
  /** Rows that do not follow from their own inputs: the dollars of the log are not those of the rule. */
  mismatches: number;
  /** Rows of a launch policy that this installation does not know. */
  unchecked: number;
  /** The gate passes and there is no mismatch. */
  passes: boolean;
}

export interface OfflineReplay {
  edges: ReplayedEdge[];
  /** Decisions about a launch that were replayed. */
  rows: number;
  /** Rows that tell nothing about a forecast: plans, drafts, and decisions whose forecast was never compared. */
  skipped: number;
}

const NO_CLOCK = { revision: 0, atMs: null };
/** Far above rounding, far below anything that a price can resolve. */
const TOLERANCE = 1e-9;

/** Keeps the same record per edge that the control workflow keeps, from logged decisions in the order in which they were made. */
export function replayDecisions(rows: Iterable<LoggedRow>, settings: CalibrationSettings): OfflineReplay {
  const calibration = noCalibration({ ...settings, start: 'offline', promote: 'command' });
  const checks = new Map<string, { mismatches: number; unchecked: number }>();
  let replayed = 0;
  let skipped = 0;
  for (const row of rows) {
    const forecast = row.phase === 'launch' ? newestForecast(row) : null;
    if (row.phase !== 'launch' || forecast === null || row.outcome.forecast === null) {
      skipped += 1;
      continue;
    }
    replayed += 1;
    learn(calibration, row, forecast);
    const edge = `${row.upstream}>${row.downstream}`;
    const counted = checks.get(edge) ?? { mismatches: 0, unchecked: 0 };
    checks.set(edge, counted);
    const follows = followsFromInputs(row);
    if (follows === null) counted.unchecked += 1;
    else if (!follows) counted.mismatches += 1;
  }
  const { edges } = calibrationReport(calibration);
  return {
    edges: edges.map((report) => {
      const counted = checks.get(report.edge) ?? { mismatches: 0, unchecked: 0 };
      return { ...report, ...counted, passes: report.gate?.passes === true && counted.mismatches === 0 };
    }),
    rows: replayed,
    skipped,
  };
}

type LaunchRow = Decision & { outcome: DecisionOutcome };

function learn(
  calibration: ReturnType<typeof noCalibration>,
  row: LaunchRow,
  { source, rank, probability }: HypothesisProbability,
): void {
  const { pipeline, upstream, downstream, outcome } = row;
  const about = { id: String(row.id), pipeline, upstream, downstream };
  learnForecast(
    calibration,
    {
      kind: 'edge',
      ...about,
      source,
      rank,
      success: outcome.forecast !== 'wrong',
      predicted: {
        probability,
        latencyValueUsd: row.latencyValueUsd,
        speculativeCostUsd: row.speculativeCostUsd,
        wanted: row.wanted && row.admissible,
        launched: row.decision === 'launch',
      },
    },
    NO_CLOCK,
  );
  if (outcome.launch === null || outcome.realisedValueUsd === null) return;
  learnLaunch(
    calibration,
    {
      kind: 'launch',
      ...about,
      probability: row.P,
      expectedValueUsd: row.expectedValueUsd,
      claimed: outcome.launch === 'claimed',
      costUsd: outcome.costUsd ?? '0',
      realisedValueUsd: outcome.realisedValueUsd,
    },
    NO_CLOCK,
  );
}

/** The hypothesis about the row's own upstream operation; the earlier ones in its fiber are about others. */
function newestForecast({ supports, upstream }: Decision): HypothesisProbability | null {
  for (const hypotheses of supports) {
    const newest = hypotheses.findLast((hypothesis) => hypothesis.upstream === upstream);
    if (newest !== undefined) return newest;
  }
  return null;
}

/** Null when that cannot be said. */
function followsFromInputs(row: LaunchRow): boolean | null {
  try {
    const again = recomputeRow(row);
    const same = (
      field: 'P' | 'speculativeCostUsd' | 'latencyValueUsd' | 'expectedValueUsd' | 'thresholdUsd',
    ): boolean => Math.abs(again[field] - row[field]) <= TOLERANCE * Math.max(1e-6, Math.abs(row[field]));
    return (
      again.decision === row.decision &&
      again.reason === row.reason &&
      same('P') &&
      same('speculativeCostUsd') &&
      same('latencyValueUsd') &&
      same('expectedValueUsd') &&
      same('thresholdUsd')
    );
  } catch (error) {
    if (error instanceof UnknownPolicyError) return null;
    throw error;
  }
}
