import { spawn, type ChildProcess } from 'node:child_process';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { LedgerReport } from '../client/runahead-client';
import type { Decision } from '../speculation/decision/decision';
import { build, root } from './support/build';
import { runaheadJson } from './support/command-line';

/** A `runahead` process whose output is read while it runs. */
class CommandProcess {
  output = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | null>;

  constructor(...args: string[]) {
    const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
    delete environment['OPENAI_API_KEY'];
    delete environment['OPENAI_BASE_URL'];
    this.#child = spawn(process.execPath, [join(root, 'dist/client/cli.js'), ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.#exit = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)));
  }

  /** The first group of the first match in the output. */
  async read(pattern: RegExp): Promise<string> {
    const gone = this.#exit.then((code) => {
      throw new Error(`It ended with ${String(code)} before it said ${String(pattern)}:\n${this.output}`);
    });
    const found = new Promise<string>((resolve) => {
      const look = (): void => {
        const match = pattern.exec(this.output);
        if (match === null) return;
        this.#child.stdout?.off('data', look);
        resolve(match[1] ?? match[0]);
      };
      this.#child.stdout?.on('data', look);
      look();
    });
    return Promise.race([found, gone]);
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exit;
  }
}

function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = createConnection({ host: host!, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('runahead dev and runahead worker', () => {
  beforeAll(build, 120_000);

  test('dev serves everything that a pipeline needs, and leaves nothing behind when it is interrupted', async () => {
    const dev = new CommandProcess('dev', '--port', '0', '--ui-port', '0');
    try {
      const address = await dev.read(/Temporal +(\S+)/);
      const ui = await dev.read(/Web UI +(\S+)/);
      await dev.read(/Ctrl-C/);
      expect((await fetch(ui)).status).toBe(200);

      const server = ['--address', address];
      const first = await runaheadJson<{ result: unknown }>('start', 'autoReply', ...server, '--wait');
      expect(first.result).toMatchObject({ route: 'refund', sent: true });
      const again = ['start', 'autoReply', ...server, '--wait', '--workflow-id', 'again'];
      expect((await runaheadJson<{ result: unknown }>(...again)).result).toEqual(first.result);

      const { totals, entries } = await runaheadJson<LedgerReport>('ledger', ...server, 'again');
      expect(Number(totals.costUsd)).toBeGreaterThan(0);
      expect(entries).toHaveLength(totals.operations + totals.cancelled + totals.failed);
      const decisions = await runaheadJson<Decision[]>('decisions', ...server, 'again');
      expect(decisions.filter(({ decision }) => decision === 'launch')).toHaveLength(totals.launched);
      for (const { downstream, decision } of decisions) {
        if (downstream === 'sendReply') expect(decision).toBe('hold');
      }

      const second = new CommandProcess('worker', ...server, '--task-queue', 'another', '--log-level', 'WARN');
      await second.read(/Worker on task queue another, namespace default/);
      const elsewhere = ['start', 'autoReply', ...server, '--task-queue', 'another', '--wait'];
      const input = JSON.stringify({ messageId: 'm', customerId: 'customer-17', text: 'My kiln shows E4.' });
      expect(await runaheadJson(...elsewhere, '--input', input)).toMatchObject({ result: { sent: true } });
      expect(await second.end('SIGTERM')).toBe(0);

      expect(await dev.end('SIGINT')).toBe(0);
      expect(dev.output).toMatch(/The model delivered 0\.00\d+ dollars/);
      expect(await answers(address)).toBe(false);
    } finally {
      await dev.end('SIGKILL');
    }
  }, 120_000);

  test('dev refuses a port that is none', async () => {
    const dev = new CommandProcess('dev', '--port', 'high');
    await expect(dev.read(/Ctrl-C/)).rejects.toThrow('--port is "high": use a port number from 1 to 65535');
  });
});
