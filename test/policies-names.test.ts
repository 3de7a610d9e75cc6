import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { knobChangeFrom } from '../client/knob-change';
import { policiesTable } from '../client/tables/policies-table';
import { knobTable } from '../client/tables/knob-table';
import { DEFAULT_KNOB } from '../speculation/decision/knob';
import { decide } from '../speculation/decision/decision';
import { recomputeRow } from '../speculation/decision/recompute';
import { launchPolicy, POLICY_FAMILIES, UnknownPolicyError } from '../speculation/policies/by-name';
import { InvalidPolicyParameterError } from '../speculation/policies/invalid-policy-parameter-error';
import type { PolicyFamily, PolicyParameter } from '../speculation/policies/launch-policy';
import { decision } from './support/arbitrary-decision';
import { runahead, runaheadJson } from './support/command-line';
import { OBVIOUS } from './support/sample-decision';

const LOSSY = 'lossy';

function valueOf({ least, most, whole }: PolicyParameter): fc.Arbitrary<number> {
  const top = Math.min(most, 1e6);
  return whole === true ? fc.integer({ min: least, max: top }) : fc.double({ min: least, max: top, noNaN: true });
}

/** A name of a family with some of its parameters. */
function namesOf({ name, parameters }: PolicyFamily): fc.Arbitrary<string> {
  const given = Object.entries(parameters)
    .filter(([key]) => key !== LOSSY)
    .map(([key, parameter]) => fc.option(valueOf(parameter).map((value) => `${key}=${value}`)));
  return fc.tuple(...given).map((assignments) => {
    const text = assignments.filter((each) => each !== null).join(',');
    return text === '' ? name : `${name}:${text}`;
  });
}

function drafts(name: string): string {
  return launchPolicy(name).drafts ?? 'worth it';
}

const anyName = fc.constantFrom(...POLICY_FAMILIES).chain(namesOf);

describe('the name of a policy', () => {
  test('leads to a policy of that very name, whatever its parameters are', () => {
    fc.assert(
      fc.property(anyName, (name) => launchPolicy(name).name === name),
      { numRuns: 500 },
    );
  });

  test('is all that a logged row needs to be decided again', () => {
    fc.assert(
      fc.property(anyName, decision, (policyName, inputs) => {
        const row = decide({ ...inputs, policyName });
        expect(row.policyName).toBe(policyName);
        const logged = JSON.parse(JSON.stringify(row)) as typeof row;
        expect(JSON.parse(JSON.stringify(recomputeRow(logged)))).toEqual(logged);
      }),
      { numRuns: 1_000 },
    );
  });

  test('gives a policy that never throws, however bad the numbers are', () => {
    const bad = fc.constantFrom(NaN, Infinity, -Infinity, -1, 2);
    fc.assert(
      fc.property(anyName, decision, bad, fc.nat(6), (policyName, inputs, value, where) => {
        const surroundings = { ...inputs.surroundings, chainSeconds: value, upstreamSeconds: value } as never;
        const supports = [[{ ...inputs.supports[0]![0]!, probability: value }]];
        const changes = [
          { latencySavedSeconds: value },
          { cost: { kind: 'fixed' as const, usd: value } },
          { siblings: [value] },
          { supports },
          { surroundings },
          { knob: { ...inputs.knob, lambdaUsdPerSecond: value } },
          { supports: [] },
        ];
        expect(['launch', 'hold']).toContain(decide({ ...inputs, policyName, ...changes[where] }).decision);
      }),
      { numRuns: 1_000 },
    );
  });

  test.each(POLICY_FAMILIES.map((family) => [family.name, family] as const))(
    '%s says what it is, and its defaults are within its bounds',
    (name, { summary, source, parameters }) => {
      expect(launchPolicy(name).name).toBe(name);
      expect(summary).toMatch(/^\S.+[^.]$/);
      expect(source).not.toBe('');
      for (const parameter of Object.values(parameters)) {
        expect(parameter.default).toBeGreaterThanOrEqual(parameter.least);
        expect(parameter.default).toBeLessThanOrEqual(parameter.most);
        expect(parameter.meaning).not.toBe('');
      }
    },
  );

  test('that is mistyped is answered with the nearest ones', () => {
    expect(() => launchPolicy('speculative-acton:k=2')).toThrow(UnknownPolicyError);
    expect(() => launchPolicy('speculative-acton:k=2')).toThrow(/did you mean "speculative-actions"/);
    expect(() => launchPolicy('pasta')).toThrow(/did you mean "paste"/);
    expect(() => launchPolicy('')).toThrow(/Known policies: cost-aware, speculative-actions, isp, dsp, sherlock/);
  });

  test.each([
    ['speculative-actions:k=9', /k is "9"; use a whole number from 1 to 8/],
    ['speculative-actions:k=0', /k is "0"; use a whole number from 1 to 8/],
    ['speculative-actions:k=1.5', /k is "1.5"; use a whole number/],
    ['speculative-actions:k=two', /k is "two"/],
    ['speculative-actions:k=', /k is ""/],
    ['speculative-actions:k', /k is ""/],
    ['speculative-actions:k=1=2', /k is "1=2"/],
    ['speculative-actions:k=1,k=2', /the parameter is "k"; it is given twice/],
    ['speculative-actions:confidense=0.5', /did you mean "confidence"\? its parameters are k, confidence/],
    ['dsp:tau=1', /tau is "1"; use a number from 0.01 to 0.99/],
    ['sherlock:budget=-1', /budget is "-1"; use a number from 0 to Infinity/],
    ['sherlock:budget=Infinity', /budget is "Infinity"/],
    ['hedge:n=1', /n is "1"; use a whole number from 2 to 8/],
    ['oracle:k=1', /the parameter is "k"; it has no parameters/],
    ['speculative-actions:toString=1', /the parameter is "toString"/],
  ])('%s is refused with the reason and the way out', (name, message) => {
    expect(() => launchPolicy(name)).toThrow(InvalidPolicyParameterError);
    expect(() => launchPolicy(name)).toThrow(message);
  });

  test('with a lossy form is refused, because nothing that is not verified may reach a pipeline', () => {
    expect(() => launchPolicy('speculative-actions:lossy=1')).toThrow(InvalidPolicyParameterError);
    expect(() => launchPolicy('speculative-actions:lossy=1')).toThrow(/lossy is 1; leave it out: .*last writer wins/);
    expect(() => launchPolicy('speculative-actions:lossy=0')).not.toThrow();
  });

  test('decides which drafts are asked for', () => {
    expect(['speculative-actions', 'isp', 'dsp', 'always', 'fixed-confidence', 'oracle'].map(drafts)).toEqual(
      Array.from({ length: 6 }, () => 'always'),
    );
    expect(
      ['sequential', 'parallel-only', 'sherlock', 'paste', 'b-paste', 'count-threshold', 'hedge'].map(drafts),
    ).toEqual(Array.from({ length: 7 }, () => 'never'));
    expect(drafts('cost-aware')).toBe('worth it');
  });
});

