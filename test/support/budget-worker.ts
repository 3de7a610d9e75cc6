import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { definePolicy, RunaheadPlugin } from '../../speculation/plugin';

/** A worker of activities in a process of its own, which also runs the control workflow. Prints the starts and ends of launches. */
async function serve(address: string, taskQueue: string): Promise<void> {
  const policy = definePolicy({
    activities: { spend: { effect: 'none', cost: { kind: 'fixed', usd: 0.01 } } },
    budgets: { '*': { usdPerDay: '0.1' } },
    // How long a launch waits for its reservation, too; the machine of a test may be slow.
    limits: { scheduleToStartMs: 15_000 },
  });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    activities: {
      spend: async ({ name }: { name: string }) => {
        if (!Context.current().info.activityId.startsWith('spec-')) return 'plain';
        process.stdout.write(`start ${name}\n`);
        await Context.current().sleep(400);
        process.stdout.write(`end ${name}\n`);
        return 'early';
      },
    },
    maxConcurrentActivityTaskExecutions: 100,
    plugins: [new RunaheadPlugin({ policy })],
  });
  process.stdout.write('ready\n');
  await worker.run();
}

const [address = '', taskQueue = ''] = process.argv.slice(2);
serve(address, taskQueue).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
