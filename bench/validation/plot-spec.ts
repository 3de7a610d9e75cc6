/** A plot as plain JSON; the page draws it. */
export interface PlotSpec {
  x: string;
  y: string;
  series: PlotSeries[];
  /** @default both linear */
  logarithmic?: 'x' | 'y' | 'both';
  /** Draws the line on which x equals y. @default not */
  diagonal?: boolean;
}

export interface PlotSeries {
  name: string;
  mark: 'line' | 'dot';
  points: [number, number][];
}

/** Expected against observed, one dot for each case. */
export function agreement(cases: readonly { expected: number; observed: number }[]): PlotSpec {
  return {
    x: 'expected',
    y: 'observed',
    diagonal: true,
    series: [{ name: 'cases', mark: 'dot', points: cases.map(({ expected, observed }) => [expected, observed]) }],
  };
}
