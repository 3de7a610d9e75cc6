import { ownEntry, setOwnEntry } from '../forecast/own-entry';
import { gateAhead, gateInWords, type GateResult } from './calibration-gate';
import { recordForecast, recordLaunch } from './calibration-record';
import { DEFAULT_CALIBRATION, type CalibrationSettings } from './calibration-settings';
import type { CalibrationStage } from './calibration-stage';
import type { Outcomes } from './beta-posterior';
import { detectDrift, newDriftDetector } from './drift-detector';
import { boundTransitions, enterStage, newStanding, type EdgeStanding, type Mark } from './edge-standing';
import type { EdgeObservation, LaunchObservation } from './observation';
import { checkMove, InvalidStageError, LONGEST_EDGE, type StageRequest } from './stage-request';
import { losesMoney } from './value-test';

/** How far every edge is trusted, as plain JSON. */
export interface CalibrationState {
  settings: CalibrationSettings;
  /** By `upstream>downstream`; at most 200. */
  edges: Record<string, EdgeStanding>;
}

const MOST_EDGES = 200;
const NO_ROOM = `${MOST_EDGES} edges were moved already, and no more are kept; change where edges start instead`;
const MOST_TRANSITION_BYTES = 100_000;

export function noCalibration(settings: CalibrationSettings = DEFAULT_CALIBRATION): CalibrationState {
  return { settings, edges: {} };
}

export function stageOf({ settings, edges }: CalibrationState, edge: string): CalibrationStage {
  return ownEntry(edges, edge)?.stage ?? settings.start;
}

/**
 * Learns from what became of a forecast, in place. Where its success rate has dropped, the edge is killed (or starts its stage anew, where
 * nothing is launched), and the outcomes since the drop are returned: what was counted before them no longer tells anything.
 */
export function learnForecast(
  calibration: CalibrationState,
  observation: EdgeObservation,
  mark: Mark,
): Outcomes | null {
  const standing = standingOf(calibration, `${observation.upstream}>${observation.downstream}`);
  if (standing === null) return null;
  recordForecast(standing.record, observation.success, observation.predicted);
  const dropped = detectIn(calibration, standing, observation);
  if (dropped === null) {
    passGate(calibration, standing, mark);
    return null;
  }
  const { source, rank } = observation;
  const { before, since } = dropped;
  stop(calibration, standing, `${source}#${rank} came true ${since}, before that ${before}`, mark);
  return dropped.outcomes;
}

/** Learns from what became of a launch, in place. */
export function learnLaunch(calibration: CalibrationState, observation: LaunchObservation, mark: Mark): void {
  const standing = standingOf(calibration, `${observation.upstream}>${observation.downstream}`);
  if (standing === null) return;
  recordLaunch(standing.record, observation);
  const test = calibration.settings.killSwitch?.realisedValue ?? null;
  if (test !== null && losesMoney(standing.value, observation.realisedValueUsd, test)) {
    const mean = standing.value.meanUsd.toPrecision(3);
    stop(calibration, standing, `the latest ${test.launches} launches lost money, ${mean} dollars each`, mark);
  } else {
    passGate(calibration, standing, mark);
  }
}

/**
 * Moves an edge because somebody says so, in place.
 *
 * @throws InvalidStageError
 */
export function moveStage(calibration: CalibrationState, request: StageRequest, mark: Mark): void {
  const { edge, stage } = request;
  checkMove(stageOf(calibration, edge), request);
  const standing = standingOf(calibration, edge);
  if (standing === null) throw new InvalidStageError('edge', edge, NO_ROOM);
  if (stage === 'shadow' && standing.stage === 'killed') standing.drift = {};
  move(calibration, standing, request, mark);
}

/** Makes an edge known that nothing was learned of yet, in place, as long as there is room. */
export function knowEdge(calibration: CalibrationState, edge: string): void {
  standingOf(calibration, edge);
}

/** @throws InvalidStageError when an edge is new and every place is taken by one that was moved */
export function checkRoomForEdge({ edges }: CalibrationState, edge: string): void {
  const full =
    Object.keys(edges).length >= MOST_EDGES && Object.values(edges).every(({ transitions }) => transitions.length > 0);
  if (full && ownEntry(edges, edge) === undefined) throw new InvalidStageError('edge', edge, NO_ROOM);
}

/** What an edge must show before it goes on; null for an edge that is online or killed. */
export function gateOf({ settings }: CalibrationState, standing: EdgeStanding): GateResult | null {
  return gateAhead(standing.stage, standing.record, settings.gates);
}

function detectIn(
  { settings }: CalibrationState,
  standing: EdgeStanding,
  { source, rank, success }: EdgeObservation,
): { before: string; since: string; outcomes: Outcomes } | null {
  if (settings.killSwitch === null || rank !== 0) return null;
  const detector = (standing.drift[source] ??= newDriftDetector());
  if (!detectDrift(detector, success, settings.killSwitch)) return null;
  standing.drift[source] = newDriftDetector();
  const { reference, since } = detector;
  return { before: shareOf(reference), since: shareOf(since), outcomes: since };
}

function stop(calibration: CalibrationState, standing: EdgeStanding, reason: string, mark: Mark): void {
  const { stage } = standing;
  const launches = stage === 'canary' || stage === 'online';
  if (stage !== 'killed') {
    move(calibration, standing, { stage: launches ? 'killed' : stage, reason, by: 'drift' }, mark);
  }
}

function passGate(calibration: CalibrationState, standing: EdgeStanding, mark: Mark): void {
  if (calibration.settings.promote !== 'automatic') return;
  const gate = gateOf(calibration, standing);
  if (gate?.passes !== true) return;
  move(calibration, standing, { stage: gate.to, reason: gateInWords(gate), by: 'gate' }, mark);
}

function move(
  calibration: CalibrationState,
  standing: EdgeStanding,
  to: { stage: CalibrationStage; reason: string; by: string },
  mark: Mark,
): void {
  enterStage(standing, to, mark);
  boundTransitions(Object.values(calibration.edges), MOST_TRANSITION_BYTES);
}

/** Null for a name that nobody writes by hand, and when there are too many edges, each of which somebody or something has moved: this one then stands where all start. */
function standingOf({ settings, edges }: CalibrationState, edge: string): EdgeStanding | null {
  const known = ownEntry(edges, edge);
  if (known !== undefined) return known;
  if (edge.length > LONGEST_EDGE) return null;
  if (Object.keys(edges).length >= MOST_EDGES && !dropLeastKnown(edges)) return null;
  const created = newStanding(settings.start);
  setOwnEntry(edges, edge, created);
  return created;
}

function dropLeastKnown(edges: Record<string, EdgeStanding>): boolean {
  const [least] = Object.entries(edges)
    .filter(([, { transitions }]) => transitions.length === 0)
    .sort(([, left], [, right]) => left.record.observations - right.record.observations);
  if (least === undefined) return false;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because this is plain JSON
  delete edges[least[0]];
  return true;
}

function shareOf({ successes, failures }: Outcomes): string {
  return `${Math.round(successes)} of ${Math.round(successes + failures)} times`;
}
