import { DEFAULT_KILL_SWITCH } from '../speculation/estimate/calibration-settings';
import { detectionDelays, falseTrips } from './drift-simulation';

const RUNS = 20_000;
const LENGTH = 10_000;
const RATES = [0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95];

/** How soon the kill-switch sees a drop, and how often it sees one that is not there. Takes about half a minute. */
function main(): void {
  console.log(`kill-switch ${JSON.stringify(DEFAULT_KILL_SWITCH)}\n`);
  console.log(`false trips, runs of ${LENGTH} observations at a rate that stays:`);
  let all = 0;
  for (const [index, rate] of RATES.entries()) {
    const trips = falseTrips(DEFAULT_KILL_SWITCH, { rate, runs: RUNS, length: LENGTH, seed: index + 1 });
    all += trips;
    console.log(`  ${rate.toFixed(2)}  ${trips}/${RUNS} = ${percent(trips / RUNS)}`);
  }
  console.log(`  all   ${all}/${RUNS * RATES.length} = ${percent(all / (RUNS * RATES.length))}`);
  console.log('\nobservations from a drop of 0.8 to 0.3 until it trips:');
  for (const after of [100, 200, 500, 2_000]) {
    const delays = detectionDelays(DEFAULT_KILL_SWITCH, {
      from: 0.8,
      to: 0.3,
      after,
      runs: RUNS,
      seed: 2,
      patience: 5_000,
    });
    const mean = delays.reduce((sum, delay) => sum + delay) / RUNS;
    const within = delays.filter((delay) => delay <= 30).length;
    console.log(
      `  after ${after}: median ${delays[RUNS / 2]}, mean ${mean.toFixed(1)}, p90 ${delays[RUNS * 0.9]}, ` +
        `within 30: ${within}/${RUNS} = ${percent(within / RUNS)}`,
    );
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

main();
