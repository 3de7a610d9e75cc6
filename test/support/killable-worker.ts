import { Context } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { LOOKUP_ACTIVITY, type LookupRequest } from '../../speculation/runtime/protocol';
import { briefingFor, bundleOf } from './scripted-worker';

/** A worker in a process of its own, so that a test can kill it at any moment. Prints what its activities do, one word a line. */
async function serve(address: string, taskQueue: string): Promise<void> {
  const step = (name: string, digit: string) => async (input: string) => {
    process.stdout.write(`${name}\n`);
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    try {
      await context.sleep(300);
    } finally {
      clearInterval(beat);
    }
    return `${input}${digit}`;
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: await bundleOf(true),
    activities: {
      first: step('first', '1'),
      second: step('second', '2'),
      third: step('third', '3'),
      [LOOKUP_ACTIVITY]: async ({ args: [input] }: LookupRequest) =>
        briefingFor({ forecasts: [`${String(input)}1`], downstream: { second: {}, third: {} } }),
    },
    sinks: { runahead: { observe: { fn: () => undefined, callDuringReplay: false } } },
    stickyQueueScheduleToStartTimeout: '500ms',
  });
  process.stdout.write('ready\n');
  await worker.run();
}

const [address = '', taskQueue = ''] = process.argv.slice(2);
serve(address, taskQueue).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
