import { ownEntry, setOwnEntry } from '../forecast/own-entry';
import { countOutcome, type Outcomes } from './beta-posterior';
import { countInBucket, forgetForecast, type BucketOutcomes } from './bucket-outcomes';
import { learnForecast, type CalibrationState } from './calibration-state';
import type { Mark } from './edge-standing';
import type { EdgeObservation } from './observation';

/** The parts of the control state that learn from what became of forecasts. */
export interface EdgeMemory {
  edges: Record<string, Record<string, Outcomes>>;
  buckets: BucketOutcomes;
  calibration: CalibrationState;
}

/** Learns from what became of one forecast: for its edge, for its bucket, and for how far the edge is trusted. In place. */
export function learnEdge(memory: EdgeMemory, observation: EdgeObservation, mark: Mark): void {
  const { upstream, downstream, source, rank, success, bucket, halfLife } = observation;
  const edge = `${upstream}>${downstream}`;
  const forecast = `${source}#${rank}`;
  countOutcome(outcomesOf(memory, edge, forecast), success, halfLife);
  if (bucket !== undefined) countInBucket(memory.buckets, { edge, bucket, forecast }, success, halfLife);
  const sinceDrop = learnForecast(memory.calibration, observation, mark);
  if (sinceDrop === null) return;
  Object.assign(outcomesOf(memory, edge, forecast), sinceDrop);
  forgetForecast(memory.buckets, edge, forecast);
}

function outcomesOf({ edges }: EdgeMemory, edge: string, forecast: string): Outcomes {
  let forecasts = ownEntry(edges, edge);
  if (forecasts === undefined) setOwnEntry(edges, edge, (forecasts = {}));
  let outcomes = ownEntry(forecasts, forecast);
  if (outcomes === undefined) setOwnEntry(forecasts, forecast, (outcomes = { successes: 0, failures: 0 }));
  return outcomes;
}
