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

/**
 * Places labels so that none lies over another, over a point or outside of the bounds, each as near to its point as that allows; rather not
 * on the curve. Earlier labels choose first.
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
  const taken = points.map(({ x, y }) => around(x, y, POINT_RADIUS));
  const leaders: Segment[] = [];
  const softly = curve
    .slice(1)
    .map((to, index) => ({ x1: curve[index]?.x ?? to.x, y1: curve[index]?.y ?? to.y, x2: to.x, y2: to.y }));
  return wishes.map((wish) => {
    const fit = candidates(wish, fontPixels)
      .filter(({ box, leader }) => {
        if (!inside(box, bounds)) return false;
        if (taken.some((other) => overlap(box, other))) return false;
        if (leaders.some((line) => crosses(line, box))) return false;
        const own = around(wish.x, wish.y, POINT_RADIUS + 1);
        return leader === null || !taken.some((other) => !overlap(own, other) && crosses(leader, other));
      })
      .map((label) => ({ label, cost: label.distance + 25 * softly.filter((line) => crosses(line, label.box)).length }))
      .sort((left, right) => left.cost - right.cost)[0];
    if (fit === undefined) return null;
    const { box, leader } = fit.label;
    taken.push(box);
    if (leader !== null) leaders.push(leader);
    return { ...wish, box, leader };
  });
}

function candidates(
  { lines, x, y }: LabelWish,
  fontPixels: number,
): { box: Box; leader: Segment | null; distance: number }[] {
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
  );
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
