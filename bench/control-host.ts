import { DefaultLogger, Runtime } from '@temporalio/worker';
import { ControlHost } from '../speculation/plugin/control-host';
import { patientConnection } from './measure/patient-connection';

/** What a process that hosts the control workflow is told. */
export interface HostSettings {
  address: string;
  namespace: string;
  /** File with the code of the control workflow. */
  codePath: string;
}

/** Hosts the control workflow as a worker does, until the parent process lets go of it or kills it. */
async function host({ address, namespace, codePath }: HostSettings): Promise<void> {
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } }, logger: new DefaultLogger('ERROR') });
  const connection = await patientConnection(address);
  const control = new ControlHost({
    connection,
    namespace,
    dataConverter: undefined,
    bundle: Promise.resolve({ codePath }),
    warnOnce: () => undefined,
  });
  await new Promise<void>((resolve) => process.once('disconnect', resolve));
  await control.stop();
  await connection.close();
}

const [settings] = process.argv.slice(2);
if (settings === undefined) throw new Error('A control host is started by bench/control, with its settings as JSON');
host(JSON.parse(settings) as HostSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
