import { defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { parseCalibrationChange } from '../speculation/estimate/calibration-change';
import { calibrationReport, type CalibrationReport, type EdgeReport } from '../speculation/estimate/calibration-report';
import { checkRoomForEdge, stageOf } from '../speculation/estimate/calibration-state';
import type { CalibrationSettings } from '../speculation/estimate/calibration-settings';
import { changeCalibration, setStage, type ControlState } from '../speculation/estimate/control-state';
import { checkMove, parseStageRequest } from '../speculation/estimate/stage-request';
import { CONTROL_QUERY, CONTROL_UPDATE } from '../speculation/runtime/control-protocol';

/** Answers for how far edges are trusted: whoever moves one, or changes the gates, is in the history as an Update. */
export function handleCalibration(state: ControlState, onChange: () => void): void {
  setHandler(
    defineUpdate<EdgeReport, [unknown]>(CONTROL_UPDATE.setStage),
    (input) => {
      const request = parseStageRequest(input);
      setStage(state, request, Date.now());
      onChange();
      const report = reportOf(state, request.edge).edges[0];
      if (report === undefined) throw new Error(`${request.edge} is unknown after it was moved`);
      return report;
    },
    {
      validator: (input) => {
        const request = parseStageRequest(input);
        checkMove(stageOf(state.calibration, request.edge), request);
        checkRoomForEdge(state.calibration, request.edge);
      },
    },
  );
  setHandler(
    defineUpdate<CalibrationSettings, [unknown]>(CONTROL_UPDATE.setCalibration),
    (input) => {
      changeCalibration(state, parseCalibrationChange(input));
      onChange();
      return state.calibration.settings;
    },
    { validator: (input) => void parseCalibrationChange(input) },
  );
  setHandler(
    defineQuery<CalibrationReport, [{ edge?: string } | null | undefined]>(CONTROL_QUERY.calibration),
    (filter): CalibrationReport => reportOf(state, filter?.edge),
  );
}

/** For the Web UI: the stage of an edge, and how near its kill-switch is. */
export function calibrationCells(
  state: ControlState,
  edge: string,
  forecast: string,
): [stage: string, killSwitch: string] {
  const { settings, edges } = state.calibration;
  const stage = stageOf(state.calibration, edge);
  const [source = '', rank] = forecast.split('#');
  const detector = Object.hasOwn(edges, edge) ? edges[edge]?.drift[source] : undefined;
  if (settings.killSwitch === null) return [stage, 'off'];
  if (stage === 'killed') return [stage, 'tripped'];
  if (rank !== '0' || detector === undefined) return [stage, ''];
  return [stage, `${Math.round((100 * detector.evidence) / settings.killSwitch.threshold)} %`];
}

function reportOf({ calibration }: ControlState, edge: string | undefined): CalibrationReport {
  const report = calibrationReport(calibration);
  return edge === undefined ? report : { ...report, edges: report.edges.filter((each) => each.edge === edge) };
}
