import fc from 'fast-check';
import type { DecisionInputs, HypothesisProbability } from '../../speculation/decision/decision';
import type { ForecastSource } from '../../speculation/forecast/forecast';
import { OBVIOUS } from './sample-decision';

const SOURCES: ForecastSource[] = ['history', 'function', 'verify', 'draft', 'stream', 'mined', 'user'];

/** Evenly spread: doubles of all sizes would nearly all be next to nothing. */
export const share = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000);
const seconds = fc.nat(200).map((tenths) => tenths / 10);
const dollars = fc.nat(200).map((cents) => cents / 100);

const counts = fc
  .tuple(fc.nat(20), fc.nat(20))
  .map(([hits, misses]): { hits: number; total: number } => ({ hits, total: hits + misses }));

const forecast: fc.Arbitrary<HypothesisProbability> = fc
  .record({
    source: fc.constantFrom(...SOURCES),
    rank: fc.nat(5),
    probability: share,
    counts: fc.option(counts),
    confidence: fc.option(share),
  })
  .map(({ confidence, ...rest }) => ({
    upstream: 'classify',
    a: rest.probability,
    b: 1 - rest.probability,
    ...rest,
    ...(confidence !== null && { confidence }),
  }));

/** Decisions that only the policy can turn: admissible, with room and with sound numbers. Some of what policies look at is not known. */
export const decision: fc.Arbitrary<DecisionInputs> = fc
  .record({
    supports: fc.array(fc.array(forecast, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
    siblings: fc.option(fc.array(share, { maxLength: 3 })),
    depth: fc.integer({ min: 1, max: 6 }),
    usd: dollars,
    lambda: dollars,
    latencySavedSeconds: seconds,
    openLaunches: fc.nat(7),
    surroundings: fc.option(
      fc.record({
        upstreamSeconds: seconds,
        upstreamRemainingSeconds: seconds,
        downstreamSeconds: seconds,
        chainSeconds: seconds,
        chainUsd: dollars,
        unlockSeconds: seconds,
      }),
    ),
    right: fc.option(fc.boolean()),
  })
  .map(({ usd, lambda, siblings, surroundings, right, ...rest }) => ({
    ...OBVIOUS,
    ...rest,
    knob: { ...OBVIOUS.knob, lambdaUsdPerSecond: lambda },
    cost: { kind: 'fixed', usd },
    ...(siblings !== null && { siblings }),
    ...(surroundings !== null && { surroundings }),
    ...(right !== null && { right }),
  }));
