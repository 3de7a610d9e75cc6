import {
  addPrediction,
  expectedCalibrationError,
  noReliability,
  type Reliability,
} from '../../../speculation/estimate/reliability';
import { LearnedBeliefs, type Beliefs } from '../../simulator/beliefs';
import { simulate } from '../../simulator/simulate';
import { figure } from '../comparison';
import { experiment, times, type Setting } from '../experiment';
import { edgeWorkload, lambdaOf, stationaryEdges } from './edges';
import { OverlooksFailures, Overconfident } from './wrong-beliefs';

const TOLERANCE = 0.03;
const OBSERVATIONS = 500;
const MEASURED = 250;

/** Of decisions that launched, once every edge has been observed 500 times. Number and kind of edges are ours. */
export const calibrationError = experiment<() => Beliefs>({
  name: 'calibration-error',
  title: `expected calibration error of launched decisions after ${OBSERVATIONS} observations an edge, P stationary`,
  origin: 'ours',
  tolerance: TOLERANCE,
  subject: () => new LearnedBeliefs(),
  planted: {
    'every other failure overlooked': () => new OverlooksFailures(),
    'surer than what was seen': () => new Overconfident(),
  },
  prepare: (setting) => (beliefs) => {
    const reliability = measured(beliefs, setting);
    const error = expectedCalibrationError(reliability) ?? Infinity;
    return {
      cases: reliability.count,
      mismatches: error <= TOLERANCE ? 0 : 1,
      worstError: error,
      expected: '0',
      observed: figure(error),
      plot: {
        x: 'predicted P of launched decisions',
        y: 'share that was right',
        diagonal: true,
        series: [
          {
            name: 'tenths of P',
            mark: 'dot',
            points: reliability.bins
              .filter((bin) => bin !== null)
              .map(({ count, probabilitySum, successes }): [number, number] => [
                probabilitySum / count,
                successes / count,
              ]),
          },
        ],
      },
    };
  },
});

function measured(beliefs: () => Beliefs, setting: Setting): Reliability {
  const reliability = noReliability();
  for (const [index, edge] of stationaryEdges(times(3, setting), setting.seed).entries()) {
    let ended = 0;
    simulate(edgeWorkload(edge), {
      seed: setting.seed + index,
      runs: OBSERVATIONS + MEASURED,
      beliefs: beliefs(),
      knob: { alpha: edge.alpha, lambdaUsdPerSecond: lambdaOf(edge) },
      observer: {
        onLaunchEnd: (row, outcome) => {
          if (ended >= OBSERVATIONS) addPrediction(reliability, row.P, outcome === 'claimed');
        },
        onRunEnd: () => (ended += 1),
      },
    });
  }
  return reliability;
}
