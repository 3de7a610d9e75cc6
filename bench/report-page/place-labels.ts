import { textWidth } from './text-width';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Segment {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/** Lines of text that belong to a point. */
export interface LabelWish {
  lines: readonly string[];
  x: number;
  y: number;
}

export interface PlacedLabel extends LabelWish {
  box: Box;
  /** From the point to a label that is not right beside it. */
  leader: Segment | null;
}

export const LABEL_LINE_PIXELS = 14;
const POINT_RADIUS = 7;
const DISTANCES = [9, 16, 26, 38, 52, 68, 86, 106, 130, 156];
const DIRECTIONS = 16;
/** A label further away than this has a line to its point. */
const BESIDE = 12;

/** What it costs a label to lie over a piece of the curve, or to have no place, in pixels of distance to its point. */
const ON_CURVE = 60;
const NO_PLACE = 1_000;

/**
 * Places labels so that none lies over another, over a point or outside of the bounds, each as near to its point as that allows; rather not
 * on the curve. Labels choose one after the other; of some orders the one in which they come to lie nearest is taken.
 *
 * @returns null for a label that has no place
 */
export function placeLabels(
  wishes: readonly LabelWish[],
  bounds: Box,
  fontPixels: number,
  points: readonly { x: number; y: number }[],
  curve: readonly { x: number; y: number }[] = [],
): (PlacedLabel | null)[] {
  const room: Room = {
    bounds,
    points: points.map(({ x, y }) => around(x, y, POINT_RADIUS)),
    curve: curve.slice(1).map((to, index) => {
      const from = curve[index] ?? to;
      return { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    }),
  };
  const offers = wishes.map((wish) => candidates(wish, fontPixels));
  const tries = ordersOf(wishes).map((order) => placeInOrder(order, wishes, offers, room));
  const cheapest = tries.reduce((best, each) => (each.cost < best.cost ? each : best));
  return wishes.map((_, index) => cheapest.labels.get(index) ?? null);
}

interface Room {
  bounds: Box;
  points: readonly Box[];
  curve: readonly Segment[];
}

interface Offer {
  box: Box;
  leader: Segment | null;
  distance: number;
}

/** As given, from each side, and the most crowded first. */
function ordersOf(wishes: readonly LabelWish[]): number[][] {
  const given = wishes.map((_, index) => index);
  const by = (key: (wish: LabelWish) => number): number[] => {
    const keys = wishes.map(key);
    return [...given].sort((one, other) => (keys[one] ?? 0) - (keys[other] ?? 0));
  };
  const crowd = ({ x, y }: LabelWish): number =>
    -wishes.reduce((sum, other) => sum + 1 / (20 + Math.hypot(other.x - x, other.y - y)), 0);
  return [given, by(crowd), by(({ x }) => x), by(({ x }) => -x), by(({ y }) => y), by(({ y }) => -y)];
}

function placeInOrder(
  order: readonly number[],
  wishes: readonly LabelWish[],
  offers: readonly (readonly Offer[])[],
  room: Room,
): { labels: Map<number, PlacedLabel>; cost: number } {
  const taken = [...room.points];
  const leaders: Segment[] = [];
  const labels = new Map<number, PlacedLabel>();
  let total = 0;
  for (const index of order) {
    const wish = wishes[index];
    if (wish === undefined) continue;
    let best: { offer: Offer; cost: number } | null = null;
    for (const offer of offers[index] ?? []) {
      // Offers come nearest first.
      if (best !== null && offer.distance >= best.cost) break;
      if (!isFree(offer, wish, room.bounds, taken, leaders)) continue;
      const cost = offer.distance + ON_CURVE * room.curve.filter((line) => crosses(line, offer.box)).length;
      if (best === null || cost < best.cost) best = { offer, cost };
    }
    total += best?.cost ?? NO_PLACE;
    if (best === null) continue;
    const { box, leader } = best.offer;
    taken.push(box);
    if (leader !== null) leaders.push(leader);
    labels.set(index, { ...wish, box, leader });
  }
  return { labels, cost: total };
}

function isFree(
  { box, leader }: Offer,
  { x, y }: LabelWish,
  bounds: Box,
  taken: readonly Box[],
  leaders: readonly Segment[],
): boolean {
  if (!inside(box, bounds) || taken.some((other) => overlap(box, other))) return false;
  if (leaders.some((line) => crosses(line, box))) return false;
  const own = around(x, y, POINT_RADIUS + 1);
  return leader === null || !taken.some((other) => !overlap(own, other) && crosses(leader, other));
}

function candidates({ lines, x, y }: LabelWish, fontPixels: number): Offer[] {
  const width = Math.max(...lines.map((line) => textWidth(line, fontPixels)));
  const height = lines.length * LABEL_LINE_PIXELS;
  return DISTANCES.flatMap((distance) =>
    Array.from({ length: DIRECTIONS }, (_, index) => {
      const angle = (2 * Math.PI * index) / DIRECTIONS;
      // The edge of the label that looks to the point is at this distance of it.
      const centreX = x + Math.cos(angle) * (distance + width / 2);
      const centreY = y + Math.sin(angle) * (distance + height / 2);
      const box = {
        left: centreX - width / 2,
        right: centreX + width / 2,
        top: centreY - height / 2,
        bottom: centreY + height / 2,
      };
      const to = { x2: Math.min(Math.max(x, box.left), box.right), y2: Math.min(Math.max(y, box.top), box.bottom) };
      const gap = Math.hypot(to.x2 - x, to.y2 - y);
      return { box, leader: gap > BESIDE ? { x1: x, y1: y, ...to } : null, distance: gap };
    }),
  ).sort((one, other) => one.distance - other.distance);
}

function around(x: number, y: number, radius: number): Box {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}

function inside(box: Box, bounds: Box): boolean {
  return box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

/** Whether a line enters a box, by clipping it (Liang and Barsky 1984). */
function crosses({ x1, y1, x2, y2 }: Segment, box: Box): boolean {
  let [enters, leaves] = [0, 1];
  const [dx, dy] = [x2 - x1, y2 - y1];
  for (const [step, room] of [
    [-dx, x1 - box.left],
    [dx, box.right - x1],
    [-dy, y1 - box.top],
    [dy, box.bottom - y1],
  ] as const) {
    if (step === 0) {
      if (room < 0) return false;
    } else if (step < 0) enters = Math.max(enters, room / step);
    else leaves = Math.min(leaves, room / step);
  }
  return enters < leaves;
}
