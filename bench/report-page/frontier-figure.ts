import { escapeHtml } from '../../client/frontier-page/browser-library';
import { dollars, seconds } from '../../client/tables/figures';
import type { FrontierPoint, PolicyComparison } from '../measure/policy-comparison';
import { axisAround } from './axis';
import { CHART_FONT_PIXELS, chartFrame, type ChartFrame } from './chart-frame';
import { knowsTheFuture } from './knows-the-future';
import { LABEL_LINE_PIXELS, placeLabels, type LabelWish, type PlacedLabel } from './place-labels';
import { px, svgImage, svgLine, svgText } from './svg';
import { farPoints } from './far-points';
import { htmlTable } from './html-table';

const WIDE = { width: 720, height: 440 };
const NARROW = { width: 328, height: 320 };
/** Points nearer than this share a label. */
const SAME_PLACE = 2;

type Frontier = NonNullable<PolicyComparison['frontier']>;

/** Time against dollars: each policy a labelled point, the dial a curve. Wide with names, narrow with numbers and a list. */
export function frontierFigure(id: string, title: string, frontier: Frontier): string {
  const { points, dial } = frontier;
  if (points.length === 0 && dial.length === 0) return '';
  const far = farPoints(points);
  const wide = drawn(id, 'wide', title, frontier, far);
  const narrow = drawn(id, 'narrow', title, frontier, far);
  const outside = [...far].map(({ label, seconds: time, usd }) => `${label} (${seconds(time)}, ${dollars(usd)})`);
  const list = points
    .map(({ label, seconds: time, usd }) => `<li>${escapeHtml(label)}: ${seconds(time)}, ${dollars(usd)}</li>`)
    .join('');
  const table =
    dial.length === 0
      ? ''
      : `<details><summary>The dial in figures</summary>${htmlTable({
          caption: `Settings of the dial: ${title}`,
          columns: ['setting', 'mean seconds of a unit', 'dollars of a unit'],
          rows: dial.map(({ label, seconds: time, usd }) => [label, seconds(time), dollars(usd)]),
        })}</details>`;
  return `<figure class="frontier"><figcaption>Time against dollars, mean of a unit; lower left is better. A filled point is one that no other
policy beats in both${points.some(({ label }) => knowsTheFuture(label)) ? '; a dashed one knows what nobody can know' : ''}.${dial.length === 0 ? '' : ' The line is the dial.'}${outside.length === 0 ? '' : ` Too far away to be drawn: ${escapeHtml(outside.join('; '))}.`}</figcaption>
${wide.svg}${narrow.svg}
<ol class="${wide.hasNames ? 'narrow' : ''} key">${list}</ol>${table}</figure>`;
}

/** Whether no other point is as fast and as cheap, and better in one of the two. An oracle neither beats nor counts. */
export function isUnbeaten(point: FrontierPoint, all: readonly FrontierPoint[]): boolean {
  if (knowsTheFuture(point.label)) return false;
  return !all.some(
    ({ label, seconds: time, usd }) =>
      !knowsTheFuture(label) && time <= point.seconds && usd <= point.usd && (time < point.seconds || usd < point.usd),
  );
}

function drawn(
  id: string,
  shape: 'wide' | 'narrow',
  title: string,
  { points, dial }: Frontier,
  far: ReadonlySet<FrontierPoint>,
): { svg: string; hasNames: boolean } {
  const size = shape === 'wide' ? WIDE : NARROW;
  const near = points.filter((point) => !far.has(point));
  const all = [...near, ...dial];
  const money = all.map(({ usd }) => usd);
  const frame = chartFrame(
    size,
    (ticks) => axisAround(money, { ticks, text: (value) => `$${value}` }),
    axisAround(
      all.map((point) => point.seconds),
      { ticks: 6, text: (value) => value },
    ),
    { x: 'dollars of a unit ($)', y: 'mean time of a unit (s)' },
  );
  const { labels, hasNames } = labelled(frame, numbered(points, far), dial, shape === 'wide');
  const curve = dial.map((point) => `${px(frame.x(point.usd))},${px(frame.y(point.seconds))}`).join(' ');
  const content = [
    frame.drawn,
    dial.length > 1 ? `<polyline class="dial" points="${curve}"/>` : '',
    ...dial.map((point) => circle(frame, point, 2.5, 'dial-dot')),
    ...labels.map(({ leader }) =>
      leader === null ? '' : svgLine(leader.x1, leader.y1, leader.x2, leader.y2, 'leader'),
    ),
    ...near.map((point) => circle(frame, point, 5, pointClass(point, points))),
    ...labels.map(labelText),
  ];
  return {
    svg: svgImage(
      {
        id: `${id}-${shape}`,
        ...size,
        title: `${title}: time against dollars`,
        description: described(points, dial),
        className: `chart ${shape}`,
      },
      content.join('\n'),
    ),
    hasNames,
  };
}

