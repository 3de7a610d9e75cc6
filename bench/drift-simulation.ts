import { detectDrift, newDriftDetector, type DriftSettings } from '../speculation/estimate/drift-detector';
import { seededRandom } from './scenarios/seeded-random';

/** How many runs of `length` observations at one and the same rate trip. */
export function falseTrips(
  settings: DriftSettings,
  { rate, runs, length, seed }: { rate: number; runs: number; length: number; seed: number },
): number {
  const random = seededRandom(seed);
  let tripped = 0;
  for (let run = 0; run < runs; run++) {
    const detector = newDriftDetector();
    for (let n = 0; n < length; n++) {
      if (!detectDrift(detector, random() < rate, settings)) continue;
      tripped += 1;
      break;
    }
  }
  return tripped;
}

/** Observations from the drop until it trips, ascending, one for each run; Infinity where it did not within `patience`. */
export function detectionDelays(
  settings: DriftSettings,
  drop: { from: number; to: number; after: number; runs: number; seed: number; patience: number },
): number[] {
  const random = seededRandom(drop.seed);
  return Array.from({ length: drop.runs }, () => {
    const detector = newDriftDetector();
    for (let n = 0; n < drop.after; n++) detectDrift(detector, random() < drop.from, settings);
    for (let n = 1; n <= drop.patience; n++) if (detectDrift(detector, random() < drop.to, settings)) return n;
    return Infinity;
  }).sort((left, right) => left - right);
}
