import { NativeConnection, Worker } from '@temporalio/worker';
import { createModelClient } from '../../activities/model-client';
import { RunaheadPlugin } from '../../speculation/plugin';
import { booksActivities, booksPolicy } from './books-activities';

/** A worker for activities in a process of its own, to be killed in the middle of what it does. Says when it serves. */
async function serve(address: string, taskQueue: string, modelUrl: string): Promise<void> {
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    activities: booksActivities(createModelClient(modelUrl)),
    plugins: [new RunaheadPlugin({ policy: booksPolicy, hostControl: false })],
  });
  process.stdout.write('ready\n');
  await worker.run();
}

const [address = '', taskQueue = '', modelUrl = ''] = process.argv.slice(2);
serve(address, taskQueue, modelUrl).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
