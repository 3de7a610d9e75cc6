import { shareOf, type Axis } from './axis';
import { svgLine, svgText } from './svg';
import { textWidth } from './text-width';

export const CHART_FONT_PIXELS = 12;

export interface ChartFrame {
  /** Grid, ticks and the names of both axes. */
  drawn: string;
  /** The field between the axes. */
  field: { left: number; right: number; top: number; bottom: number };
  x: (value: number) => number;
  y: (value: number) => number;
}

/** The name of an axis, with its unit. */
export function axisName(name: string, { logarithmic }: Axis): string {
  return logarithmic ? `${name}, log scale` : name;
}

/** Most ticks whose texts stay apart on an axis of this length. */
export function ticksThatFit(make: (ticks: number) => Axis, pixels: number): Axis {
  const fits = ({ ticks }: Axis): boolean => {
    const widest = Math.max(...ticks.map(({ text }) => textWidth(text, CHART_FONT_PIXELS)));
    return (widest + 10) * ticks.length <= pixels;
  };
  for (const ticks of [7, 6, 5, 4, 3]) {
    const axis = make(ticks);
    if (fits(axis)) return axis;
  }
  return make(2);
}

/** Two axes with a grid. The name of the upright one stands above it, where it can be read without turning one's head. */
export function chartFrame(
  size: { width: number; height: number },
  makeX: (ticks: number) => Axis,
  yAxis: Axis,
  names: { x: string; y: string },
): ChartFrame {
  const widest = Math.max(...yAxis.ticks.map(({ text }) => textWidth(text, CHART_FONT_PIXELS)));
  const field = { left: Math.ceil(widest) + 8, right: size.width - 14, top: 26, bottom: size.height - 44 };
  const xAxis = ticksThatFit(makeX, field.right - field.left);
  const x = (value: number): number => field.left + shareOf(xAxis, value) * (field.right - field.left);
  const y = (value: number): number => field.bottom - shareOf(yAxis, value) * (field.bottom - field.top);
  const columns = xAxis.ticks.map(({ value, text }) => {
    const at = x(value);
    // The outermost texts stay in the drawing.
    const half = textWidth(text, CHART_FONT_PIXELS) / 2;
    const centre = Math.min(Math.max(at, half), size.width - half);
    return (
      svgLine(at, field.top, at, field.bottom, 'grid') +
      svgText(centre, field.bottom + 19, text, { anchor: 'middle', className: 'tick' })
    );
  });
  const lines = yAxis.ticks.map(({ value, text }) => {
    const at = y(value);
    return (
      svgLine(field.left, at, field.right, at, 'grid') +
      svgText(field.left - 6, at + 4, text, { anchor: 'end', className: 'tick' })
    );
  });
  const axes =
    svgLine(field.left, field.bottom, field.right, field.bottom, 'axis') +
    svgLine(field.left, field.top, field.left, field.bottom, 'axis');
  const titles =
    svgText(0, 12, axisName(names.y, yAxis), { className: 'axis-name y-name' }) +
    svgText(field.right, size.height - 6, axisName(names.x, xAxis), { anchor: 'end', className: 'axis-name x-name' });
  return { drawn: [...columns, ...lines, axes, titles].join('\n'), field, x, y };
}
