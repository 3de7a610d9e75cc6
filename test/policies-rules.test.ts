import fc from 'fast-check';
import { decide, type Decision, type DecisionInputs } from '../speculation/decision/decision';
import { launchQuantities, UNKNOWN_SURROUNDINGS } from '../speculation/decision/launch-quantities';
import { launchPolicy } from '../speculation/policies/by-name';
import type { LaunchQuantities } from '../speculation/policies/launch-policy';
import { decision, share } from './support/arbitrary-decision';
import { bisectedHitValue, hitOf } from './support/best-breadth';
import { leastLoss } from './support/least-loss';
import { hypothesis, OBVIOUS } from './support/sample-decision';

const breadth = fc.integer({ min: 1, max: 8 });
const levels = fc.integer({ min: 1, max: 32 });

function quantitiesOf(row: Decision): LaunchQuantities {
  return launchQuantities(row, row);
}

/** Checks a policy against another reading of its rule on decisions of all kinds; null says that rounding decides. */
function follows<T>(
  parameters: fc.Arbitrary<T>,
  nameOf: (parameters: T) => string,
  rule: (quantities: LaunchQuantities, parameters: T) => boolean | null,
): void {
  let launched = 0;
  let held = 0;
  fc.assert(
    fc.property(parameters, decision, (given, inputs) => {
      const row = decide({ ...inputs, policyName: nameOf(given) });
      const expected = rule(quantitiesOf(row), given);
      if (expected === null) return;
      if (expected) launched += 1;
      else held += 1;
      expect(row.decision).toBe(expected ? 'launch' : 'hold');
    }),
    { numRuns: 1_500 },
  );
  // A rule that only ever says one thing was not looked at.
  expect(Math.min(launched, held)).toBeGreaterThan(10);
}

/** The order in which a policy takes launches that are short of room. */
function inOrder(policyName: string, candidates: readonly Partial<LaunchQuantities>[]): Partial<LaunchQuantities>[] {
  const whole = quantitiesOf(decide(OBVIOUS));
  const priority = (each: Partial<LaunchQuantities>): number =>
    launchPolicy(policyName).priority?.({ ...whole, ...each }) ?? 0;
  return [...candidates].sort((left, right) => priority(right) - priority(left));
}

describe('speculative-actions', () => {
  test('launches the k best of each source, at most so deep', () => {
    follows(
      fc.record({ k: breadth, depth: levels }),
      ({ k, depth }) => `speculative-actions:k=${k},depth=${depth}`,
      ({ rank, depth: level }, { k, depth }) => [...Array(k).keys()].includes(rank) && !(level > depth),
    );
  });

  test('with a confidence launches only what is stated to be more likely, or known to be where nothing is stated', () => {
    follows(
      share.filter((confidence) => confidence > 0),
      (confidence) => `speculative-actions:k=8,depth=32,confidence=${confidence}`,
      ({ statedConfidence, forecastProbability }, confidence) =>
        !((statedConfidence === null ? forecastProbability : statedConfidence) <= confidence),
    );
    const [first] = inOrder('speculative-actions:confidence=0.5', [
      { statedConfidence: null, forecastProbability: 0.8 },
      { statedConfidence: 0.9, forecastProbability: 0.1 },
    ]);
    expect(first?.statedConfidence).toBe(0.9);
  });

  test('with the optimal breadth launches one more guess as long as it adds its price at the value of a hit', () => {
    follows(
      fc.constant(null),
      () => 'speculative-actions:k=8,depth=32,optimal=1',
      ({ P, siblings, latencyValueUsd: l, speculativeCostUsd: c }) => {
        const value = bisectedHitValue([[...siblings, P]], l, c);
        const added = value * (hitOf([...siblings, P]) - hitOf(siblings)) - c;
        // Also where all of the breadth is worth the same as some of it, which bisection finds the edge of.
        return Math.abs(added) < 1e-9 ? null : added > 0;
      },
    );
  });

  test('with the optimal breadth launches as many of a step as the best of all breadths', () => {
    const step = fc.array(share, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(step, fc.double({ min: 0.01, max: 1, noNaN: true }), (unordered, usd) => {
        const ladder = [...unordered].sort((left, right) => right - left);
        // Apart from one another, so that P is the whole of each.
        const apart = ladder.map((p) => p / 6);
        const policy = launchPolicy('speculative-actions:k=8,optimal=1');
        const row = quantitiesOf(decide(OBVIOUS));
        const launched: number[] = [];
        for (const [rank, P] of apart.entries()) {
          const siblings = [...launched];
          if (policy.wants({ ...row, rank, P, siblings, latencyValueUsd: 4, speculativeCostUsd: usd }))
            launched.push(P);
        }
        const value = bisectedHitValue([apart], 4, usd);
        const worth = (m: number): number => hitOf(apart, m) * value - usd * m;
        const best = Math.max(...Array.from({ length: apart.length + 1 }, (_, m) => worth(m)));
        expect(launched).toEqual(apart.slice(0, launched.length));
        expect(worth(launched.length)).toBeCloseTo(best, 6);
      }),
    );
  });
});

