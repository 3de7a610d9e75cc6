import { PriceTable } from '../../speculation/plugin/price-table';
import { DEFAULT_HEARTBEAT_THROTTLE_MS } from '../../speculation/plugin/worker-options';
import type { ExperimentOptions, ExperimentOutcome } from '../measure/experiment';
import { countHeartbeatRequests } from '../measure/heartbeat-requests';
import { startMeteredServer, type MeteredServer } from '../measure/metered-server';
import { bundleCancelling, startCancelStage, type CancelStage } from './cancel-stage';
import { cancellingScript } from './model-script';
import { CANCELLING_MODEL } from './policy';
import type { RefutedLaunch } from './refuted-launch';
import { CANCEL_SETTINGS, REFUTED, type CancelSetting, type Refuted } from './setting';
import { cancelReport, missedTargets, type CancelReport } from './setting-report';
import { cancelTable } from './table';

const DEFAULT_RUNS = 15;
const QUICK_RUNS = 2;
/** Pipelines that run at the same time. */
const AT_A_TIME = 3;

/** What `runahead bench cancel --report` writes. */
export interface CancellingReport {
  runs: number;
  settings: CancelReport[];
}

/**
 * How long a launched stream goes on when its forecast is refuted: from the refuting event (the server has the real answer; or the meter
 * has passed on the letter that contradicts) to the last token of the launch that the meter passed on. Server, worker, model and meter share this
 * machine and its clock.
 */
export async function cancelExperiment(
  { quick = false, runs = quick ? QUICK_RUNS : DEFAULT_RUNS, seed, say }: ExperimentOptions,
  settings: readonly CancelSetting[] = CANCEL_SETTINGS,
): Promise<ExperimentOutcome & { report: CancellingReport }> {
  const heartbeats = await countHeartbeatRequests();
  const workflowBundle = await bundleCancelling();
  const reports: CancelReport[] = [];
  for (const push of new Set(settings.map((setting) => setting.push))) {
    const server = await startMeteredServer({
      script: cancellingScript,
      models: [CANCELLING_MODEL],
      pushCancel: push,
      say,
    });
    const ofServer = settings.filter((setting) => setting.push === push);
    try {
      for (const [index, setting] of ofServer.entries()) {
        const stage = await startCancelStage(server, setting, workflowBundle);
        // What is measured is learned as well, and must stay in the minority.
        if (index === 0) await stage.teach(runs * ofServer.length + 10);
        try {
          for (const refuted of REFUTED) {
            reports.push(await measureSetting({ server, stage, setting, refuted, runs, seed, heartbeats }));
            say(`${push ? 'pushed' : 'heartbeats'}, ${setting.throttleMs} ms, ${refuted}: done`);
          }
        } finally {
          await stage.stop();
        }
      }
    } finally {
      await server.stop();
    }
  }
  return {
    text: cancelTable(reports),
    report: { runs, settings: reports },
    problems: missedTargets(reports, DEFAULT_HEARTBEAT_THROTTLE_MS),
  };
}

interface Measurement {
  server: MeteredServer;
  stage: CancelStage;
  setting: CancelSetting;
  refuted: Refuted;
  runs: number;
  seed: number;
  heartbeats: () => Promise<number | null>;
}

async function measureSetting(measurement: Measurement): Promise<CancelReport> {
  const { server, stage, setting, refuted, runs, seed, heartbeats } = measurement;
  const before = await heartbeats();
  const linesBefore = server.meter.invoice().length;
  const launches: RefutedLaunch[] = [];
  let next = 0;
  const measureSome = async (): Promise<void> => {
    for (; next < runs;) launches.push(await stage.measure(refuted, seed * 10_000 + (next += 1)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, measureSome));
  const after = await heartbeats();
  const spokeSeconds = server.meter
    .invoice()
    .slice(linesBefore)
    .reduce((sum, { startedAtMs, closedAtMs }) => sum + ((closedAtMs ?? startedAtMs) - startedAtMs) / 1000, 0);
  const { outputUsdPerMillion } = new PriceTable().ratesFor(CANCELLING_MODEL);
  return cancelReport(setting, refuted, launches, {
    outputUsdPerMillion,
    beatsPerSecond: before === null || after === null ? null : (after - before) / spokeSeconds,
  });
}
