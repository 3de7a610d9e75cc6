import fc from 'fast-check';
import { agreement } from '../speculation/verification/agreement';
import { placementOrder, UnknownOperationError } from '../speculation/verification/placement-order';
import { rougeL, TextTooLongError } from '../speculation/verification/rouge-l';
import {
  InvalidPlacementError,
  placeVerifiers,
  placeVerifiersInOrder,
  type VerifierOption,
} from '../speculation/verification/verifier-placement';
import { InvalidFaultScoreError, rankByDamage, type FaultObservation } from '../speculation/verification/vulnerability';
import { randomStream } from '../bench/simulator/random-stream';

describe('ROUGE-L', () => {
  test.each([
    // Lin 2004, section 3.1, with beta = 1: S2 and S3 against S1.
    ['police killed the gunman', 'police kill the gunman', 3 / 4, 3 / 4],
    ['police killed the gunman', 'the gunman kill police', 2 / 4, 2 / 4],
    // The example of the rouge-score package: "the quick brown jumps the" of nine and eight words.
    ['The quick brown fox jumps over the lazy dog', 'The quick brown dog jumps on the log.', 5 / 8, 5 / 9],
    ['a b c d', 'a b', 1, 1 / 2],
    ['', '', 1, 1],
    ['a', '', 0, 0],
    ['Größe 42 — ja', 'GRÖSSE 42, ja!', 2 / 3, 2 / 3],
  ])('of "%s" and "%s" has precision %p and recall %p', (reference, candidate, precision, recall) => {
    const measured = rougeL(reference, candidate);
    expect(measured.precision).toBeCloseTo(precision, 12);
    expect(measured.recall).toBeCloseTo(recall, 12);
    const sum = precision + recall;
    expect(measured.f).toBeCloseTo(sum === 0 ? 0 : (2 * precision * recall) / sum, 12);
  });

  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 }).map((words) => words.join(' '));

  test('is 1 for a text with itself, the same in both directions, and finds the longest of all subsequences', () => {
    const subsequences = (words: readonly string[]): string[][] =>
      words.reduce<string[][]>((all, word) => [...all, ...all.map((before) => [...before, word])], [[]]);
    fc.assert(
      fc.property(text, text, (left, right) => {
        expect(rougeL(left, left).f).toBe(1);
        expect(rougeL(left, right).f).toBe(rougeL(right, left).f);
        const words = (of: string): string[] => of.split(' ').filter((word) => word !== '');
        const common = subsequences(words(left))
          .filter((candidate) => {
            const rest = words(right);
            return candidate.every((word) => {
              const at = rest.indexOf(word);
              rest.splice(0, at + 1);
              return at >= 0;
            });
          })
          .reduce((longest, { length }) => Math.max(longest, length), 0);
        const total = words(left).length + words(right).length;
        expect(rougeL(left, right).f).toBeCloseTo(total === 0 ? 1 : (2 * common) / total, 12);
      }),
      { numRuns: 60 },
    );
  });

  test('refuses texts that would hold back a workflow task', () => {
    const long = 'word '.repeat(5_001);
    expect(() => rougeL(long, long)).toThrow(TextTooLongError);
  });
});