describe('isp', () => {
  test('launches the first guess at each of the steps of a block but the first', () => {
    follows(
      levels,
      (k) => `isp:k=${k}`,
      ({ rank, depth }, k) => {
        const launchesOfABlock = Array.from({ length: k }, (_, step) => step).slice(1);
        return rank === 0 && launchesOfABlock.includes(depth);
      },
    );
  });
});

describe('dsp', () => {
  const knobs = fc.record({
    tau: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    beta: fc.integer({ min: -8, max: 8 }),
  });

  test('goes as deep as the asymmetric square loss of the run of right steps is least, and beta more', () => {
    follows(
      knobs,
      ({ tau, beta }) => `dsp:tau=${tau},beta=${beta}`,
      ({ rank, depth, P }, { tau, beta }) => {
        const rate = P ** (1 / depth);
        const runs = Array.from({ length: 33 }, (_, n) => (n === 32 ? rate ** 32 : rate ** n * (1 - rate)));
        const predicted = leastLoss(runs, tau);
        if (Math.abs((predicted % 1) - 0.5) < 1e-4) return null;
        return rank === 0 && depth + 1 <= Math.max(1, Math.round(predicted) + beta);
      },
    );
  });

  test('with a fixed k is isp', () => {
    follows(
      fc.record({ k: levels, knobs }),
      ({ k, knobs: { tau, beta } }) => `dsp:k=${k},tau=${tau},beta=${beta}`,
      (quantities, { k }) => launchPolicy(`isp:k=${k}`).wants(quantities),
    );
  });

  test('never goes less deep for a greater tau or beta', () => {
    fc.assert(
      fc.property(knobs, knobs, decision, (one, other, inputs) => {
        const [tau, eager] = [Math.min(one.tau, other.tau), Math.max(one.tau, other.tau)];
        const [beta, more] = [Math.min(one.beta, other.beta), Math.max(one.beta, other.beta)];
        const cautious = decide({ ...inputs, policyName: `dsp:tau=${tau},beta=${beta}` });
        if (cautious.decision === 'hold') return;
        expect(decide({ ...inputs, policyName: `dsp:tau=${eager},beta=${more}` }).decision).toBe('launch');
      }),
    );
  });
});

