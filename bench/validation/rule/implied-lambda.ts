import { impliedLambdaUsdPerSecond } from '../../../speculation/decision/boundary';
import { impliedLambdaFromChoices, type LambdaChoice } from '../../../speculation/frontier/implied-lambda';
import { randomStream, standardNormal, type Random } from '../../simulator/random-stream';
import { Comparison } from '../comparison';
import { experiment } from '../experiment';

const BOUNDARY_TOLERANCE = 1e-9;
const CHOICES_TOLERANCE = 0.05;
const BOUNDARY_CASES = 2_000;
const CHOICES = 2_000;
/** What a second is worth to each operator, US dollars. */
const OPERATORS = [0.0005, 0.004, 0.01, 0.08, 1.2];
/** How far off an operator's judgement of a bet is: standard deviation of its logarithm. */
const MISJUDGEMENT = 0.15;

type Bet = Omit<LambdaChoice, 'accepted'>;

/** Method 11, (5): the lambda behind a launch that is just worth it. */
export const impliedLambdaAtBoundary = experiment<typeof impliedLambdaUsdPerSecond>({
  name: 'implied-lambda',
  title: 'lambda is recovered exactly from launches on the boundary',
  origin: 'method',
  tolerance: BOUNDARY_TOLERANCE,
  subject: impliedLambdaUsdPerSecond,
  planted: {
    '(1 - alpha) forgotten': (P, seconds, C) => (C * (1 - P)) / (P * seconds),
    'cost of a used launch counted': (P, seconds, C, alpha) => (C * (2 - alpha)) / (P * seconds),
  },
  prepare: ({ seed }) => {
    const random = randomStream(seed, 'implied-lambda');
    const cases = Array.from({ length: BOUNDARY_CASES }, () => {
      const lambda = 10 ** (-4 + 5 * random());
      const { speculativeCostUsd: C, latencySavedSeconds: seconds, alpha } = drawBet(random, lambda);
      // Where the rule is an equality; above 1 it would never launch.
      const P = Math.min(1, ((2 - alpha) * C) / (lambda * seconds + C));
      return { lambda, C, seconds, alpha, P };
    }).filter(({ P }) => P < 1);
    return (invert) => {
      const comparison = new Comparison(BOUNDARY_TOLERANCE);
      for (const { lambda, C, seconds, alpha, P } of cases) comparison.add('', lambda, invert(P, seconds, C, alpha));
      const plotted = comparison.cases.slice(0, 400);
      return comparison.findings({
        x: 'lambda, dollars a second',
        y: 'recovered',
        logarithmic: 'both',
        diagonal: true,
        series: [
          { name: 'launches', mark: 'dot', points: plotted.map(({ expected, observed }) => [expected, observed]) },
        ],
      });
    };
  },
});

/** The same from what people did: they misjudge each bet a little. PROPOSED, ours. */
export const impliedLambdaOfChoices = experiment<(choices: LambdaChoice[]) => number>({
  name: 'implied-lambda-choices',
  title: `lambda from ${CHOICES} noisy choices by maximum likelihood (each bet misjudged by ${MISJUDGEMENT * 100} %)`,
  origin: 'ours',
  tolerance: CHOICES_TOLERANCE,
  subject: (choices) => impliedLambdaFromChoices(choices).lambdaUsdPerSecond ?? NaN,
  planted: {
    'the dial is ignored': (choices) =>
      impliedLambdaFromChoices(choices.map((choice) => ({ ...choice, alpha: 1 }))).lambdaUsdPerSecond ?? NaN,
    'the dearest bet that was taken': (choices) =>
      Math.max(
        ...choices
          .filter(({ accepted }) => accepted)
          .map((bet) => impliedLambdaUsdPerSecond(bet.P, bet.latencySavedSeconds, bet.speculativeCostUsd, bet.alpha)),
      ),
  },
  prepare: ({ seed }) => {
    const operators = OPERATORS.map((lambda) => ({ lambda, choices: drawChoices(lambda, seed) }));
    return (fit) => {
      const comparison = new Comparison(CHOICES_TOLERANCE);
      for (const { lambda, choices } of operators) comparison.add(`lambda ${lambda}`, lambda, fit(choices));
      return comparison.findings({
        x: 'lambda, dollars a second',
        y: 'recovered from choices',
        logarithmic: 'both',
        diagonal: true,
        series: [
          {
            name: 'operators',
            mark: 'dot',
            points: comparison.cases.map(({ expected, observed }) => [expected, observed]),
          },
        ],
      });
    };
  },
});

function drawBet(random: Random, lambda: number): Bet {
  const latencySavedSeconds = 0.2 + 5 * random();
  return {
    P: 0.05 + 0.9 * random(),
    // r = L / C between about 0.6 and 12: dear and cheap launches alike.
    speculativeCostUsd: (lambda * latencySavedSeconds) / Math.exp(-0.5 + 3 * random()),
    latencySavedSeconds,
    alpha: random(),
  };
}

function drawChoices(lambda: number, seed: number): LambdaChoice[] {
  const random = randomStream(seed, 'choices', lambda);
  return Array.from({ length: CHOICES }, () => {
    const bet = drawBet(random, lambda);
    const felt = lambda * Math.exp(MISJUDGEMENT * standardNormal(random));
    const indifferent = impliedLambdaUsdPerSecond(bet.P, bet.latencySavedSeconds, bet.speculativeCostUsd, bet.alpha);
    return { ...bet, accepted: felt >= indifferent };
  });
}
