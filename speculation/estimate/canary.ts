import type { CalibrationSettings } from './calibration-settings';
import type { CalibrationStage } from './calibration-stage';
import { shortHash } from './short-hash';

/**
 * Whether a pipeline may launch along an edge in this stage. In the canary a hash of the workflow id decides: the same for every edge and
 * every run, and a pipeline that is in at some share is in at every larger one.
 *
 * @param workflowId null for a pipeline that is not known: then it is in no canary
 */
export function stageLaunches(
  stage: CalibrationStage,
  { canaryShare }: Pick<CalibrationSettings, 'canaryShare'>,
  workflowId: string | null,
): boolean {
  if (stage === 'canary') return workflowId !== null && placeOf(workflowId) < canaryShare;
  return stage === 'online';
}

/** 0 to 1, 1 excluded. */
function placeOf(workflowId: string): number {
  return parseInt(shortHash(workflowId), 36) / 2 ** 53;
}
