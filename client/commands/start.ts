import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { nearestNames } from '../../speculation/decision/nearest-names';
import { SHIPPED_PIPELINES, SHIPPED_TASK_QUEUE } from '../../workers/shipped-pipelines';
import type { ServerFlags } from '../connect';
import { OperatorError } from '../operator-error';
import { readInput } from '../read-input';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface StartFlags extends ServerFlags {
  input?: string;
  workflowId?: string;
  taskQueue?: string;
  wait?: boolean;
  json?: boolean;
}

/** `runahead start PIPELINE`: starts a pipeline, and shows its result when asked to wait. */
export function addStartCommand(program: Command, terminal: Terminal): void {
  const shipped = SHIPPED_PIPELINES.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n');
  withServerOptions(program.command('start'))
    .description('start a pipeline')
    .argument('<pipeline>', 'workflow type')
    .option('--input <json>', 'input as JSON, or @file (default: an example, for the pipelines that ship)')
    .option('--workflow-id <id>', 'default: the pipeline and a random part')
    .option('--task-queue <name>', `any pipeline of that queue can be started (default: ${SHIPPED_TASK_QUEUE})`)
    .option('--wait', 'wait for the result')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nPipelines that ship:\n${shipped}`)
    .action((pipeline: string, flags: StartFlags) => start(pipeline, flags, terminal));
}

async function start(pipeline: string, flags: StartFlags, terminal: Terminal): Promise<void> {
  const shipped = SHIPPED_PIPELINES.find(({ name }) => name === pipeline);
  if (shipped === undefined && flags.taskQueue === undefined) throw unknownPipeline(pipeline);
  const input = flags.input === undefined ? shipped?.exampleInput : readInput(flags.input);
  await useClient(flags, async ({ client, inTime }) => {
    const handle = await inTime(() =>
      client.workflow.start(pipeline, {
        taskQueue: flags.taskQueue ?? SHIPPED_TASK_QUEUE,
        workflowId: flags.workflowId ?? `${pipeline}-${randomUUID()}`,
        args: input === undefined ? [] : [input],
      }),
    );
    const started = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
    if (flags.wait !== true) {
      terminal.result(started, flags.json === true, ({ workflowId }) => `started ${workflowId}`);
      return;
    }
    if (flags.json !== true) terminal.notice(`started ${handle.workflowId}, waiting`);
    const result: unknown = await handle.result();
    terminal.result({ ...started, result }, flags.json === true, (done) => JSON.stringify(done.result, null, 2));
  });
}

function unknownPipeline(pipeline: string): OperatorError {
  const names = SHIPPED_PIPELINES.map(({ name }) => name);
  const nearest = nearestNames(pipeline, names);
  return new OperatorError(
    `There is no pipeline "${pipeline}".${nearest === '' ? '' : ` Did you mean ${nearest}?`} ` +
      `These ship: ${names.join(', ')}. To start one of your own, name its --task-queue.`,
  );
}
