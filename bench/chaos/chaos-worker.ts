import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { RunaheadPlugin } from '../../speculation/plugin';
import { attemptCall } from '../../speculation/stages/attempt-call';
import { chaosActivities, plainSeat, type Mark, type Moment } from './chaos-activities';
import { chaosPolicy } from './chaos-policy';
import { EffectLog } from './effect-log';
import { seatOperation, type SeatWorld } from './seat-stage';
import { patientConnection } from '../measure/patient-connection';

/** What a worker process of the experiment is told. */
export interface ChaosWorkerSettings {
  address: string;
  namespace: string;
  taskQueue: string;
  /** File with the code of the pipelines, with or without the runtime. */
  bundlePath: string;
  effectsFile: string;
  /** Null for a worker without the plugin. */
  ahead: {
    /** File with the code of the control workflow. */
    controlBundlePath: string;
    seats: SeatWorld;
  } | null;
}

/** What it says: that it serves, and what its activities are about to do. */
export type ChaosWorkerMessage = 'ready' | { moment: Moment; run: number };

/** Serves pipelines until the parent process lets go of it, or kills it. */
async function serve(settings: ChaosWorkerSettings): Promise<void> {
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } }, logger: new DefaultLogger('ERROR') });
  const { namespace, taskQueue, bundlePath, effectsFile, ahead } = settings;
  const connection = await patientConnection(settings.address);
  const say = (message: ChaosWorkerMessage): void => void process.send?.(message);
  const mark: Mark = (moment, run) => say({ moment, run });
  const log = new EffectLog(effectsFile, () => attemptCall()?.key ?? null);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    activities: { ...chaosActivities(log, mark), ...(ahead === null && { reserveSeat: plainSeat(log) }) },
    plugins: ahead === null ? [] : [pluginOf(ahead, mark)],
    maxConcurrentActivityTaskExecutions: 40,
    // What a killed worker has cached goes to another one soon.
    stickyQueueScheduleToStartTimeout: '500ms',
    shutdownGraceTime: '5s',
  });
  const running = worker.run();
  process.once('disconnect', () => void leave(worker));
  say('ready');
  await running;
  await connection.close();
}

function pluginOf({ controlBundlePath, seats }: NonNullable<ChaosWorkerSettings['ahead']>, mark: Mark): RunaheadPlugin {
  return new RunaheadPlugin({
    policy: chaosPolicy(seatOperation(seats, mark)),
    strict: 'warn',
    controlBundle: { codePath: controlBundlePath },
    logger: new DefaultLogger('ERROR'),
    flushMs: 200,
    sweepMs: 1_000,
    auditMs: 1_000,
  });
}

async function leave(worker: Worker): Promise<void> {
  while (worker.getState() === 'INITIALIZED') await pause(10);
  if (worker.getState() === 'RUNNING') worker.shutdown();
}

const [settings] = process.argv.slice(2);
if (settings === undefined) throw new Error('A chaos worker is started by the experiment, with its settings as JSON');
serve(JSON.parse(settings) as ChaosWorkerSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
