import { DEFAULT_KILL_SWITCH } from '../../../speculation/estimate/calibration-settings';
import { detectDrift, newDriftDetector, type DriftSettings } from '../../../speculation/estimate/drift-detector';
import { randomStream } from '../../simulator/random-stream';
import { figure } from '../comparison';
import { experiment, times, type Setting } from '../experiment';

const LIMIT_OBSERVATIONS = 30;
const FALSE_TRIPS = 0.01;
const LENGTH = 10_000;
const BEFORE = [200, 500, 2_000];
const PATIENCE = 500;
const STEADY_RATES = [0.1, 0.3, 0.5, 0.8, 0.95];

/** Takes one outcome in; true once it trips. */
type Detector = () => (success: boolean) => boolean;

function shipped(settings: DriftSettings): Detector {
  return () => {
    const detector = newDriftDetector();
    return (success) => detectDrift(detector, success, settings);
  };
}

/**
 * The kill-switch: P drops from 0.8 to 0.3. "Within 30 observations" is the mean and the median over many drops: no detector that is silent
 * in 99 % of 10,000 steady observations sees every single drop so soon.
 */
export const drift = experiment<Detector>({
  name: 'drift',
  title: `P 0.8 to 0.3 trips within ${LIMIT_OBSERVATIONS} observations (mean and median); under 1 % false trips per 10,000`,
  origin: 'ours',
  tolerance: 0,
  subject: shipped(DEFAULT_KILL_SWITCH),
  planted: {
    'too patient': shipped({ ...DEFAULT_KILL_SWITCH, threshold: 40 }),
    'too nervous': shipped({ ...DEFAULT_KILL_SWITCH, threshold: 4 }),
    'eight of the last ten were wrong': () => {
      const last: boolean[] = [];
      return (success) => {
        last.push(success);
        if (last.length > 10) last.shift();
        return last.length === 10 && last.filter((each) => !each).length >= 8;
      };
    },
  },
  prepare: (setting) => (detector) => {
    const delays = BEFORE.map((before) => delaysOf(detector, before, setting));
    const falsely = STEADY_RATES.map((rate) => falseTripsOf(detector, rate, setting));
    const shareFalse = falsely.reduce((sum, each) => sum + each.tripped, 0) / sum(falsely.map(({ runs }) => runs));
    const means = delays.map((each) => sum(each) / each.length);
    const medians = delays.map((each) => each[Math.floor(each.length / 2)] ?? Infinity);
    const within = delays.map((each) => each.filter((delay) => delay <= LIMIT_OBSERVATIONS).length / each.length);
    const late = [...means, ...medians].filter((delay) => delay > LIMIT_OBSERVATIONS);
    return {
      cases: delays.length * 2 + 1,
      mismatches: late.length + (shareFalse < FALSE_TRIPS ? 0 : 1),
      // How far above either limit, in units of that limit.
      worstError: Math.max(0, Math.max(...means, ...medians) / LIMIT_OBSERVATIONS - 1, shareFalse / FALSE_TRIPS - 1),
      expected: `<= ${LIMIT_OBSERVATIONS} observations, < 1 % false`,
      observed: `mean ${means.map(figure).join(' / ')}, ${(100 * Math.min(...within)).toFixed(0)} % of drops within 30, ${figure(100 * shareFalse)} % false`,
      plot: {
        x: 'observations since the drop',
        y: 'share of drops that have tripped',
        series: BEFORE.map((before, index) => ({
          name: `after ${before}`,
          mark: 'line' as const,
          points: Array.from({ length: 61 }, (_, n): [number, number] => [
            n,
            (delays[index] ?? []).filter((delay) => delay <= n).length / (delays[index]?.length ?? 1),
          ]),
        })),
      },
    };
  },
});

/** Ascending; a drop that is not seen within `PATIENCE` counts as that. */
function delaysOf(make: Detector, before: number, setting: Setting): number[] {
  const random = randomStream(setting.seed, 'drop', before);
  return Array.from({ length: times(1_000, setting) }, () => {
    const trips = make();
    // What trips before the drop is a false trip, and counted there.
    for (let n = 0; n < before; n++) trips(random() < 0.8);
    for (let n = 1; n <= PATIENCE; n++) if (trips(random() < 0.3)) return n;
    return PATIENCE;
  }).sort((left, right) => left - right);
}

function falseTripsOf(make: Detector, rate: number, setting: Setting): { runs: number; tripped: number } {
  const random = randomStream(setting.seed, 'steady', rate);
  const runs = times(400, setting);
  let tripped = 0;
  for (let run = 0; run < runs; run++) {
    const trips = make();
    for (let n = 0; n < LENGTH; n++) {
      if (!trips(random() < rate)) continue;
      tripped += 1;
      break;
    }
  }
  return { runs, tripped };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
