import { BLACK_PAWN, DIAGONAL, KING, KNIGHT, STRAIGHT, WHITE_PAWN, type Square } from './board-geometry';

/** A move of a piece; castling is that of the king. */
export interface Move {
  from: Square;
  to: Square;
}

/** One letter a square as FEN has it, upper case for white; '' for an empty one. */
type Piece = string;

const START = 'RNBQKBNRPPPPPPPP................................pppppppprnbqkbnr';
const ANY_SLIDE = [STRAIGHT, DIAGONAL] as const;

/** A chess position by the rules, without counting repetitions: what the moves of a game say by themselves. */
export class Position {
  private constructor(
    private readonly pieces: readonly Piece[],
    readonly whiteToMove: boolean,
    /** Squares from or to which something has moved: kings and rooks there no longer castle. */
    private readonly touched: readonly Square[],
    /** The square that a pawn has just passed over. */
    private readonly passed: Square | null,
  ) {}

  static start(): Position {
    const pieces = Array.from(START, (piece) => (piece === '.' ? '' : piece));
    return new Position(pieces, true, [], null);
  }

  /** '' for an empty square. */
  pieceAt(square: Square): Piece {
    return this.pieces[square] ?? '';
  }

  /** Squares of the pieces of one side. */
  squaresOf(white: boolean): Square[] {
    const squares: Square[] = [];
    for (const [square, piece] of this.pieces.entries()) {
      if (piece !== '' && isWhite(piece) === white) squares.push(square);
    }
    return squares;
  }

  /** Squares of the pieces of one side that attack this square, whoever stands there. */
  attackersOf(square: Square, white: boolean): Square[] {
    const letter = (kind: string): Piece => (white ? kind.toUpperCase() : kind);
    const attackers: Square[] = [];
    const add = (squares: readonly Square[] | undefined, piece: Piece): void => {
      for (const from of squares ?? []) if (this.pieces[from] === piece) attackers.push(from);
    };
    // A pawn attacks what a pawn of the other side would attack it from.
    add((white ? BLACK_PAWN : WHITE_PAWN)[square], letter('p'));
    add(KNIGHT[square], letter('n'));
    add(KING[square], letter('k'));
    const queen = letter('q');
    for (const slides of ANY_SLIDE) {
      const slider = letter(slides === STRAIGHT ? 'r' : 'b');
      for (const ray of slides[square] ?? []) {
        const first = ray.find((each) => this.pieces[each] !== '');
        if (first === undefined) continue;
        if (this.pieces[first] === slider || this.pieces[first] === queen) attackers.push(first);
      }
    }
    return attackers;
  }

  legalMoves(): Move[] {
    return this.squaresOf(this.whiteToMove)
      .flatMap((from) => this.targetsOf(from).map((to) => ({ from, to })))
      .filter((move) => !this.after(move).inCheck(this.whiteToMove));
  }

  inCheck(white: boolean): boolean {
    const king = this.pieces.indexOf(white ? 'K' : 'k');
    return king >= 0 && this.attackersOf(king, !white).length > 0;
  }

  /** What the move takes; '' for nothing. */
  captured({ from, to }: Move): Piece {
    if (to === this.passed && this.pieceAt(from).toLowerCase() === 'p') return 'p';
    return this.pieceAt(to);
  }

  /** @param promotion letter of the piece that a pawn becomes. @default a queen */
  after({ from, to }: Move, promotion = 'q'): Position {
    const piece = this.pieceAt(from);
    const pieces = [...this.pieces];
    pieces[from] = '';
    pieces[to] = piece;
    let passed: Square | null = null;
    if (piece === 'p' || piece === 'P') {
      if (to === this.passed) pieces[to + (this.whiteToMove ? -8 : 8)] = '';
      if (Math.abs(to - from) === 16) passed = (from + to) / 2;
      if (to < 8 || to >= 56) pieces[to] = this.whiteToMove ? promotion.toUpperCase() : promotion;
    } else if ((piece === 'k' || piece === 'K') && Math.abs(to - from) === 2) {
      const [rook, beside] = to > from ? [from + 3, from + 1] : [from - 4, from - 1];
      pieces[beside] = this.pieceAt(rook);
      pieces[rook] = '';
    }
    return new Position(pieces, !this.whiteToMove, [...this.touched, from, to], passed);
  }

  /** Squares that the piece on this one attacks. */
  private attackedFrom(square: Square): readonly Square[] {
    const piece = this.pieceAt(square);
    switch (piece.toLowerCase()) {
      case 'p':
        return (isWhite(piece) ? WHITE_PAWN : BLACK_PAWN)[square] ?? [];
      case 'n':
        return KNIGHT[square] ?? [];
      case 'k':
        return KING[square] ?? [];
      case 'r':
        return this.along(STRAIGHT[square]);
      case 'b':
        return this.along(DIAGONAL[square]);
      default:
        return [...this.along(STRAIGHT[square]), ...this.along(DIAGONAL[square])];
    }
  }

  private along(rays: readonly (readonly Square[])[] | undefined): Square[] {
    return (rays ?? []).flatMap((ray) => {
      const first = ray.findIndex((square) => this.pieces[square] !== '');
      return first < 0 ? ray : ray.slice(0, first + 1);
    });
  }

  /** By the way the piece moves; its king may be left in check. */
  private targetsOf(from: Square): Square[] {
    const kind = this.pieceAt(from).toLowerCase();
    const free = (square: Square): boolean => this.pieceAt(square) === '';
    const enemy = (square: Square): boolean => !free(square) && isWhite(this.pieceAt(square)) !== this.whiteToMove;
    const attacked = this.attackedFrom(from);
    if (kind === 'p') {
      const step = this.whiteToMove ? 8 : -8;
      const once = free(from + step) ? [from + step] : [];
      const isHome = Math.floor(from / 8) === (this.whiteToMove ? 1 : 6);
      const twice = isHome && once.length > 0 && free(from + 2 * step) ? [from + 2 * step] : [];
      return [...once, ...twice, ...attacked.filter((square) => enemy(square) || square === this.passed)];
    }
    const reached = attacked.filter((square) => free(square) || enemy(square));
    return kind === 'k' ? [...reached, ...this.castles(from)] : reached;
  }

  private castles(king: Square): Square[] {
    if (king !== (this.whiteToMove ? 4 : 60) || this.touched.includes(king) || this.inCheck(this.whiteToMove))
      return [];
    const rookPiece = this.whiteToMove ? 'R' : 'r';
    return [
      { rook: king + 3, between: [king + 1, king + 2], passes: king + 1, to: king + 2 },
      { rook: king - 4, between: [king - 1, king - 2, king - 3], passes: king - 1, to: king - 2 },
    ]
      .filter(
        ({ rook, between, passes }) =>
          this.pieceAt(rook) === rookPiece &&
          !this.touched.includes(rook) &&
          between.every((square) => this.pieceAt(square) === '') &&
          this.attackersOf(passes, !this.whiteToMove).length === 0,
      )
      .map(({ to }) => to);
  }
}

function isWhite(piece: Piece): boolean {
  return piece <= 'Z';
}
