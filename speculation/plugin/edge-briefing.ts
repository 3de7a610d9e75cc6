import { bucketOutcomes } from '../estimate/bucket-outcomes';
import { stageOf } from '../estimate/calibration-state';
import { stageLaunches } from '../estimate/canary';
import type { ControlState } from '../estimate/control-state';
import type { DownstreamBriefing } from '../forecast/briefing';
import { ownEntry } from '../forecast/own-entry';

/** Who asks: what of an edge depends on the pipeline. */
export interface Asker {
  workflowId: string | null;
  tenant: string | null;
}

/** What is known of an edge, for this pipeline. What is as everywhere is not said, because every look-up is stored in a history. */
export function edgeBriefing(
  edge: string,
  { edges, buckets, calibration }: ControlState,
  { workflowId, tenant }: Asker,
): Pick<DownstreamBriefing, 'observed' | 'bucketObserved' | 'calibration'> {
  const stage = stageOf(calibration, edge);
  const bucketObserved = tenant === null ? undefined : bucketOutcomes(buckets, edge, tenant);
  return {
    observed: ownEntry(edges, edge) ?? {},
    ...(bucketObserved !== undefined && Object.keys(bucketObserved).length > 0 && { bucketObserved }),
    ...(stage !== 'online' && {
      calibration: { stage, launches: stageLaunches(stage, calibration.settings, workflowId) },
    }),
  };
}
