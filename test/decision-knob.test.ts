import { applyKnobChange, DEFAULT_KNOB, InvalidKnobError, parseKnobChange } from '../speculation/decision/knob';

describe('a knob change', () => {
  it.each<[input: unknown, change: unknown]>([
    [{ alpha: 0 }, { alpha: 0 }],
    [
      { alpha: 1, enabled: false },
      { alpha: 1, enabled: false },
    ],
    [{ lambdaUsdPerSecond: 0.25 }, { lambdaUsdPerSecond: 0.25 }],
    [{ budgetUsd: null }, { budgetUsd: null }],
    [{ budgetUsd: 0 }, { budgetUsd: '0' }],
    [{ budgetUsd: '007.500' }, { budgetUsd: '7.5' }],
    [{ budgetUsd: 1e-7 }, { budgetUsd: '0.0000001' }],
    [{ budgetUsd: '1e2' }, { budgetUsd: '100' }],
    [{ budgetUsd: 1e21 }, { budgetUsd: '1000000000000000000000' }],
  ])('%j is read as %j', (input, change) => {
    expect(parseKnobChange(input)).toEqual(change);
  });

  it.each<[input: unknown, message: RegExp]>([
    [{ alpha: 1.01 }, /alpha is 1.01; use a number from 0 .* to 1/],
    [{ alpha: -0.1 }, /alpha is -0.1/],
    [{ alpha: '0.5' }, /alpha is "0.5"/],
    [{ alpha: NaN }, /alpha is NaN/],
    [{ lambdaUsdPerSecond: Infinity }, /lambdaUsdPerSecond is Infinity; .* finite number of at least 0/],
    [{ lambdaUsdPerSecond: -1 }, /lambdaUsdPerSecond is -1/],
    [{ budgetUsd: -1 }, /budgetUsd is -1; use US dollars of at least 0, such as "0.25", or null/],
    [{ budgetUsd: '$5' }, /budgetUsd is "\$5"/],
    [{ budgetUsd: Infinity }, /budgetUsd is Infinity/],
    [{ budgetUsd: '' }, /budgetUsd is ""/],
    [{ enabled: 'no' }, /enabled is "no"; use true or false/],
    [
      { lambda: 1 },
      /"lambda" is 1; there is no such field; known fields: alpha, lambdaUsdPerSecond, budgetUsd, enabled/,
    ],
    [JSON.parse('{"__proto__": {"alpha": 1}}'), /"__proto__" is {"alpha":1}; there is no such field/],
    [{}, /the change is {}; send an object such as {"alpha": 0.8}/],
    [[], /the change is \[\]/],
    [null, /the change is null/],
    [undefined, /the change is undefined/],
    ['alpha=1', /the change is "alpha=1"/],
    [{ alpha: 10n }, /alpha is bigint/],
    [{ alpha: 'x'.repeat(1000) }, /alpha is "x{70,80}\.\.\.; /],
  ])('refuses case %# by field, value and way out', (input, message) => {
    expect(() => parseKnobChange(input)).toThrow(InvalidKnobError);
    expect(() => parseKnobChange(input)).toThrow(message);
  });

  it('is refused with a code of its own', () => {
    expect(new InvalidKnobError('alpha', 2, 'use less').code).toBe('RUNAHEAD_INVALID_KNOB');
  });

  it('leaves the other fields, and the knob it started from, as they are', () => {
    expect(applyKnobChange(DEFAULT_KNOB, { alpha: 0.9 })).toEqual({
      alpha: 0.9,
      lambdaUsdPerSecond: 0.01,
      budgetUsd: null,
      enabled: true,
    });
    expect(DEFAULT_KNOB.alpha).toBe(0.5);
  });
});
