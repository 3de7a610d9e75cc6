import { NativeConnection, Worker } from '@temporalio/worker';
import { RunaheadPlugin } from 'runahead';
import * as activities from './activities';
import { policy } from './policy';

async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: 'localhost:7233' });
  const worker = await Worker.create({
    connection,
    taskQueue: 'support',
    workflowsPath: require.resolve('./workflow'),
    activities,
    plugins: [new RunaheadPlugin({ policy })],
  });
  await worker.run();
}

void main();
