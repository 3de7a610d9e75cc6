import fc from 'fast-check';
import { shouldSpeculate } from '../speculation/decision/expected-value';
import { impliedLambdaFromChoices, type LambdaChoice } from '../speculation/frontier/implied-lambda';

/** Uniform numbers from a seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Bet = Omit<LambdaChoice, 'accepted'>;

const bet = (random: () => number): Bet => ({
  P: 0.05 + 0.9 * random(),
  speculativeCostUsd: 0.001 * Math.exp(4 * random()),
  latencySavedSeconds: 0.2 + 5 * random(),
  alpha: random(),
});

const marginUsd = ({ P, speculativeCostUsd: C, latencySavedSeconds, alpha }: Bet, lambda: number): number =>
  P * lambda * latencySavedSeconds - (2 - alpha - P) * C;

/** What the rule itself says. */
const obeys = (lambda: number, each: Bet): boolean =>
  shouldSpeculate(each.P, lambda * each.latencySavedSeconds, each.speculativeCostUsd, each.alpha);

describe('what past choices imply for lambda', () => {
  test('a choice at the very boundary gives lambda back exactly', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-5, max: 10, noNaN: true }),
        fc.array(
          fc.record({
            alpha: fc.double({ min: 0, max: 1, noNaN: true }),
            ratio: fc.double({ min: 1.01, max: 50, noNaN: true }),
          }),
          {
            minLength: 1,
            maxLength: 30,
          },
        ),
        (lambda, bets) => {
          // L / C = ratio, so that P* = (2 - alpha) / (1 + ratio), where that is a probability.
          const choices = bets
            .map(({ alpha, ratio }) => ({ alpha, ratio, P: (2 - alpha) / (1 + ratio) }))
            .filter(({ P }) => P <= 1)
            .map(({ alpha, ratio, P }) => ({
              P,
              alpha,
              speculativeCostUsd: (2 * lambda) / ratio,
              latencySavedSeconds: 2,
              accepted: true,
            }));
          fc.pre(choices.some(({ P, alpha }) => 2 - alpha - P > 1e-6));
          const implied = impliedLambdaFromChoices(choices);
          expect(implied.method).toBe('bracket');
          expect(Math.abs((implied.lambdaUsdPerSecond ?? 0) / lambda - 1)).toBeLessThan(1e-9);
        },
      ),
    );
  });

  test('choices without noise are bracketed, and the lambda behind them lies in the bracket', () => {
    const random = seeded(1);
    const choices = Array.from({ length: 2000 }, () => bet(random)).map((each) => ({
      ...each,
      accepted: obeys(0.02, each),
    }));
    const implied = impliedLambdaFromChoices(choices);
    expect(implied).toMatchObject({ method: 'bracket', explained: 1 });
    expect(implied.lower).toBeLessThanOrEqual(0.02);
    expect(implied.upper).toBeGreaterThan(0.02);
    expect(Math.abs((implied.lambdaUsdPerSecond ?? 0) / 0.02 - 1)).toBeLessThan(0.01);
  });

  const NOISE: [string, (each: Bet, lambda: number, random: () => number) => boolean][] = [
    [
      'a second is worth a quarter more or less to them each time',
      (each, lambda, random) => {
        const wobble = Math.exp(0.15 * Math.log(1 / Math.max(random(), 1e-12) - 1));
        return obeys(lambda * wobble, each);
      },
    ],
    [
      'one choice in ten is made by a coin',
      (each, lambda, random) => (random() < 0.1 ? random() < 0.5 : obeys(lambda, each)),
    ],
    [
      'they misjudge each bet by a tenth of its cost',
      (each, lambda, random) => {
        const gauss = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        return marginUsd(each, lambda) + 0.1 * each.speculativeCostUsd * gauss >= 0;
      },
    ],
  ];
  test.each(NOISE)('2,000 noisy choices give lambda back within 5 %%, when %s', (_, choose) => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = seeded(seed);
      const lambda = 0.001 * 10 ** (2 * random());
      const choices = Array.from({ length: 2000 }, () => bet(random)).map((each) => ({
        ...each,
        accepted: choose(each, lambda, random),
      }));
      const implied = impliedLambdaFromChoices(choices);
      expect(implied.method).toBe('maximum-likelihood');
      errors.push(Math.abs((implied.lambdaUsdPerSecond ?? 0) / lambda - 1));
    }
    process.stdout.write(`worst error of ${errors.length} seeds: ${(100 * Math.max(...errors)).toFixed(2)} %\n`);
    expect(Math.max(...errors)).toBeLessThan(0.05);
  });

  test('the 95 % interval holds the truth about as often as it says', () => {
    let held = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = seeded(1000 + seed);
      const choices = Array.from({ length: 300 }, () => bet(random)).map((each) => ({
        ...each,
        accepted: obeys(0.02 * Math.exp(0.4 * Math.log(1 / Math.max(random(), 1e-12) - 1)), each),
      }));
      const { lower, upper } = impliedLambdaFromChoices(choices);
      if (lower <= 0.02 && upper >= 0.02) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(52);
  });

  test('who refuses everything has told only what a second is not worth', () => {
    const refused = { P: 0.5, speculativeCostUsd: 0.01, latencySavedSeconds: 1, alpha: 1, accepted: false };
    expect(impliedLambdaFromChoices([refused])).toMatchObject({ lambdaUsdPerSecond: null, lower: 0, upper: 0.01 });
    expect(impliedLambdaFromChoices([])).toMatchObject({ lambdaUsdPerSecond: null, choices: 0 });
  });

  test('a bet that saves no time or risks nothing says nothing', () => {
    const nothing = { P: 1, speculativeCostUsd: 0.01, latencySavedSeconds: 1, alpha: 1, accepted: true };
    const hopeless = { P: 0.5, speculativeCostUsd: 0.01, latencySavedSeconds: 0, alpha: 1, accepted: false };
    expect(impliedLambdaFromChoices([nothing, hopeless])).toMatchObject({ choices: 0, uninformative: 2 });
  });

  test('numbers that no bet can have are refused by name', () => {
    const bad = { P: 1.5, speculativeCostUsd: 0.01, latencySavedSeconds: 1, alpha: 1, accepted: true };
    expect(() => impliedLambdaFromChoices([bad])).toThrow('P is 1.5');
  });
});
