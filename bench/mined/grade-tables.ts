import type { PolicyComparison, ReliabilityBin } from '../measure/policy-comparison';
import { calibrationError, hitRate, isRead, precision, reliabilityBins, type GradedRate } from './forecast-grades';
import { TOP } from './forecaster';
import type { ForecastMoment } from './leave-one-task-out';

export interface GradedForecaster {
  name: string;
  knew: string;
  moments: readonly ForecastMoment[];
}

type Table = NonNullable<PolicyComparison['tables']>[number];

/** What a rule follows depends on cost and gain: precision is shown from each of these probabilities on. */
const THRESHOLDS = [0, 0.1, 0.3, 0.5, 0.8];

/** The same for every forecaster. */
export function forecasterTable(forecasters: readonly GradedForecaster[], seed: number): Table {
  return {
    title:
      'Reads other than calculate and think, tool and all arguments exact; what came at all moments with a forecast',
    columns: [
      'forecaster',
      'top-1',
      'top-3',
      'precision of the first',
      'ECE first',
      'ECE all three',
      'ECE first from 0.1',
    ],
    rows: forecasters.map(({ name, moments }) => [
      name,
      shown(hitRate(moments, 1, seed)),
      shown(hitRate(moments, TOP, seed)),
      shown(precision(moments, 0, seed)),
      calibrationError(reliabilityBins(moments, 1)).toFixed(3),
      calibrationError(reliabilityBins(moments, TOP)).toFixed(3),
      calibrationError(reliabilityBins(moments, 1).filter(({ predicted }) => predicted >= 0.1)).toFixed(3),
    ]),
  };
}

export function toolTable({ name, moments }: GradedForecaster, seed: number): Table {
  const tools = [...new Set(moments.map(({ tool }) => tool).filter(isRead))].sort();
  return {
    title: `${name}, by tool`,
    columns: ['tool', 'top-1', 'top-3'],
    rows: tools.map((tool) => {
      const ofTool = moments.filter((moment) => moment.tool === tool);
      return [tool, shown(hitRate(ofTool, 1, seed)), shown(hitRate(ofTool, TOP, seed))];
    }),
  };
}

export function precisionTable({ name, moments }: GradedForecaster, seed: number): Table {
  return {
    title: `${name}: first guesses that are at least so likely, at all moments, and what of them came true`,
    columns: ['at least', 'came true'],
    rows: THRESHOLDS.map((least) => [String(least), shown(precision(moments, least, seed))]),
  };
}

export function calibrationTable(name: string, bins: readonly ReliabilityBin[]): Table {
  return {
    title: `${name}: what was predicted and what came true, first guesses`,
    columns: ['predicted', 'came true', 'share'],
    rows: bins.map(({ predicted, observed: { numerator, denominator } }) => [
      percent(predicted),
      `${numerator}/${denominator}`,
      percent(numerator / denominator),
    ]),
  };
}

function shown(rate: GradedRate | null): string {
  if (rate === null) return 'none';
  const { numerator, denominator, interval } = rate;
  return `${numerator}/${denominator} = ${percent(interval.value)} (${percent(interval.low)} to ${percent(interval.high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
