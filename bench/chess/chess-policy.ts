import type { Breadth } from './recorded-game';
import type { GuessKnowledge } from './learned-guesses';

/** How the fast agent is asked. */
export interface Asking {
  breadth: Breadth;
  /** With how sure it is: in a call of its own after the guesses. @default it is not asked that */
  confidence?: 'free' | 'charged';
}

/** One row of the comparison: a launch policy, and what it is given. */
export interface ChessPolicy {
  label: string;
  /** As `launchPolicy` takes it. */
  policy: string;
  asking: Asking;
  /** Where probabilities come from that the policy asks for. */
  knowledge: GuessKnowledge;
  /** Most launches upon each other. */
  maxDepth: number;
  /** Most launches at the same time, as `limits` has it. @default unlimited */
  maxOpenLaunches?: number;
  /** `closed`: nothing is launched on guesses at a step that was itself launched, as published. `open`: it is, once that is claimed. */
  window: 'closed' | 'open';
  /** Value of a second, US dollars; only the rule of this project and the optimal breadth look at it. */
  lambdaUsdPerSecond: number;
  /** Copies of calls take as long as the same step of another game: no other duration of the same call is recorded. */
  copies?: boolean;
  /** What it knew, in one line. */
  knew: string;
}

/** What a second is worth where a policy asks and nobody has chosen it, as the knob has it by default. */
const DEFAULT_LAMBDA = 0.01;
const NOTHING = 'nothing, and asked for no guess';
const GUESSES = 'the list of guesses';
const LEARNED =
  'the list of guesses; how often such guesses were right in the other four games (place in the list, exchanges on the board)';

function row(given: Pick<ChessPolicy, 'label' | 'policy' | 'knew'> & Partial<ChessPolicy>): ChessPolicy {
  return {
    asking: { breadth: 3 },
    knowledge: 'exchanges',
    maxDepth: 1,
    window: 'closed',
    lambdaUsdPerSecond: DEFAULT_LAMBDA,
    ...given,
  };
}

const BREADTHS: readonly Breadth[] = [1, 2, 3];

/** Deep enough that no policy is held back by it: as deep as a game is long. */
const DEEP = 50;

/** The published forms, and baselines. */
export const PEER_POLICIES: readonly ChessPolicy[] = [
  row({ label: 'sequential', policy: 'sequential', knew: NOTHING }),
  row({
    label: 'parallel only',
    policy: 'parallel-only',
    knew: `${NOTHING}: every step needs the whole one before it`,
  }),
  ...BREADTHS.map((breadth) =>
    row({
      label: `Speculative Actions k=${breadth}`,
      policy: `speculative-actions:k=${breadth}`,
      asking: { breadth },
      knew: GUESSES,
    }),
  ),
  row({
    label: 'SA confidence > 50, its call free',
    policy: 'speculative-actions:k=3,confidence=0.5',
    asking: { breadth: 3, confidence: 'free' },
    knew: 'the list of guesses and stated confidences, whose call of 66 s on average is not charged: not comparable',
  }),
  row({
    label: 'SA confidence > 50, charged',
    policy: 'speculative-actions:k=3,confidence=0.5',
    asking: { breadth: 3, confidence: 'charged' },
    knew: 'the list of guesses and stated confidences; the seconds of that call are charged, its tokens were not recorded',
  }),
  row({
    label: 'SA optimal breadth',
    policy: 'speculative-actions:k=3,optimal=1',
    knew: `${LEARNED}; a second is worth ${DEFAULT_LAMBDA} dollars`,
  }),
  ...BREADTHS.map((breadth) =>
    row({
      label: `SA k=${breadth}, window reopened`,
      policy: `speculative-actions:k=${breadth}`,
      asking: { breadth },
      maxDepth: DEEP,
      window: 'open',
      knew: `${GUESSES}; guesses at a launched step are asked for at once, as Runahead does`,
    }),
  ),
  row({ label: 'ISP k=4', policy: 'isp:k=4', asking: { breadth: 1 }, maxDepth: 3, knew: 'one guess a step' }),
  row({
    label: 'DSP',
    policy: 'dsp',
    asking: { breadth: 1 },
    maxDepth: DEEP,
    window: 'open',
    knew: 'one guess a step, and how often such guesses were right in the other four games',
  }),
  row({ label: 'always, two deep', policy: 'always', maxDepth: 2, window: 'open', knew: GUESSES }),
  row({ label: 'count threshold', policy: 'count-threshold', knew: `${NOTHING}: no position occurs twice` }),
  row({ label: 'fixed confidence 0.7', policy: 'fixed-confidence', maxDepth: DEEP, window: 'open', knew: LEARNED }),
  row({
    label: 'hedge, two copies (assumed)',
    policy: 'hedge',
    copies: true,
    knew:
      'nothing; no second answer was recorded, so a copy is assumed to take as long as the same step of another game and to say the same: ' +
      'a bound, as if how long a move takes were chance alone',
  }),
  row({
    label: 'oracle',
    policy: 'oracle',
    maxDepth: DEEP,
    window: 'open',
    knew: 'which guess of the list is right: a bound, not a policy',
  }),
];

/** The rule of this project at some value of a second. */
export function costAware(
  label: string,
  lambdaUsdPerSecond: number,
  knowledge: GuessKnowledge = 'exchanges',
): ChessPolicy {
  const learned =
    knowledge === 'exchanges' ? LEARNED : 'the list of guesses; how often each place was right in the other four games';
  return row({
    label,
    policy: 'cost-aware:ask=1',
    knowledge,
    maxDepth: DEEP,
    window: 'open',
    maxOpenLaunches: 8,
    lambdaUsdPerSecond,
    knew: `${learned}; durations and prices of the other four games; one list of three guesses, charged; a second is worth ${lambdaUsdPerSecond.toPrecision(3)} dollars`,
  });
}
