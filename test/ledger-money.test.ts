import fc from 'fast-check';
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
