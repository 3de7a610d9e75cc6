import type { Client, Connection } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { offersWorkerCommands, PUSH_NEEDS } from '../../speculation/plugin/cancellation-check';
import { compareSearchAttributes } from '../../speculation/plugin/search-attributes';
import { CONTROL_TASK_QUEUE, CONTROL_WORKFLOW_ID } from '../../speculation/runtime/protocol';
import { RunaheadClient } from '../runahead-client';
import { fine, problem, reasonOf, warning, type DoctorLine } from './doctor-line';

export interface DoctorServer {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
  inTime: <T>(call: () => Promise<T>) => Promise<T>;
}

const CONTROL_TIMEOUT_MS = 5_000;

/** Looks at a server that answers, and at one namespace of it. */
export async function serverLines(server: DoctorServer): Promise<DoctorLine[]> {
  const version = await server.inTime(() => server.connection.workflowService.getSystemInfo({}));
  const lines = [fine('server', `${server.address}, version ${version.serverVersion}`)];
  const namespace = await namespaceLine(server);
  lines.push(namespace);
  // Without its namespace, everything else would only say so again.
  if (namespace.status === 'problem') return lines;
  lines.push(await cancellationLine(server), await attributesLine(server), await controlLine(server));
  return lines;
}

async function namespaceLine({ connection, namespace, inTime }: DoctorServer): Promise<DoctorLine> {
  try {
    const { config } = await inTime(() => connection.workflowService.describeNamespace({ namespace }));
    const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / 86_400;
    return fine('namespace', `${namespace}; closed pipelines are kept for ${days.toFixed(days < 1 ? 2 : 0)} d`);
  } catch (error) {
    const wayOut = `Create it: temporal operator namespace create --namespace ${namespace}; or name another with --namespace.`;
    return problem('namespace', `${namespace}: ${reasonOf(error)}`, wayOut);
  }
}

async function cancellationLine({ connection, namespace }: DoctorServer): Promise<DoctorLine> {
  const name = 'cancellation';
  try {
    if (await offersWorkerCommands(connection, namespace)) {
      return fine(name, 'the server offers to push cancels to workers (--probe measures whether it does)');
    }
    const found = 'by heartbeat: the server does not push cancels, so they take longer and cost more tokens';
    return warning(name, found, `Pushing takes ${PUSH_NEEDS}.`);
  } catch (error) {
    return warning(
      name,
      `not known: ${reasonOf(error)}`,
      'Ask whoever runs the server for the right to describe the namespace.',
    );
  }
}

async function attributesLine({ connection, namespace, inTime }: DoctorServer): Promise<DoctorLine> {
  const name = 'search attributes';
  const wayOut = 'Register them: npx runahead attributes register.';
  try {
    const { missing, present, mistyped } = await inTime(() => compareSearchAttributes(connection, namespace));
    if (mistyped.length > 0) {
      const other =
        'Remove those of the same name and another type, then register them: npx runahead attributes register.';
      return problem(name, `of another type: ${mistyped.join(', ')}; pipelines run without all of them`, other);
    }
    if (missing.length === 0) return fine(name, present.join(', '));
    return warning(
      name,
      `missing: ${missing.join(', ')}; pipelines run without them and cannot be filtered by cost`,
      wayOut,
    );
  } catch (error) {
    return warning(name, `not known: ${reasonOf(error)}; pipelines then run without them`, wayOut);
  }
}

async function controlLine({ client, connection, namespace, inTime }: DoctorServer): Promise<DoctorLine> {
  const name = 'control workflow';
  const start = 'Start a worker: npx runahead worker, or one of yours with the plugin and hostControl left on.';
  try {
    const { status } = await inTime(() => client.workflow.getHandle(CONTROL_WORKFLOW_ID).describe());
    if (status.name !== 'RUNNING')
      return problem(name, `${CONTROL_WORKFLOW_ID} is ${status.name}, nothing is learned`, start);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) return problem(name, reasonOf(error), start);
    return warning(name, 'not running yet: nothing has been learned in this namespace', start);
  }
  const { pollers } = await inTime(() =>
    connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: CONTROL_TASK_QUEUE } }),
  );
  const asked = performance.now();
  try {
    await client.withDeadline(Date.now() + CONTROL_TIMEOUT_MS, () => new RunaheadClient(client).controlKnob());
    const milliseconds = Math.round(performance.now() - asked);
    return fine(
      name,
      `running; workers seen on ${CONTROL_TASK_QUEUE}: ${pollers.length}; answers in ${milliseconds} ms`,
    );
  } catch (error) {
    const found = `running, but no worker answers on ${CONTROL_TASK_QUEUE} (${pollers.length} seen lately): ${reasonOf(error)}`;
    return problem(name, found, start);
  }
}
