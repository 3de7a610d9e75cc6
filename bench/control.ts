import { runControlExperiment, type ControlBenchReport } from './control-experiment';
import { readControlBenchOptions } from './control-options';
import { progressOn } from './progress';

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Whether every observation of a reporter that was not killed counts exactly once, and of the others none that was acknowledged is lost. */
function isExact({ lost, doubled, complete, rejected, killedReporters }: ControlBenchReport): boolean {
  return (
    complete &&
    lost === 0 &&
    doubled === 0 &&
    rejected === 0 &&
    killedReporters.every(({ handedIn, acknowledged, counted }) => acknowledged <= counted && counted <= handedIn)
  );
}

function render(report: ControlBenchReport): string {
  const { kills, killedReporters } = report;
  const rows: [string, string][] = [
    ['observations handed in', whole(report.observations)],
    ['shown by a count', `${whole(report.handedIn)} (the rest are bills that wait for their pipeline)`],
    ['counted', whole(report.counted)],
    ['lost', whole(report.lost)],
    ['doubled', whole(report.doubled)],
    ['runs (continue-as-new)', whole(report.runs)],
    ['kill -9', `${kills.host} of a control worker, ${kills.server} of the server, ${kills.reporter} of a reporter`],
    ['observations a second, sustained', whole(report.sustainedPerSecond)],
    ['observations a second, worst 10 s', whole(report.worstTenSecondsPerSecond)],
    ['largest state handed on', `${whole(report.largestCarryBytes)} bytes`],
    ['longest history of a run', `${whole(report.mostEvents)} events, ${whole(report.mostHistoryBytes)} bytes`],
    ['snapshot read of a decision', `${report.snapshotReadNs.toFixed(0)} ns`],
    ['snapshot refresh (not waited for)', `${report.snapshotRefreshMs.toFixed(0)} ms`],
    ...killedReporters.map(({ handedIn, acknowledged, counted }, index): [string, string] => [
      `killed reporter ${index + 1}`,
      `handed ${handedIn}, acknowledged ${acknowledged}, counted ${counted}, taken along ${handedIn - counted}`,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...report.examples].join('\n');
}

/**
 * Hands observations to a control workflow on a real server, through the reporters that workers use, and compares every count with
 * what was handed in. Ends with 1 when one is lost or counted twice.
 *
 *     node dist/bench/control.js [--observations 1000000] [--batch 200] [--kill]
 */
async function main(argv: readonly string[]): Promise<void> {
  const options = readControlBenchOptions(argv);
  const report = await runControlExperiment(options, progressOn(process.stderr));
  console.log(options.json ? JSON.stringify(report, null, 2) : render(report));
  if (!isExact(report)) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