describe('the agreement of two results', () => {
  test.each([
    ['police killed the gunman', 'police kill the gunman', 3 / 4],
    [{ route: 'refund', id: 7 }, { route: 'refund', id: 8 }, 1 / 2],
    // A name is right or wrong, prose can be half right.
    [{ id: 'KQ7RD2' }, { id: 'kq7rd2' }, 0],
    [{ text: 'a b c d', ok: true }, { text: 'a b', ok: true }, (2 / 3 + 1) / 2],
    [{ list: [1, 2, 3] }, { list: [1, 2] }, 2 / 3],
    [{ gone: 1, kept: 2 }, { kept: 2 }, 1 / 2],
    [[], {}, 0],
    [[], [], 1],
    ['text', { text: 'text' }, 0],
  ])('of %j and %j is %p', (expected, actual, share) => {
    expect(agreement(expected, actual)).toBeCloseTo(share, 12);
  });

  test('is 1 with itself, symmetric, and within 0 and 1', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (left, right) => {
        expect(agreement(left, left)).toBe(1);
        expect(agreement(left, right)).toBeCloseTo(agreement(right, left), 12);
        expect(agreement(left, right)).toBeGreaterThanOrEqual(0);
        expect(agreement(left, right)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the ranking of operations', () => {
  const observed = (operation: string, losses: readonly number[]): FaultObservation[] =>
    losses.map((loss, input) => ({
      operation,
      input: String(input),
      fault: 'swap',
      cleanScore: 1,
      faultedScore: 1 - loss,
    }));
  const random = (): (() => number) => randomStream(1, 'test');

  test('is by the loss alone where nobody has counted errors', () => {
    const ranked = rankByDamage([...observed('a', [0, 0.2]), ...observed('b', [1, 0.8])], {}, random());
    expect(ranked.map(({ operation }) => operation)).toEqual(['b', 'a']);
    expect(ranked[0]).toMatchObject({ faults: 2, inputs: 2, errors: null, errorProbability: 1 });
    expect(ranked[0]?.loss.value).toBeCloseTo(0.9, 12);
  });

  test('is by loss times error rate where they are known: a rare fault of a vital operation is less', () => {
    const errors = { vital: { wrong: 1, of: 100 }, sloppy: { wrong: 40, of: 100 } };
    const ranked = rankByDamage(
      [...observed('vital', [1, 1]), ...observed('sloppy', [0.5, 0.3]), ...observed('uncounted', [0.4, 0.4])],
      errors,
      random(),
    );
    expect(ranked.map(({ operation }) => operation)).toEqual(['sloppy', 'uncounted', 'vital']);
    expect(ranked.map(({ errorProbability }) => errorProbability)).toEqual([0.4, expect.closeTo(0.205, 12), 0.01]);
    expect(ranked[0]?.expectedDamage).toBeCloseTo(0.16, 12);
  });

  test('has intervals that hold the value, shrink with more inputs, and take several faults of one input together', () => {
    const alternating = (length: number): number[] => Array.from({ length }, (_, index) => index % 2);
    const [few] = rankByDamage(observed('few', alternating(10)), {}, random());
    const [many] = rankByDamage(observed('many', alternating(200)), {}, random());
    const width = (each = few): number => (each?.loss.high ?? NaN) - (each?.loss.low ?? NaN);
    expect(width(many)).toBeLessThan(width(few) / 3);
    const repeated = observed('few', alternating(10)).flatMap((each) => [each, { ...each, fault: 'truncate' }]);
    expect(rankByDamage(repeated, {}, random())[0]).toMatchObject({ loss: few?.loss, faults: 20, inputs: 10 });
  });

  test('does not take a fault that helps for a gain of a verifier', () => {
    const better = [{ ...observed('a', [0])[0]!, cleanScore: 0.5, faultedScore: 0.9 }];
    expect(rankByDamage(better, {}, random())[0]).toMatchObject({ expectedDamage: 0 });
  });

  test.each([Number.NaN, -0.1, 1.1])('refuses a score of %p', (faultedScore) => {
    const observation = { ...observed('a', [0])[0]!, faultedScore };
    expect(() => rankByDamage([observation], {}, random())).toThrow(InvalidFaultScoreError);
  });
});

describe('the order of placement', () => {
  test('is terminal operations, then initial ones, then by fan-in', () => {
    const nodes = [
      { operation: 'plan', after: [] },
      { operation: 'one', after: ['plan'] },
      { operation: 'merge', after: ['one', 'plan'] },
      { operation: 'end', after: ['merge'] },
    ];
    expect(placementOrder(nodes)).toEqual(['end', 'plan', 'merge', 'one']);
  });

  test('refuses an operation that needs one which there is not', () => {
    expect(() => placementOrder([{ operation: 'a', after: ['b'] }])).toThrow(UnknownOperationError);
  });
});

describe('the placement of verifiers', () => {
  const option = fc.record({
    operation: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    verifier: fc.constantFrom('cheap', 'dear'),
    // Multiples of a power of two add up exactly.
    damageAvoided: fc.nat(64).map((steps) => steps / 64),
    costUsd: fc.nat(64).map((steps) => steps / 64),
  });
  const optionsOf = fc.uniqueArray(option, {
    maxLength: 8,
    selector: ({ operation, verifier }) => `${operation} ${verifier}`,
  });
  const settings = fc.record({
    budgetUsd: fc.nat(192).map((steps) => steps / 64),
    lambda: fc.nat(8).map((steps) => steps / 4),
  });

  function bruteForce(options: readonly VerifierOption[], budgetUsd: number, lambda: number): number {
    let best = 0;
    for (let subset = 0; subset < 2 ** options.length; subset += 1) {
      const chosen = options.filter((_, index) => (subset >> index) % 2 === 1);
      if (new Set(chosen.map(({ operation }) => operation)).size < chosen.length) continue;
      if (chosen.reduce((sum, { costUsd }) => sum + costUsd, 0) > budgetUsd) continue;
      best = Math.max(
        best,
        chosen.reduce((sum, { damageAvoided, costUsd }) => sum + damageAvoided - lambda * costUsd, 0),
      );
    }
    return best;
  }

  test('has the greatest utility of all placements within the budget', () => {
    fc.assert(
      fc.property(optionsOf, settings, (options, { budgetUsd, lambda }) => {
        const placed = placeVerifiers(options, { budgetUsd, lambda });
        expect(placed.exact).toBe(true);
        expect(placed.utility).toBeCloseTo(bruteForce(options, budgetUsd, lambda), 9);
        expect(placed.costUsd).toBeLessThanOrEqual(budgetUsd + 1e-9);
        const operations = placed.chosen.map(({ operation }) => operation);
        expect(new Set(operations).size).toBe(operations.length);
      }),
      { numRuns: 100 },
    );
  });

  test('is never worse than that in the published order, whose verifiers go to the end first', () => {
    const nodes = ['a', 'b', 'c', 'd', 'e'].map((operation, index, all) => ({
      operation,
      after: all.slice(Math.max(0, index - 1), index),
    }));
    fc.assert(
      fc.property(optionsOf, settings, (options, given) => {
        const published = placeVerifiersInOrder(nodes, options, given);
        expect(published.costUsd).toBeLessThanOrEqual(given.budgetUsd + 1e-9);
        expect(placeVerifiers(options, given).utility).toBeGreaterThanOrEqual(published.utility - 1e-9);
      }),
      { numRuns: 60 },
    );
    const same = nodes.map(({ operation }) => ({ operation, verifier: 'v', damageAvoided: 0.1, costUsd: 1 }));
    const { chosen } = placeVerifiersInOrder(nodes, same, { budgetUsd: 2 });
    expect(chosen.map(({ operation }) => operation)).toEqual(['e', 'a']);
  });

  test('says so where it cannot look at all ways, and stays within the budget', () => {
    const random = randomStream(1, 'many');
    // Worth about what they cost, so that hardly any way is better than another.
    const options = Array.from({ length: 100 }, (_, index) => {
      const costUsd = random();
      return { operation: String(index), verifier: 'v', damageAvoided: costUsd + random() / 1e6, costUsd };
    });
    const placed = placeVerifiers(options, { budgetUsd: 20 });
    expect(placed.exact).toBe(false);
    expect(placed.costUsd).toBeLessThanOrEqual(20);
    // At most the dearest one short of what whole dollars could buy.
    expect(placed.utility).toBeGreaterThan(19);
    const alone = { operation: 'x', verifier: 'v', damageAvoided: 1000, costUsd: 20 };
    expect(placeVerifiers([...options, alone], { budgetUsd: 20 }).chosen).toEqual([alone]);
  });

  test.each([
    ['budgetUsd', [], { budgetUsd: -1 }],
    ['lambda', [], { lambda: Number.NaN }],
    ['costUsd of v behind a', [{ operation: 'a', verifier: 'v', damageAvoided: 0, costUsd: -1 }], {}],
    ['damageAvoided of v behind a', [{ operation: 'a', verifier: 'v', damageAvoided: -1, costUsd: 1 }], {}],
  ])('refuses a bad %s', (field, options, given) => {
    expect(() => placeVerifiers(options, given)).toThrow(InvalidPlacementError);
    expect(() => placeVerifiers(options, given)).toThrow(field);
  });
});
