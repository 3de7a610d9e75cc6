import fc from 'fast-check';
import { tokensCostUsd } from '../speculation/decision/tokens';
import { InvalidAmountError, toMicroUsd } from '../speculation/ledger/micro-dollars';
import { priceUsage, sumUsd } from '../speculation/ledger/price-usage';

const RATES = { inputUsdPerMillion: 3, cachedInputUsdPerMillion: 0.3, outputUsdPerMillion: 15 };

describe('the price of usage', () => {
  it('is exact, without superfluous zeros and without an exponent', () => {
    expect(priceUsage({ inputTokens: 500, cachedInputTokens: 0, outputTokens: 800 }, RATES)).toBe('0.0135');
    expect(priceUsage({ inputTokens: 1_000, cachedInputTokens: 900, outputTokens: 0 }, RATES)).toBe('0.00057');
    expect(priceUsage({ inputTokens: 1, cachedInputTokens: 1, outputTokens: 0 }, RATES)).toBe('0.0000003');
    expect(priceUsage({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 }, RATES)).toBe('0');
    expect(priceUsage({ inputTokens: 2_000_000, cachedInputTokens: 0, outputTokens: 0 }, RATES)).toBe('6');
  });

  it('counts each token once: cache writes within input, rejected predictions within output, at their own rates', () => {
    const tokens = {
      ...{ inputTokens: 1_000, cachedInputTokens: 300, cacheWriteTokens: 200 },
      ...{ outputTokens: 100, rejectedPredictionTokens: 40 },
    };
    const own = { cacheWriteUsdPerMillion: 3.75, rejectedPredictionUsdPerMillion: 7 };
    // 500 at 3, 300 at 0.3, 200 at 3.75, 60 at 15, 40 at 7 dollars a million.
    expect(priceUsage(tokens, { ...RATES, ...own })).toBe('0.00352');
    // 700 at 3, 300 at 0.3, 100 at 15.
    expect(priceUsage(tokens, RATES)).toBe('0.00369');
  });

  it('is what decisions reckon with, to within rounding, and needs no field that older records lack', () => {
    const count = fc.nat(100_000);
    const rate = fc.nat(100_000).map((units) => units / 1e3);
    fc.assert(
      fc.property(fc.tuple(count, count, count, count, count), fc.tuple(rate, rate, rate, rate, rate), (n, r) => {
        const older = { inputTokens: n[0] + n[1], cachedInputTokens: n[1], outputTokens: n[2] };
        const olderRates = { inputUsdPerMillion: r[0], cachedInputUsdPerMillion: r[1], outputUsdPerMillion: r[2] };
        const tokens = {
          ...{ inputTokens: n[0] + n[1] + n[3], cachedInputTokens: n[1], cacheWriteTokens: n[3] },
          ...{ outputTokens: n[2] + n[4], rejectedPredictionTokens: n[4] },
        };
        const rates = { ...olderRates, cacheWriteUsdPerMillion: r[3], rejectedPredictionUsdPerMillion: r[4] };
        expect(tokensCostUsd(tokens, rates)).toBeCloseTo(Number(priceUsage(tokens, rates)), 9);
        const additional = sumUsd([(n[3] * r[3]) / 1e6, (n[4] * r[4]) / 1e6].map((usd) => usd.toFixed(12)));
        expect(Number(priceUsage(tokens, rates))).toBeCloseTo(
          Number(priceUsage(older, olderRates)) + Number(additional),
          9,
        );
        expect(tokensCostUsd({ ...older, cacheWriteTokens: 0, rejectedPredictionTokens: 0 }, rates)).toBe(
          tokensCostUsd(older, olderRates),
        );
        expect(tokensCostUsd(older, olderRates)).toBe((n[0] * r[0] + n[1] * r[1] + n[2] * r[2]) / 1e6);
      }),
    );
  });

  it('of a launch cut off after a share of its output is input plus that share, never above the full cost', () => {
    const waste = [0, 0.1, 0.25, 0.5, 0.75, 1].map((share) =>
      priceUsage({ inputTokens: 500, cachedInputTokens: 0, outputTokens: 800 * share }, RATES),
    );
    expect(waste).toEqual(['0.0015', '0.0027', '0.0045', '0.0075', '0.0105', '0.0135']);
  });

  it('of many calls adds up to the last digit', () => {
    const tokens = fc.nat(10_000_000);
    const picoRate = fc.nat(100_000_000).map((units) => units / 1e6);
    fc.assert(
      fc.property(fc.array(fc.tuple(tokens, picoRate), { maxLength: 20 }), (calls) => {
        const prices = calls.map(([inputTokens, inputUsdPerMillion]) =>
          priceUsage({ inputTokens, cachedInputTokens: 0, outputTokens: 0 }, { ...RATES, inputUsdPerMillion }),
        );
        const picoDollars = calls.reduce(
          (sum, [count, rate]) => sum + BigInt(count) * BigInt(Math.round(rate * 1e6)),
          0n,
        );
        const digits = picoDollars.toString().padStart(13, '0');
        const exact = `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '');
        expect(sumUsd(prices)).toBe(exact === '' ? '0' : exact);
      }),
    );
  });
});

describe('a sum of dollars', () => {
  it('keeps every digit, however large and small its parts', () => {
    expect(sumUsd(['1000000000', '0.00000000000000000001', '0.1', '0.2'])).toBe('1000000000.30000000000000000001');
    expect(sumUsd([])).toBe('0');
  });
});

describe('micro-dollars', () => {
  it.each([
    ['0', 0],
    ['0.0000004999', 0],
    ['0.0000005', 1],
    ['0.0135', 13_500],
    ['1e-6', 1],
    ['-0.0000001', 0],
    ['12', 12_000_000],
  ])('of $%s are %d', (usd, microUsd) => {
    expect(toMicroUsd(usd)).toBe(microUsd);
  });

  it.each(['NaN', 'Infinity', 'free', '', '99999999999999999'])('do not exist for "%s"', (usd) => {
    expect(() => toMicroUsd(usd)).toThrow(InvalidAmountError);
  });
});
