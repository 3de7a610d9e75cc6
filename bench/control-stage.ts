import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { controlBundle } from '../speculation/plugin/control-host';
import { controlLink, type ControlLink } from '../speculation/plugin/control-link';
import { freePort } from '../workers/free-port';
import { startDevServer, type DevServer } from '../workers/temporal-server';
import { startHost, type BenchProcess } from './control-processes';
import { initialState } from './control-traffic';

const HOST = '127.0.0.1';
const HOSTS = 2;
const RPC_TIMEOUT_MS = 10_000;

/** A server on a database file, and processes that host the control workflow; both can be killed and started again. */
export class ControlStage {
  readonly #hosts: BenchProcess[] = [];

  private constructor(
    readonly address: string,
    readonly client: Client,
    readonly link: ControlLink,
    private readonly folder: string,
    private readonly codePath: string,
    private server: DevServer,
  ) {}

  static async start(): Promise<ControlStage> {
    const folder = await mkdtemp(join(tmpdir(), 'runahead-control-'));
    let server: DevServer | null = null;
    try {
      const codePath = join(folder, 'control.js');
      const bundle = await controlBundle(undefined);
      if (!('code' in bundle)) throw new TypeError('The control workflow was bundled without its code');
      await writeFile(codePath, bundle.code);
      server = await startServer(folder, await freePort(HOST));
      const connection = await Connection.connect({ address: server.address });
      const client = new Client({ connection, namespace: server.namespace });
      const link = controlLink(client, RPC_TIMEOUT_MS);
      await link.start({ state: initialState() });
      const stage = new ControlStage(server.address, client, link, folder, codePath, server);
      for (let index = 0; index < HOSTS; index++) stage.#hosts.push(stage.#startHost());
      return stage;
    } catch (error) {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get namespace(): string {
    return this.server.namespace;
  }

  /** kill -9 of one process that hosts the control workflow, and another in its place. */
  async killHost(which: number): Promise<void> {
    const index = which % this.#hosts.length;
    await this.#hosts[index]?.kill();
    this.#hosts[index] = this.#startHost();
  }

  /** kill -9 of the server, and the same again on its port and its database. */
  async killServer(): Promise<void> {
    process.kill(this.server.pid, 'SIGKILL');
    await this.server.stop();
    this.server = await startServer(this.folder, Number(this.address.split(':')[1]));
  }

  async stop(): Promise<void> {
    for (const host of this.#hosts) await host.kill();
    await this.client.connection.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #startHost(): BenchProcess {
    const { address, namespace, codePath } = this;
    return startHost({ address, namespace, codePath });
  }
}

function startServer(folder: string, port: number): Promise<DevServer> {
  return startDevServer({ port, uiPort: false, dbFilename: join(folder, 'temporal.db') });
}
