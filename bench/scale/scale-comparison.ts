import type { Interval, PolicyComparison } from '../measure/policy-comparison';
import { CALL_MS } from './activities';
import { labelOf, settingRows, throughputs } from './capacity-figures';
import type { ScaleMeasurement } from './measure-scale';
import { memoryFigures } from './memory-figures';
import type { ScalePlan } from './plan';
import type { MeasuredSetting } from './rounds';
import type { SimulatedLoad } from './simulated-scale';

const KIB = 1024;
const MIB = KIB * KIB;

/** All of it as one comparison: rows by setting, and tables of throughput, memory and the simulator. */
export function scaleComparison(
  { server, settings, memory }: ScaleMeasurement,
  simulated: readonly SimulatedLoad[],
  plan: ScalePlan,
  seed: number,
): PolicyComparison {
  const { rounds } = settings[0] ?? { rounds: [] };
  return {
    benchmark: 'scale',
    title: 'more worker processes, more pipelines',
    setting:
      `pipelines of two calls of ${CALL_MS} ms, on ${server.configured ? 'the configured server' : 'a dev server of its own'}; ` +
      `${rounds.length} rounds a setting in which the variants take turns, units are rounds; calls and forecasts are free`,
    measuredOn: 'real server',
    rows: settings.flatMap((setting) => settingRows(setting, seed)),
    tables: [throughputTable(settings, seed), memoryTable(memory, seed), simulatorTable(simulated, plan)],
    notes: [
      'Server, workers and clients share this machine: with everybody busy, rates are those of the machine, and ratios within a round count.',
      ...extrapolation(settings, simulated, seed),
    ],
  };
}

type Table = NonNullable<PolicyComparison['tables']>[number];

function throughputTable(settings: readonly MeasuredSetting[], seed: number): Table {
  return {
    title: 'Pipelines a second',
    columns: ['', 'worker processes', 'at once', 'open beside', 'pipelines/s', 'of plain', '95 % interval'],
    rows: settings.flatMap((setting) =>
      throughputs(setting, seed).map(({ variant, pipelinesPerSecond, ofPlain }) => [
        labelOf(variant),
        String(setting.workers),
        String(setting.atOnce),
        String(setting.open),
        pipelinesPerSecond.toFixed(1),
        ofPlain.value.toFixed(2),
        `${ofPlain.low.toFixed(2)} to ${ofPlain.high.toFixed(2)}`,
      ]),
    ),
  };
}

function memoryTable(memory: ScaleMeasurement['memory'], seed: number): Table {
  return {
    title: 'Memory of a worker process (resident set) with open pipelines',
    columns: ['', 'open', 'in memory', 'MiB with none', 'MiB with all', 'KiB for each', '95 % interval'],
    rows: memoryFigures(memory, seed).map(
      ({ variant, open, cachedPipelines, emptyBytes, fullBytes, bytesPerPipeline }) => [
        labelOf(variant),
        String(open),
        String(cachedPipelines),
        (emptyBytes / MIB).toFixed(0),
        (fullBytes / MIB).toFixed(0),
        bytesPerPipeline === null ? '' : (bytesPerPipeline.value / KIB).toFixed(0),
        bytesPerPipeline === null ? '' : kibInterval(bytesPerPipeline),
      ],
    ),
  };
}

function simulatorTable(simulated: readonly SimulatedLoad[], { simulatedTimes, full }: ScalePlan): Table {
  return {
    title: `Simulated: ${simulatedTimes.toLocaleString('en-US')} times the ${full.atOnce} activity slots of a full setting`,
    columns: [
      'slots kept busy',
      'pipelines/s',
      'slots',
      'plain mean / p95 s',
      'ahead mean / p95 s',
      'saved',
      'claimed',
    ],
    rows: simulated.map(({ load, pipelinesPerSecond, slots, plain, ahead, claimed }) => [
      `${(100 * load).toFixed(0)} %`,
      pipelinesPerSecond.toFixed(0),
      String(slots),
      `${plain.meanSeconds.toFixed(2)} / ${plain.p95Seconds.toFixed(2)}`,
      `${ahead.meanSeconds.toFixed(2)} / ${ahead.p95Seconds.toFixed(2)}`,
      `${(100 * (1 - ahead.meanSeconds / plain.meanSeconds)).toFixed(1)} %`,
      `${claimed.numerator}/${claimed.denominator}`,
    ]),
  };
}

/** What the simulator has no server for. */
function extrapolation(
  settings: readonly MeasuredSetting[],
  simulated: readonly SimulatedLoad[],
  seed: number,
): string[] {
  const measured = settings.filter(({ open }) => open === 0).at(-1);
  const busiest = simulated.at(-1);
  if (measured === undefined || busiest === undefined) return [];
  const rate = (variant: string): number =>
    throughputs(measured, seed).find((each) => each.variant === variant)?.pipelinesPerSecond ?? NaN;
  const times = (variant: string): string =>
    Math.ceil(busiest.pipelinesPerSecond / rate(variant)).toLocaleString('en-US');
  return [
    'Simulated, not measured: calls wait for slots and for nothing else. The server, its database, the network and the work of the pipelines themselves are taken to grow along.',
    `Extrapolated: at the rate of this machine with ${measured.workers} worker processes, ${busiest.pipelinesPerSecond.toFixed(0)} pipelines a second take ` +
      `${times('plain')} times this machine plain and ${times('ahead')} times run ahead, if everything grows in proportion.`,
  ];
}

function kibInterval({ low, high }: Interval): string {
  return `${(low / KIB).toFixed(0)} to ${(high / KIB).toFixed(0)}`;
}
