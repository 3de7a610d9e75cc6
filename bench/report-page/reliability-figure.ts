import { escapeHtml } from '../../client/frontier-page/browser-library';
import { rateText } from '../measure/comparison-figures';
import type { PolicyComparison, Rate, ReliabilityBin } from '../measure/policy-comparison';
import { linearAxis } from './axis';
import { CHART_FONT_PIXELS, chartFrame } from './chart-frame';
import { htmlTable } from './html-table';
import { LABEL_LINE_PIXELS, placeLabels } from './place-labels';
import { px, svgImage, svgLine, svgText } from './svg';

const SIZE = { width: 328, height: 320 };
const Z_95 = 1.96;

type Reliability = NonNullable<PolicyComparison['reliability']>[number];

/** What was predicted against what came true, beside its figures. */
export function reliabilityFigure(id: string, { label, bins }: Reliability): string {
  const counted = bins.filter(({ observed }) => observed.denominator > 0);
  const error = calibrationError(bins);
  const summary =
    error === null
      ? 'No forecast was counted.'
      : `Calibration error ${error.value.toFixed(3)}: distance from the line, weighted by counts, over ${error.forecasts} forecasts.`;
  const table = htmlTable({
    caption: `Bins: ${label}`,
    columns: ['predicted', 'came true', '95 % interval'],
    rows: bins.map(({ predicted, observed }) => {
      const interval = wilsonInterval(observed);
      const bounds = interval === null ? '–' : `${percent(interval.low)} to ${percent(interval.high)} %`;
      return [`${percent(predicted)} %`, rateText(observed), bounds];
    }),
  });
  return `<figure class="reliability"><figcaption>Reliability: ${escapeHtml(label)}. ${summary}</figcaption>
<div class="beside">${counted.length === 0 ? '' : drawn(id, label, counted)}${table}</div></figure>`;
}

/**
 * Mean distance between what was predicted and what came true, weighted by the counts of the bins (expected calibration error).
 *
 * @returns null without a forecast
 */
export function calibrationError(bins: readonly ReliabilityBin[]): { value: number; forecasts: number } | null {
  const forecasts = bins.reduce((sum, { observed }) => sum + observed.denominator, 0);
  if (forecasts === 0) return null;
  const off = bins.reduce(
    (sum, { predicted, observed }) => sum + Math.abs(predicted * observed.denominator - observed.numerator),
    0,
  );
  return { value: off / forecasts, forecasts };
}

/** Wilson's 95 % interval of a rate; null where nothing was counted. */
export function wilsonInterval({ numerator, denominator }: Rate): { low: number; high: number } | null {
  if (denominator === 0) return null;
  const share = numerator / denominator;
  const spread = Z_95 ** 2 / denominator;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / denominator + spread / (4 * denominator))) / (1 + spread);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

function drawn(id: string, label: string, bins: readonly ReliabilityBin[]): string {
  const wish = { ticks: 6, text: (value: string) => value };
  const axis = { ...linearAxis(0, 100, wish), low: 0, high: 100, ticks: TICKS };
  const frame = chartFrame(SIZE, () => axis, axis, { x: 'predicted probability (%)', y: 'came true (%)' });
  const most = Math.max(1, ...bins.map(({ observed }) => observed.denominator));
  const dots = bins.map(({ predicted, observed }) => ({
    x: frame.x(100 * predicted),
    y: frame.y((100 * observed.numerator) / observed.denominator),
    radius: 2.5 + 4 * Math.sqrt(observed.denominator / most),
    interval: wilsonInterval(observed),
    count: String(observed.denominator),
  }));
  const { left, right, top, bottom } = frame.field;
  const counts = placeLabels(
    dots.map(({ x, y, count }) => ({ x, y, lines: [count] })),
    { left: left + 1, right, top, bottom: bottom - 1 },
    CHART_FONT_PIXELS,
    dots,
    [
      { x: frame.x(0), y: frame.y(0) },
      { x: frame.x(100), y: frame.y(100) },
    ],
  );
  const content = [
    frame.drawn,
    svgLine(frame.x(0), frame.y(0), frame.x(100), frame.y(100), 'perfect'),
    ...dots.map(({ x, interval }) =>
      interval === null ? '' : svgLine(x, frame.y(100 * interval.low), x, frame.y(100 * interval.high), 'whisker'),
    ),
    ...dots.map(({ x, y, radius }) => `<circle class="point unbeaten" cx="${px(x)}" cy="${px(y)}" r="${px(radius)}"/>`),
    ...counts.map((placed) =>
      placed === null
        ? ''
        : svgText(
            (placed.box.left + placed.box.right) / 2,
            placed.box.top + LABEL_LINE_PIXELS - 3,
            placed.lines.join(''),
            {
              anchor: 'middle',
              className: 'point-name',
            },
          ),
    ),
  ];
  return svgImage(
    {
      id,
      ...SIZE,
      title: `Reliability: ${label}`,
      description: `The dashed line is a perfect forecast; the number beside a point is how many forecasts it stands for. ${bins
        .map(({ predicted, observed }) => `Predicted ${percent(predicted)} %, came true ${rateText(observed)}`)
        .join('; ')}.`,
      className: 'chart',
    },
    content.join('\n'),
  );
}

const TICKS = [0, 20, 40, 60, 80, 100].map((value) => ({ value, text: String(value) }));

function percent(share: number): string {
  return (100 * share).toFixed(0);
}
