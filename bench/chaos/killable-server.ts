import { startDevServer, type DevServer } from '../../workers/temporal-server';

/** A Temporal server that can be killed and comes back at the same address, with what it had stored. */
export class KillableServer {
  kills = 0;
  #server: DevServer;
  #turn: Promise<void> = Promise.resolve();

  private constructor(
    server: DevServer,
    private readonly dbFilename: string,
  ) {
    this.#server = server;
  }

  /** @param dbFilename SQLite file that outlives the kills; the caller removes it */
  static async start(dbFilename: string): Promise<KillableServer> {
    return new KillableServer(await startDevServer({ dbFilename, uiPort: false }), dbFilename);
  }

  get address(): string {
    return this.#server.address;
  }

  get namespace(): string {
    return this.#server.namespace;
  }

  /** kill -9, and start again. One at a time. */
  killAndRestart(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const { pid, address } = this.#server;
      this.kills += 1;
      process.kill(pid, 'SIGKILL');
      await this.#server.stop();
      const port = Number(address.split(':').at(-1));
      this.#server = await startDevServer({ port, dbFilename: this.dbFilename, uiPort: false });
    });
    return this.#turn;
  }

  async stop(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#server.stop();
  }
}
