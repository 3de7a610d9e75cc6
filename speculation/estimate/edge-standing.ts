import { sentBytes } from '../forecast/sent-bytes';
import { noCalibrationRecord, type CalibrationRecord } from './calibration-record';
import type { CalibrationStage } from './calibration-stage';
import type { DriftDetector } from './drift-detector';
import { noRollingValue, type RollingValue } from './value-test';

/** How one edge stands, why, and what it has shown since it came to stand there. Plain JSON. */
export interface EdgeStanding {
  stage: CalibrationStage;
  /** Since the edge entered its stage. */
  record: CalibrationRecord;
  /** By forecast source, each for its best guess: a second guess gets rarer also when the first gets better. */
  drift: Record<string, DriftDetector>;
  value: RollingValue;
  /** The latest 50 at most, oldest first. */
  transitions: StageTransition[];
}

export interface StageTransition {
  from: CalibrationStage;
  to: CalibrationStage;
  /** At most 200 characters. */
  reason: string;
  /** `gate`, `drift`, or the name of whoever said so, at most 80 characters. */
  by: string;
  /** Of the control state. */
  revision: number;
  /** Unix time; null where the one who noticed has no clock. */
  atMs: number | null;
}

/** What a change is marked with. */
export interface Mark {
  revision: number;
  atMs: number | null;
}

const MOST_TRANSITIONS = 50;
const LONGEST_REASON = 200;
const LONGEST_NAME = 80;

export function newStanding(stage: CalibrationStage): EdgeStanding {
  return { stage, record: noCalibrationRecord(), drift: {}, value: noRollingValue(), transitions: [] };
}

/** Moves an edge to a stage, in place, also to the one where it is; what it has shown so far no longer counts. */
export function enterStage(
  standing: EdgeStanding,
  { stage, reason, by }: { stage: CalibrationStage; reason: string; by: string },
  { revision, atMs }: Mark,
): void {
  const transition: StageTransition = {
    from: standing.stage,
    to: stage,
    reason: cut(reason, LONGEST_REASON),
    by: cut(by, LONGEST_NAME),
    revision,
    atMs,
  };
  standing.stage = stage;
  standing.record = noCalibrationRecord();
  standing.value = noRollingValue();
  standing.transitions = [...standing.transitions, transition].slice(-MOST_TRANSITIONS);
}

/** Drops the oldest transitions of whichever edge has most, until all together are small enough; each keeps its latest. */
export function boundTransitions(standings: readonly EdgeStanding[], mostBytes: number): void {
  let bytes = standings.reduce((sum, { transitions }) => sum + sentBytes(JSON.stringify(transitions)), 0);
  while (bytes > mostBytes) {
    const longest = standings.reduce((left, right) =>
      right.transitions.length > left.transitions.length ? right : left,
    );
    if (longest.transitions.length <= 1) return;
    bytes -= sentBytes(JSON.stringify(longest.transitions[0]));
    longest.transitions = longest.transitions.slice(1);
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
