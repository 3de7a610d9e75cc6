import { escapeHtml } from '../../client/frontier-page/browser-library';
import { seconds } from '../../client/tables/figures';
import type { TimelineBar } from '../measure/policy-comparison';
import { axisUpTo, shareOf } from './axis';
import { CHART_FONT_PIXELS, ticksThatFit } from './chart-frame';
import { px, svgImage, svgLine, svgText } from './svg';
import { fitted, textWidth } from './text-width';
import { lanesOf, type Lane } from './timeline-lanes';

const WIDE_PIXELS = 720;
const NARROW_PIXELS = 328;
const BAR_PIXELS = 11;
const ROW_PIXELS = 15;
const NAME_PIXELS = 16;
const MOST_NAME_PIXELS = 190;
const TOP = 4;
const FOOT = 36;

export const BAR_KINDS: Record<TimelineBar['kind'], string> = {
  plain: 'ran when its turn came',
  claimed: 'ran ahead and was used',
  wasted: 'ran ahead and was thrown away',
  draft: 'a draft or a guess by a model',
};

/** One run of one policy: lanes of bars over time. The scale is that of the longest run, so that runs compare. */
export function timelineFigure(
  id: string,
  title: string,
  bars: readonly TimelineBar[],
  longestSeconds: number,
): string {
  const lanes = lanesOf(bars);
  return drawn(id, 'wide', title, lanes, longestSeconds) + drawn(id, 'narrow', title, lanes, longestSeconds);
}

/** What the fillings of bars mean. */
export function timelineLegend(): string {
  const swatches = Object.entries(BAR_KINDS).map(
    ([kind, meaning]) =>
      `<li><svg width="30" height="13" aria-hidden="true" focusable="false">${barShape(kind, 0.5, 1, 29)}</svg>${kind}: ${meaning}</li>`,
  );
  return `<ul class="legend">${swatches.join('')}</ul>`;
}

/** Fillings that differ without colours. To be on the page once. */
export const BAR_PATTERNS = `<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="fill-wasted" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="wasted-paper" width="6" height="6"/><rect class="wasted-ink" width="2.6" height="6"/></pattern>
<pattern id="fill-draft" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="draft-paper" width="5" height="5"/><circle class="draft-ink" cx="2.5" cy="2.5" r="1.3"/></pattern>
</defs></svg>`;

function drawn(
  id: string,
  shape: 'wide' | 'narrow',
  title: string,
  lanes: readonly Lane[],
  longestSeconds: number,
): string {
  const width = shape === 'wide' ? WIDE_PIXELS : NARROW_PIXELS;
  const widest = Math.max(0, ...lanes.map(({ name }) => textWidth(name, CHART_FONT_PIXELS)));
  // On a phone the name of a lane stands above its bars.
  const left = shape === 'wide' ? Math.min(MOST_NAME_PIXELS, widest) + 10 : 2;
  const right = width - 16;
  const axis = ticksThatFit((ticks) => axisUpTo(longestSeconds, { ticks, text: (value) => value }), right - left);
  const x = (time: number): number => left + shareOf(axis, time) * (right - left);
  let y = TOP;
  const drawnLanes = lanes.map(({ name, rows }) => {
    const top = y;
    const barsTop = shape === 'wide' ? top : top + NAME_PIXELS;
    y = barsTop + rows.length * ROW_PIXELS + 3;
    const nameY = shape === 'wide' ? top + BAR_PIXELS : top + NAME_PIXELS - 4;
    const nameText = fitted(name, (shape === 'wide' ? MOST_NAME_PIXELS : right) - 4, CHART_FONT_PIXELS);
    const shapes = rows.flatMap((bars, row) => bars.map((bar) => drawnBar(bar, barsTop + row * ROW_PIXELS, x)));
    return svgText(0, nameY, nameText, { className: 'lane' }) + shapes.join('');
  });
  const ticks = axis.ticks.map(({ value, text }) => {
    const half = textWidth(text, CHART_FONT_PIXELS) / 2;
    return {
      line: svgLine(x(value), TOP, x(value), y, 'grid'),
      text: svgText(Math.min(Math.max(x(value), half), width - half), y + 15, text, {
        anchor: 'middle',
        className: 'tick',
      }),
    };
  });
  const content = [
    ...ticks.map(({ line }) => line),
    svgLine(left, y, right, y, 'axis'),
    ...drawnLanes,
    ...ticks.map(({ text }) => text),
    svgText(right, y + FOOT - 6, 'time since the start of the run (s)', {
      anchor: 'end',
      className: 'axis-name x-name',
    }),
  ];
  return svgImage(
    {
      id: `${id}-${shape}`,
      width,
      height: y + FOOT,
      title,
      description: described(lanes),
      className: `chart timeline ${shape}`,
    },
    content.join('\n'),
  );
}

function drawnBar(bar: TimelineBar, top: number, x: (seconds: number) => number): string {
  const left = x(bar.startSeconds);
  const words = `${bar.lane}, ${bar.label}: ${bar.kind}, ${seconds(bar.startSeconds)} to ${seconds(bar.endSeconds)}`;
  return `<g class="bar"><title>${escapeHtml(words)}</title>${barShape(bar.kind, left, top, Math.max(1.5, x(bar.endSeconds) - left))}</g>`;
}

function barShape(kind: string, left: number, top: number, width: number): string {
  const middle = top + BAR_PIXELS / 2;
  const rect = `<rect class="${kind}" x="${px(left)}" y="${px(top)}" width="${px(width)}" height="${BAR_PIXELS}"/>`;
  return kind === 'claimed' ? rect + svgLine(left + 1, middle, left + width - 1, middle, 'claimed-line') : rect;
}

function described(lanes: readonly Lane[]): string {
  const bars = lanes.flatMap(({ rows }) => rows.flat());
  const end = Math.max(0, ...bars.filter(({ kind }) => kind !== 'wasted').map(({ endSeconds }) => endSeconds));
  const counts = Object.keys(BAR_KINDS)
    .map((kind) => `${bars.filter((bar) => bar.kind === kind).length} ${kind}`)
    .join(', ');
  return `${bars.length} bars in ${lanes.length} lanes (${counts}); the last that was not thrown away ends after ${seconds(end)}.`;
}
