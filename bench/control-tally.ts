import type { ControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';

/** How often each thing was seen, by its name. */
export type Tally = Map<string, number>;

/** What is lost and what is counted more than once, over all counts. */
export interface TallyDifference {
  handedIn: number;
  counted: number;
  lost: number;
  doubled: number;
  /** The first few that differ, in words. */
  examples: string[];
}

const MOST_EXAMPLES = 5;

/** Counts one observation the way a reader of the control state would find it there. Null where no count shows it. */
export function tallyName(observation: Observation): string | null {
  switch (observation.kind) {
    case 'operation':
      return `${observation.operation}: ${observation.succeeded ? 'successes' : 'failures'}`;
    case 'edge': {
      const { upstream, downstream, source, rank, success } = observation;
      return `${upstream}>${downstream} ${source}#${rank}: ${success ? 'successes' : 'failures'}`;
    }
    case 'launch': {
      const { upstream, downstream, claimed } = observation;
      return `${upstream}>${downstream}: launches ${claimed ? 'claimed' : 'not claimed'}`;
    }
    case 'bill':
      // One that waits for its pipeline is not counted before the pipeline has said that it left it behind.
      return observation.workflowGone ? 'late bills' : null;
    case 'unresolved':
      return null;
  }
}

export function addTo(tally: Tally, name: string | null, count = 1): void {
  if (name !== null && count !== 0) tally.set(name, (tally.get(name) ?? 0) + count);
}

/** The same counts, read from a control state. */
export function tallyOf(state: ControlState): Tally {
  const tally: Tally = new Map();
  for (const [operation, { count, failures, latency }] of Object.entries(state.operations)) {
    addTo(tally, `${operation}: successes`, count);
    addTo(tally, `${operation}: failures`, failures);
    if (latency.count !== count) addTo(tally, `${operation}: latencies of ${count} successes`, latency.count);
  }
  for (const [edge, forecasts] of Object.entries(state.edges)) {
    for (const [forecast, { successes, failures }] of Object.entries(forecasts)) {
      addTo(tally, `${edge} ${forecast}: successes`, successes);
      addTo(tally, `${edge} ${forecast}: failures`, failures);
    }
  }
  for (const [edge, { record }] of Object.entries(state.calibration.edges)) {
    const { claimed, reliability } = record.launches;
    addTo(tally, `${edge}: launches claimed`, claimed);
    addTo(tally, `${edge}: launches not claimed`, reliability.count - claimed);
  }
  addTo(tally, 'late bills', state.lateBills.count);
  return tally;
}

/** Compares what was handed in with what is counted, name by name, so that one that is lost does not hide one that is doubled. */
export function differenceOf(handedIn: Tally, counted: Tally): TallyDifference {
  const difference: TallyDifference = { handedIn: 0, counted: 0, lost: 0, doubled: 0, examples: [] };
  for (const name of new Set([...handedIn.keys(), ...counted.keys()])) {
    const [wanted, found] = [handedIn.get(name) ?? 0, counted.get(name) ?? 0];
    difference.handedIn += wanted;
    difference.counted += found;
    difference.lost += Math.max(0, wanted - found);
    difference.doubled += Math.max(0, found - wanted);
    if (wanted !== found && difference.examples.length < MOST_EXAMPLES) {
      difference.examples.push(`${name}: ${found} instead of ${wanted}`);
    }
  }
  return difference;
}
