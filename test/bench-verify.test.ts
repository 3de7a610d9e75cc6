import { caughtIn, FaultWorld, scoreOf } from '../bench/verify/fault-world';
import { placementStudy } from '../bench/verify/placement-study';
import { simulatedComparison } from '../bench/verify/simulated';
import { verifiedGraph } from '../bench/verify/verified-graph';
import { randomStream } from '../bench/simulator/random-stream';

describe('the graphs', () => {
  const graphs = Array.from({ length: 50 }, (_, number) => verifiedGraph(3, number));

  test('stay within what is published of match rates and verifiers, and end in one node', () => {
    for (const nodes of graphs) {
      for (const { kind, matchRate, verifierTimes } of nodes) {
        expect(matchRate).toBeGreaterThanOrEqual(kind === 'tool' ? 0.1 : 0.6);
        expect(matchRate).toBeLessThanOrEqual(kind === 'tool' ? 0.13 : 0.8);
        expect(verifierTimes).toBeLessThanOrEqual(28.9);
      }
      const followed = new Set(nodes.flatMap(({ after }) => after));
      expect(nodes.filter(({ name }) => !followed.has(name))).toEqual([nodes.at(-1)]);
    }
    expect(graphs.flat().some(({ kind }) => kind === 'tool')).toBe(true);
  });

  test('are a function of seed and number', () => {
    expect(verifiedGraph(3, 7)).toEqual(graphs[7]);
    expect(verifiedGraph(4, 7)).not.toEqual(graphs[7]);
  });
});

describe('errors in a graph', () => {
  const nodes = verifiedGraph(1, 0);
  const world = new FaultWorld(nodes, randomStream(1, 'world'));

  test('spoil a result exactly where one of them is in it, and are caught where a verifier stands that sees it', () => {
    const random = randomStream(1, 'draws');
    const all = new Set(nodes.keys());
    for (let index = 0; index < 200; index += 1) {
      const draw = world.draw(random);
      // Whatever the last node does is the result.
      expect(draw.surfaces.at(-1)).toBe(true);
      const spoilt = draw.wrong.filter((wrong, node) => wrong && draw.surfaces[node]).length;
      expect(scoreOf(draw)).toBe(spoilt === 0 ? 1 : 0);
      expect(scoreOf(draw, nodes.length - 1)).toBe(0);
      expect(caughtIn(draw, new Set())).toBe(0);
      expect(caughtIn(draw, all)).toBeLessThanOrEqual(spoilt);
    }
  });

  test('are caught for less where verifiers stand by damage than at random, and verifying everything is dearest', () => {
    const graphs = Array.from({ length: 4 }, (_, number) => verifiedGraph(2, number));
    const { costs, table } = placementStudy(graphs, { injected: 40, judged: 150 }, 2);
    expect([...costs.keys()]).toEqual([0.5, 0.75, 0.9]);
    for (const [share, { everything, damage, published, random }] of costs) {
      // Where nearly all is to be caught there is little to choose.
      if (share < 0.9) expect(damage).toBeLessThan(random);
      for (const cost of [damage, published, random]) expect(cost).toBeLessThanOrEqual(everything + 1e-9);
    }
    expect(table.rows).toHaveLength(3);
  });
});

test('every policy has a row on the same graphs, and going on without bounds is as fast as knowing every verdict', () => {
  const { comparison } = simulatedComparison({ graphs: 2, runs: 12 }, 1);
  const row = (policy: string) => comparison.rows.find((each) => each.policy === policy)!;
  expect(row('sequential')).toMatchObject({ saved: { value: 0 }, wasteUsd: 0, claimed: { denominator: 0 } });
  expect(row('oracle').wasteUsd).toBe(0);
  expect(row('oracle').saved.value).toBeCloseTo(row('always').saved.value, 9);
  expect(row('sherlock').saved.value).toBeGreaterThan(0);
  expect(row('sherlock:budget=0.005').wasteUsd).toBeLessThan(Number(row('sherlock').wasteUsd));
  expect(comparison.rows.map(({ hits }) => hits)).toEqual(comparison.rows.map(() => row('sequential').hits));
  expect(comparison.frontier?.dial.length).toBeGreaterThan(3);
});
