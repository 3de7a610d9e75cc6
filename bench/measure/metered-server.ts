import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { OpenAI } from 'openai';
import { createModelClient } from '../../activities/model-client';
import { PriceTable } from '../../speculation/plugin/price-table';
import { startLocalModel, type LocalModelOptions } from '../../workers/local-model';
import { startMeter, type Meter } from '../../workers/meter';
import { startDevServer } from '../../workers/temporal-server';

export interface MeteredServerOptions {
  /** What the local model says. */
  script: LocalModelOptions['script'];
  /** Models that are asked, by their public names; the meter prices them. */
  models: readonly string[];
  /** Whether the server pushes cancellations. @default true */
  pushCancel?: boolean;
  say: (line: string) => void;
}

/** A Temporal server and a local model behind a meter, all on this machine. */
export interface MeteredServer {
  client: Client;
  nativeConnection: NativeConnection;
  address: string;
  namespace: string;
  /** Talks to the model through the meter. */
  model: OpenAI;
  meter: Meter;
  stop: () => Promise<void>;
}

export async function startMeteredServer(options: MeteredServerOptions): Promise<MeteredServer> {
  quietRuntime();
  const running: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = running.pop(); end !== undefined; end = running.pop()) await end();
  };
  try {
    const { pushCancel } = options;
    const server = await startDevServer({
      uiPort: false,
      log: options.say,
      ...(pushCancel !== undefined && { pushCancel }),
    });
    running.push(server.stop);
    const local = await startLocalModel({ script: options.script });
    running.push(local.stop);
    const prices = new PriceTable();
    const rates = Object.fromEntries(options.models.map((name) => [name, prices.ratesFor(name)]));
    const meter = await startMeter({ upstreamUrl: local.baseUrl, rates });
    running.push(meter.stop);
    const { address, namespace } = server;
    const connection = await Connection.connect({ address });
    running.push(() => connection.close());
    const nativeConnection = await NativeConnection.connect({ address });
    running.push(() => nativeConnection.close());
    const client = new Client({ connection, namespace });
    return { client, nativeConnection, address, namespace, model: createModelClient(meter.baseUrl), meter, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

let quiet = false;

/** Warnings of the SDK would tear the tables. */
function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  try {
    Runtime.install({ telemetryOptions: { logging: { filter: 'ERROR' } }, logger: new DefaultLogger('ERROR') });
  } catch {
    // Whoever runs this in a process of theirs has installed one already.
  }
}
