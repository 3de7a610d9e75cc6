import { setTimeout as pause } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { ControlHost } from '../speculation/plugin/control-host';

/** What a process that hosts the control workflow is told. */
export interface HostSettings {
  address: string;
  namespace: string;
  /** File with the code of the control workflow. */
  codePath: string;
}

const CONNECT_TIMEOUT_MS = 60_000;
const RETRY_MS = 200;

/** Hosts the control workflow as a worker does, until the parent process lets go of it or kills it. */
async function host({ address, namespace, codePath }: HostSettings): Promise<void> {
  Runtime.install({ telemetryOptions: { logging: { filter: 'OFF' } }, logger: new DefaultLogger('ERROR') });
  const connection = await connected(address);
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

/** The server may just have been killed. */
async function connected(address: string): Promise<NativeConnection> {
  const deadline = performance.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await pause(RETRY_MS);
  }
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