interface NumberedPoint extends FrontierPoint {
  /** In the list below the drawing, from 1. */
  number: number;
}

function numbered(points: readonly FrontierPoint[], far: ReadonlySet<FrontierPoint>): NumberedPoint[] {
  return points.flatMap((point, index) => (far.has(point) ? [] : [{ ...point, number: index + 1 }]));
}

/** Names where all of them find a place, otherwise numbers; the dial's ends last, where there is room left. */
function labelled(
  frame: ChartFrame,
  points: readonly NumberedPoint[],
  dial: readonly FrontierPoint[],
  byName: boolean,
): { labels: PlacedLabel[]; hasNames: boolean } {
  const at = ({ seconds: time, usd }: FrontierPoint): { x: number; y: number } => ({
    x: frame.x(usd),
    y: frame.y(time),
  });
  const { left, right, top, bottom } = frame.field;
  const bounds = { left: left + 2, right, top: top + 1, bottom: bottom - 2 };
  const ends = dial.length === 0 ? [] : [dial[0], dial.at(-1)].filter((end) => end !== undefined);
  const place = (wishes: readonly LabelWish[]): (PlacedLabel | null)[] =>
    placeLabels(wishes, bounds, CHART_FONT_PIXELS, points.map(at), dial.map(at));
  const endWishes = [...new Set(ends)].map((end) => ({ ...at(end), lines: [end.label] }));
  const names = grouped(points.map((point) => ({ ...at(point), lines: [point.label] })));
  const named = byName ? place([...names, ...endWishes]) : [];
  const hasNames = byName && named.slice(0, names.length).every((label) => label !== null);
  if (hasNames) return { labels: named.filter((label) => label !== null), hasNames };
  const numbers = grouped(points.map((point) => ({ ...at(point), lines: [String(point.number)] })));
  const short = numbers.map((wish) => ({ ...wish, lines: [wish.lines.join(', ')] }));
  return { labels: place([...short, ...endWishes]).filter((label) => label !== null), hasNames };
}

/** Points at the same place get one label with a line for each. */
function grouped(wishes: readonly LabelWish[]): LabelWish[] {
  const groups: LabelWish[] = [];
  for (const wish of wishes) {
    const index = groups.findIndex(({ x, y }) => Math.hypot(x - wish.x, y - wish.y) <= SAME_PLACE);
    const group = groups[index];
    if (group === undefined) groups.push(wish);
    else groups[index] = { ...group, lines: [...group.lines, ...wish.lines] };
  }
  return groups;
}

function labelText({ lines, box, x }: PlacedLabel): string {
  const share = (x - box.left) / (box.right - box.left);
  const isLeft = share > 0.65;
  const isRight = share < 0.35;
  const anchor = isLeft ? 'end' : isRight ? 'start' : 'middle';
  const textX = isLeft ? box.right : isRight ? box.left : (box.left + box.right) / 2;
  return lines
    .map((line, index) =>
      svgText(textX, box.top + (index + 1) * LABEL_LINE_PIXELS - 3, line, { anchor, className: 'point-name' }),
    )
    .join('');
}

function pointClass(point: FrontierPoint, points: readonly FrontierPoint[]): string {
  if (knowsTheFuture(point.label)) return 'point bound';
  return isUnbeaten(point, points) ? 'point unbeaten' : 'point';
}

function circle(frame: ChartFrame, point: FrontierPoint, radius: number, className: string): string {
  const words = `${point.label}: ${seconds(point.seconds)}, ${dollars(point.usd)}`;
  return `<circle class="${className}" cx="${px(frame.x(point.usd))}" cy="${px(frame.y(point.seconds))}" r="${radius}"><title>${escapeHtml(words)}</title></circle>`;
}

function described(points: readonly FrontierPoint[], dial: readonly FrontierPoint[]): string {
  const words = points.map(({ label, seconds: time, usd }) => `${label} ${seconds(time)} for ${dollars(usd)}`);
  const [first, last] = [dial[0], dial.at(-1)];
  const ends =
    first === undefined || last === undefined
      ? ''
      : ` The dial goes from ${first.label}, ${seconds(first.seconds)} for ${dollars(first.usd)}, to ${last.label}, ${seconds(last.seconds)} for ${dollars(last.usd)}.`;
  return `${words.join('; ')}.${ends}`;
}
