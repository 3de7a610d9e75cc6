import { NativeConnection, Worker } from '@temporalio/worker';
import { RunaheadPlugin, SqliteStageStore } from '../../speculation/plugin';
import type { Order } from '../stage-workflows';
import { bookingPolicy, whileBeating } from './staged-booking';

/**
 * A worker with staged effects in a process of its own, so that a test can kill it at any moment. Prints what happens to its stages, a
 * line each, and stops for good at the moment that it is told to.
 */
async function serve(
  address: string,
  taskQueue: string,
  file: string,
  codePath: string,
  stopAt: string,
): Promise<void> {
  const say = (line: string): Promise<void> | void => {
    process.stdout.write(`${line}\n`);
    if (line === stopAt) return whileBeating(() => false);
  };
  const store = new SqliteStageStore({ name: 'booking', file });
  const policy = bookingPolicy(store, {
    preparing: () => say('preparing'),
    committing: () => say('committing'),
    discarding: () => say('discarding'),
  });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: { codePath },
    activities: {
      check: async ({ verdict }: Order) => {
        // Until what was guessed is prepared.
        await whileBeating(() => process.argv.includes('released') || released);
        return verdict;
      },
      charge: () => Promise.reject(new Error('is not charged here')),
    },
    plugins: [new RunaheadPlugin({ policy, hostControl: false, controlBundle: { codePath }, sweepMs: 100 })],
    stickyQueueScheduleToStartTimeout: '500ms',
  });
  process.stdout.write('ready\n');
  await worker.run();
}

let released = false;
process.stdin.on('data', () => {
  released = true;
});

const [address = '', taskQueue = '', file = '', codePath = '', stopAt = ''] = process.argv.slice(2);
serve(address, taskQueue, file, codePath, stopAt).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