describe('sherlock', () => {
  interface Verified {
    verifierSeconds: number;
    matchRate: number;
    budget: number;
    nodes: { seconds: number; usd: number }[];
  }
  const verified: fc.Arbitrary<Verified> = fc.record({
    verifierSeconds: fc.integer({ min: 0, max: 30 }),
    matchRate: share,
    budget: fc.double({ min: 0, max: 3, noNaN: true }),
    nodes: fc.array(
      fc.record({ seconds: fc.integer({ min: 1, max: 9 }), usd: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { minLength: 1, maxLength: 6 },
    ),
  });

  /** What is launched of a chain behind a verifier, in turn, each upon those before it. */
  function launchedOf({ verifierSeconds, matchRate, budget, nodes }: Verified): number {
    let [chainSeconds, chainUsd, launched] = [0, 0, 0];
    for (const { seconds, usd } of nodes) {
      chainSeconds += seconds;
      chainUsd += usd;
      const times = { upstreamSeconds: verifierSeconds, downstreamSeconds: seconds, chainSeconds };
      const surroundings = { ...UNKNOWN_SURROUNDINGS, ...times, chainUsd };
      const supports = [[{ ...hypothesis(matchRate), source: 'verify' as const }]];
      const policyName = `sherlock:budget=${budget}`;
      if (decide({ ...OBVIOUS, depth: launched + 1, supports, surroundings, policyName }).decision === 'hold') break;
      launched += 1;
    }
    return launched;
  }

  test('launches exactly the nodes of equations 4 to 6 that begin in time', () => {
    fc.assert(
      fc.property(verified, (chain) => {
        const { verifierSeconds, matchRate, budget, nodes } = chain;
        const fits = nodes.map((_, index) => {
          const before = nodes.slice(0, index + 1);
          const seconds = nodes.slice(0, index).reduce((sum, node) => sum + node.seconds, 0);
          const waste = before.reduce((sum, node) => sum + node.usd, 0) * (1 - matchRate);
          return seconds < verifierSeconds && waste <= budget;
        });
        // Both only grow along the chain.
        expect(launchedOf(chain)).toBe(fits.filter(Boolean).length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('takes a node that begins when the verifier ends as too late', () => {
    const node = { seconds: 4, usd: 0 };
    const chain = { matchRate: 1, budget: 1, nodes: [node, node] };
    expect(launchedOf({ ...chain, verifierSeconds: 4 })).toBe(1);
    expect(launchedOf({ ...chain, verifierSeconds: 5 })).toBe(2);
  });

  test('follows no forecast but that a check will pass', () => {
    follows(
      fc.constant(null),
      () => 'sherlock',
      ({ source, supports, surroundings: { upstreamSeconds, chainSeconds, downstreamSeconds } }) => {
        const beginsAfter = chainSeconds - downstreamSeconds;
        if (Math.abs(upstreamSeconds - beginsAfter) < 1e-9) return null;
        const sure = supports.filter((world) => world.every((each) => ['verify', 'stream'].includes(each.source)));
        return source === 'verify' && sure.length > 0 && upstreamSeconds > beginsAfter;
      },
    );
  });
});

describe('paste', () => {
  const MINED = ['mined', 'history'];

  test('launches what was mined and seen often enough, in places that the throttle leaves', () => {
    follows(
      fc.record({ throttle: fc.constantFrom(0, 0.25, 0.5, 1), confidence: share, support: fc.nat(6) }),
      ({ throttle, confidence, support }) =>
        `paste:throttle=${throttle},confidence=${confidence / 2},support=${support}`,
      (quantities, { throttle, confidence, support }) => {
        const { source, counts, openLaunches, maxOpenLaunches, P, latencySavedSeconds } = quantities;
        const seen = counts?.total ?? 0;
        const often = counts === null ? quantities.forecastProbability : seen === 0 ? 1 : counts.hits / seen;
        if (Math.abs(often - confidence / 2) < 1e-9) return null;
        const places = Array.from({ length: maxOpenLaunches }, (_, place) => place).filter(
          (place) => place / maxOpenLaunches < 1 - throttle,
        );
        return (
          MINED.includes(source) &&
          seen >= support &&
          often >= confidence / 2 &&
          places.includes(openLaunches) &&
          P > 0 &&
          latencySavedSeconds > 0
        );
      },
    );
  });

  test('fills the places with what no other choice of calls of the same length beats', () => {
    const call = fc.record({ P: share, seconds: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 8 }), fc.constantFrom(0, 0.5, 0.75, 1), (calls, throttle) => {
        const whole = quantitiesOf(decide(OBVIOUS));
        const surroundings = { ...UNKNOWN_SURROUNDINGS, downstreamSeconds: 3 };
        const policy = launchPolicy(`paste:throttle=${throttle}`);
        const candidates = calls.map(({ P, seconds }): LaunchQuantities => {
          return { ...whole, source: 'mined', P, latencySavedSeconds: seconds, surroundings, maxOpenLaunches: 4 };
        });
        let openLaunches = 0;
        let gain = 0;
        candidates.sort((left, right) => policy.priority!(right) - policy.priority!(left));
        for (const candidate of candidates) {
          if (!policy.wants({ ...candidate, openLaunches })) continue;
          openLaunches += 1;
          gain += candidate.P * candidate.latencySavedSeconds;
        }
        let best = 0;
        for (let chosen = 0; chosen < 2 ** calls.length; chosen++) {
          const subset = calls.filter((_, index) => (chosen & (1 << index)) !== 0);
          if (subset.length > 4 * (1 - throttle)) continue;
          best = Math.max(
            best,
            subset.reduce((sum, { P, seconds }) => sum + P * seconds, 0),
          );
        }
        expect(gain).toBeCloseTo(best, 9);
      }),
    );
  });
});

describe('b-paste', () => {
  test('launches branches of the beam whose score is positive, in places that the throttle leaves', () => {
    follows(
      fc.record({ beam: breadth, depth: levels, mu: fc.constantFrom(0, 1, 5), throttle: fc.constantFrom(0, 0.5, 1) }),
      ({ beam, depth, mu, throttle }) => `b-paste:beam=${beam},depth=${depth},mu=${mu},throttle=${throttle}`,
      (quantities, { beam, depth, mu, throttle }) => {
        const { source, rank, P, latencySavedSeconds, surroundings, openLaunches } = quantities;
        const gain = latencySavedSeconds + surroundings.unlockSeconds;
        const loss = (mu * openLaunches * surroundings.downstreamSeconds) / 8;
        if (Math.abs(gain - loss) < 1e-9 && gain > 0) return null;
        const inBeam = rank <= beam - 1 && quantities.depth <= depth;
        const slack = openLaunches < 8 - 8 * throttle;
        return ['mined', 'history'].includes(source) && inBeam && slack && P > 0 && gain > loss;
      },
    );
  });

  test('takes the branch that unlocks more before one that is more likely', () => {
    const unlocking = { P: 0.4, surroundings: { ...UNKNOWN_SURROUNDINGS, unlockSeconds: 30 } };
    const likely = { P: 0.9, surroundings: UNKNOWN_SURROUNDINGS };
    expect(inOrder('b-paste', [likely, unlocking])).toEqual([unlocking, likely]);
    expect(inOrder('fixed-confidence', [unlocking, likely])).toEqual([likely, unlocking]);
  });
});

describe('a baseline', () => {
  test('parallel-only follows final values and no guess', () => {
    follows(
      fc.constant(null),
      () => 'parallel-only',
      ({ supports }) =>
        supports.some(
          (world) =>
            !world.some(({ source }) => ['history', 'function', 'verify', 'draft', 'mined', 'user'].includes(source)),
        ),
    );
  });

  test('count-threshold launches what was right n times, and in a share of the times', () => {
    follows(
      fc.record({ n: fc.integer({ min: 1, max: 5 }), rate: fc.constantFrom(0, 0.15, 0.4) }),
      ({ n, rate }) => `count-threshold:n=${n},rate=${rate}`,
      ({ counts }, { n, rate }) => {
        if (counts === null || counts.total === 0) return false;
        if (Math.abs(counts.hits / counts.total - rate) < 1e-9 && rate > 0) return null;
        return counts.hits > n - 1 && counts.hits / counts.total > rate;
      },
    );
  });

  test('fixed-confidence launches what is likely enough', () => {
    follows(
      share,
      (confidence) => `fixed-confidence:confidence=${confidence}`,
      ({ P }, confidence) => !(P < confidence),
    );
    const at = (P: number): Partial<DecisionInputs> => ({ supports: [[hypothesis(P)]] });
    expect(decide({ ...OBVIOUS, ...at(0.7), policyName: 'fixed-confidence' }).decision).toBe('launch');
    expect(decide({ ...OBVIOUS, ...at(0.69), policyName: 'fixed-confidence' }).decision).toBe('hold');
  });

  test('hedge makes copies and launches nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), decision, (n, inputs) => {
        expect(launchPolicy(`hedge:n=${n}`).copies).toBe(n);
        expect(decide({ ...inputs, policyName: `hedge:n=${n}` }).decision).toBe('hold');
      }),
    );
    expect(launchPolicy('hedge').copies).toBe(2);
    expect(launchPolicy('always').copies).toBeUndefined();
  });

  test('oracle launches what will be right, and nothing where that is not known', () => {
    follows(
      fc.constant(null),
      () => 'oracle',
      ({ right }) => (right === null ? false : right),
    );
  });
});
