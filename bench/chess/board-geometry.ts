/** A square, 0 for a1, 1 for b1, to 63 for h8. */
export type Square = number;

type Distance = readonly [files: number, ranks: number];

const STRAIGHT_WAYS: readonly Distance[] = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
];
const DIAGONAL_WAYS: readonly Distance[] = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
];
const KNIGHT_STEPS: readonly Distance[] = [
  [1, 2],
  [2, 1],
  [-1, 2],
  [-2, 1],
  [1, -2],
  [2, -1],
  [-1, -2],
  [-2, -1],
];

/** Squares that a piece on each square reaches with one step. */
export const KNIGHT = stepsOf(KNIGHT_STEPS);
export const KING = stepsOf([...STRAIGHT_WAYS, ...DIAGONAL_WAYS]);
/** Squares that a pawn on each square attacks. */
export const WHITE_PAWN = stepsOf([
  [-1, 1],
  [1, 1],
]);
export const BLACK_PAWN = stepsOf([
  [-1, -1],
  [1, -1],
]);

/** Squares from each square to the edge, nearest first, one list for each way. */
export const STRAIGHT = raysOf(STRAIGHT_WAYS);
export const DIAGONAL = raysOf(DIAGONAL_WAYS);

function stepsOf(distances: readonly Distance[]): readonly (readonly Square[])[] {
  return everySquare((square) => distances.flatMap((distance) => beside(square, distance) ?? []));
}

function raysOf(ways: readonly Distance[]): readonly (readonly (readonly Square[])[])[] {
  return everySquare((square) =>
    ways.map((way) => {
      const ray: Square[] = [];
      for (let next = beside(square, way); next !== null; next = beside(next, way)) ray.push(next);
      return ray;
    }),
  );
}

function everySquare<Value>(of: (square: Square) => Value): Value[] {
  return Array.from({ length: 64 }, (_, square) => of(square));
}

function beside(square: Square, [files, ranks]: Distance): Square | null {
  const file = (square % 8) + files;
  const rank = Math.floor(square / 8) + ranks;
  return file >= 0 && file < 8 && rank >= 0 && rank < 8 ? 8 * rank + file : null;
}
