/** Points that share a mark; later ones are drawn over earlier ones. */
export interface PlottedPoints {
  mark: string;
  points: readonly { x: number; y: number }[];
}

export interface ScatterPlot {
  xLabel: string;
  yLabel: string;
  layers: readonly PlottedPoints[];
  /** Columns and rows of the field between the axes. @default 60 and 16 */
  width?: number;
  height?: number;
}

/** A plot of text: axes from 0 to the largest value, one character for each point, no colours. */
export function scatterPlot({ xLabel, yLabel, layers, width = 60, height = 16 }: ScatterPlot): string {
  const all = layers.flatMap(({ points }) => points);
  const xMost = niceAbove(Math.max(0, ...all.map(({ x }) => x)));
  const yMost = niceAbove(Math.max(0, ...all.map(({ y }) => y)));
  const field = Array.from({ length: height }, () => Array.from({ length: width }, () => ' '));
  for (const { mark, points } of layers) {
    for (const { x, y } of points) {
      const line = field[height - 1 - Math.round((y / yMost) * (height - 1))];
      if (line !== undefined) line[Math.round((x / xMost) * (width - 1))] = mark;
    }
  }
  const labels = [figure(yMost), figure(yMost / 2), '0'];
  const margin = Math.max(...labels.map((label) => label.length));
  const rows = field.map((line, index) => {
    const label =
      index === 0
        ? labels[0]
        : index === Math.floor((height - 1) / 2)
          ? labels[1]
          : index === height - 1
            ? labels[2]
            : '';
    return `${(label ?? '').padStart(margin)} |${line.join('').trimEnd()}`;
  });
  const [left, middle, right] = ['0', figure(xMost / 2), figure(xMost)];
  const scale = left.padEnd(Math.floor(width / 2) - Math.floor(middle.length / 2)) + middle;
  return [
    `${' '.repeat(margin)}  ${yLabel}`,
    ...rows,
    `${' '.repeat(margin)} +${'-'.repeat(width)}`,
    `${' '.repeat(margin)}  ${scale.padEnd(width - right.length)}${right}`,
    `${' '.repeat(margin)}  ${xLabel.padStart(width)}`,
  ].join('\n');
}

/** The least of 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten that is not below. */
function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value);
  return (step ?? 10) * power;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
