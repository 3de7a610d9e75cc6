import { expectedValueUsd, thresholdUsd } from '../../../speculation/decision/expected-value';
import { LearnedBeliefs, ORACLE, type Beliefs } from '../../simulator/beliefs';
import { simulate } from '../../simulator/simulate';
import { figure } from '../comparison';
import { experiment, times } from '../experiment';
import { edgeWorkload, lambdaOf, LAUNCH_USD, SAVED_SECONDS, stationaryEdges, type StationaryEdge } from './edges';
import { NeverLearns, OverlooksFailures } from './wrong-beliefs';

const TOLERANCE = 0.05;
const OBSERVATIONS = 500;
const MEASURED = 20;
const GROUPS = ['spread', 'near the boundary'] as const;

/**
 * What is lost for not knowing P. Learner and oracle see the same draws; gain is what the rule maximises, EV - (1 - alpha) C at the true P,
 * over all launches that each makes once every edge has been observed 500 times. The two groups of edges are judged separately.
 */
export const regret = experiment<() => Beliefs>({
  name: 'regret',
  title: `regret against an oracle that knows P, as a share of its gain, after ${OBSERVATIONS} observations an edge`,
  origin: 'ours',
  tolerance: TOLERANCE,
  subject: () => new LearnedBeliefs(),
  planted: {
    'nothing is learned': () => new NeverLearns(),
    'every other failure overlooked': () => new OverlooksFailures(),
  },
  prepare: (setting) => {
    const edges = stationaryEdges(times(14, setting), setting.seed);
    const oracle = edges.map((edge, index) => gainOf(edge, setting.seed + index, () => ORACLE, 0));
    return (beliefs) => {
      const learned = edges.map((edge, index) => gainOf(edge, setting.seed + index, beliefs, OBSERVATIONS));
      const shares = GROUPS.map((group) => {
        const total = (gains: readonly number[]): number =>
          gains.reduce((sum, gain, index) => sum + (edges[index]?.group === group ? gain : 0), 0);
        return (total(oracle) - total(learned)) / total(oracle);
      });
      const worstError = Math.max(...shares);
      return {
        cases: edges.length,
        mismatches: shares.filter((share) => !(share <= TOLERANCE)).length,
        worstError,
        expected: `${figure(oracle.reduce((sum, gain) => sum + gain, 0))} dollars gained`,
        observed: GROUPS.map((group, index) => `${group} -${figure(100 * (shares[index] ?? NaN))} %`).join(', '),
        plot: {
          x: 'P - P*, how far the true P is from where the rule flips',
          y: 'regret, dollars a launch opportunity',
          series: GROUPS.map((group) => ({
            name: group,
            mark: 'dot' as const,
            points: edges.flatMap((edge, index): [number, number][] =>
              edge.group === group
                ? [
                    [
                      edge.P - (2 - edge.alpha) / (1 + edge.r),
                      ((oracle[index] ?? 0) - (learned[index] ?? 0)) / MEASURED,
                    ],
                  ]
                : [],
            ),
          })),
        },
      };
    };
  },
});

/** @param observations before it is measured; an oracle needs none */
function gainOf(edge: StationaryEdge, seed: number, beliefs: () => Beliefs, observations: number): number {
  const lambdaUsdPerSecond = lambdaOf(edge);
  const L = lambdaUsdPerSecond * SAVED_SECONDS;
  const margin = expectedValueUsd(edge.P, L, LAUNCH_USD) - thresholdUsd(edge.alpha, LAUNCH_USD);
  let ended = 0;
  let launches = 0;
  simulate(edgeWorkload(edge), {
    seed,
    runs: observations + MEASURED,
    beliefs: beliefs(),
    knob: { alpha: edge.alpha, lambdaUsdPerSecond },
    observer: {
      onLaunchEnd: () => {
        if (ended >= observations) launches += 1;
      },
      onRunEnd: () => (ended += 1),
    },
  });
  return launches * margin;
}
