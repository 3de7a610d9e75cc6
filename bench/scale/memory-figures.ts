import { bootstrap } from '../measure/bootstrap';
import type { Interval } from '../measure/policy-comparison';
import type { MemoryReading } from './open-pipelines';
import { VARIANTS, type Variant } from './variants';

/** What open pipelines take of the memory of their workers. */
export interface MemoryFigures {
  variant: Variant;
  /** Most that were open, and how many of them the workers had in memory. */
  open: number;
  cachedPipelines: number;
  /** With none open, and with all. */
  emptyBytes: number;
  fullBytes: number;
  /** Slope of the least-squares line through the readings; the interval is over readings. Null where there are fewer than three. */
  bytesPerPipeline: Interval | null;
}

export function memoryFigures(readings: readonly MemoryReading[], seed: number): MemoryFigures[] {
  return VARIANTS.flatMap((variant) => {
    const own = readings.filter((reading) => reading.variant === variant);
    const [first] = own;
    const last = own.at(-1);
    if (first === undefined || last === undefined) return [];
    return [
      {
        variant,
        open: last.open,
        cachedPipelines: last.cachedPipelines,
        emptyBytes: first.residentBytes,
        fullBytes: last.residentBytes,
        bytesPerPipeline: own.length < 3 ? null : bootstrap(own, slopeOf, seed),
      },
    ];
  });
}

/** Bytes for one more open pipeline. */
export function slopeOf(readings: readonly Pick<MemoryReading, 'open' | 'residentBytes'>[]): number {
  const mean = (of: (reading: (typeof readings)[number]) => number): number =>
    readings.reduce((sum, reading) => sum + of(reading), 0) / readings.length;
  const meanOpen = mean(({ open }) => open);
  const meanBytes = mean(({ residentBytes }) => residentBytes);
  const spread = mean(({ open }) => (open - meanOpen) ** 2);
  // A sample of one and the same reading has no slope.
  if (spread === 0) return 0;
  return mean(({ open, residentBytes }) => (open - meanOpen) * (residentBytes - meanBytes)) / spread;
}