describe('runahead policies', () => {
  test('lists every family with its source, and a line for each parameter', async () => {
    const { exitCode, output } = await runahead('policies');
    expect(exitCode).toBe(0);
    for (const { name, source, parameters } of POLICY_FAMILIES) {
      expect(output).toContain(`${name}: `);
      expect(output).toContain(`(${source})`);
      for (const { meaning } of Object.values(parameters)) expect(output).toContain(meaning);
    }
    expect(output).toMatch(/^ {2}budget +no bound +from 0 +B: /m);
    expect(output).toMatch(/^ {2}k +3 +whole, 1 to 8 +breadth/m);
    expect(policiesTable(POLICY_FAMILIES)).toBe(output.trimEnd());
  });

  test('prints the same as JSON, null where a parameter has no bound', async () => {
    const listed = await runaheadJson<PolicyFamily[]>('policies');
    expect(listed).toEqual(JSON.parse(JSON.stringify(POLICY_FAMILIES)));
    expect(listed.find(({ name }) => name === 'sherlock')?.parameters).toMatchObject({
      budget: { default: null, least: 0, most: null },
    });
  });
});

describe('the page about policies', () => {
  test('has every policy, and every parameter with its default', () => {
    const page = readFileSync(join(__dirname, '../docs/policies.md'), 'utf8');
    for (const { name, parameters } of POLICY_FAMILIES) {
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| .+ \\| (${drafts(name)}) \\|`, 'm'));
      for (const [key, parameter] of Object.entries(parameters)) {
        const shown = parameter.default === Infinity ? 'no bound' : String(parameter.default);
        expect(page).toMatch(new RegExp(`^\\|.* \`${key}\` \\| .+ \\| ${shown} \\|`, 'm'));
      }
    }
  });
});

describe('the knob', () => {
  test('takes the name of a policy, and none for that of the policy file', () => {
    expect(knobChangeFrom({ policy: 'dsp:tau=0.8' })).toEqual({ policy: 'dsp:tau=0.8' });
    expect(knobChangeFrom({ policy: 'none' })).toEqual({ policy: null });
    expect(knobTable({ ...DEFAULT_KNOB, policy: 'isp:k=3' })).toMatch(/^policy +isp:k=3 /m);
    expect(knobTable(DEFAULT_KNOB)).toMatch(/^policy +the policy file's /m);
  });

  test('refuses a policy that there is not, with the nearest one', () => {
    expect(() => knobChangeFrom({ policy: 'shrelock' })).toThrow(/^knob: policy is "shrelock"; .*mean "sherlock"/);
    expect(() => knobChangeFrom({ policy: 'isp:k=0' })).toThrow(/^knob: policy is "isp:k=0"; .*use a whole number/);
    expect(() => knobChangeFrom({})).toThrow(/--enabled, --policy/);
  });

  test('can be set to a policy on the command line', async () => {
    const { exitCode, errors } = await runahead('knob', 'set', '--workflow-id', 'x', '--policy', 'alwys');
    expect(exitCode).toBe(1);
    expect(errors).toContain('did you mean "always"');
  });

  test('that changes the policy changes the next decision', () => {
    const rest = { ...OBVIOUS, supports: [[{ ...OBVIOUS.supports[0]![0]!, rank: 1 }]] };
    expect(decide({ ...rest, policyName: 'isp' }).decision).toBe('hold');
    expect(decide({ ...rest, policyName: 'speculative-actions:k=2' }).decision).toBe('launch');
  });
});
