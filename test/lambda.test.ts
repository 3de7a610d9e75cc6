import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import type { LambdaHandler } from '@temporalio/lambda-worker';
import { parse } from 'yaml';
import { scriptedAnswer } from '../workers/sample-model/script';
import { RunaheadClient } from '../client/runahead-client';
import { startLocalModel, type LocalModel } from '../workers/local-model';
import { SHIPPED_PIPELINES, SHIPPED_TASK_QUEUE } from '../workers/shipped-pipelines';
import { startDevServer, type DevServer } from '../workers/temporal-server';
import { build, root } from './support/build';

const run = promisify(execFile);
const DEPLOYMENT = 'runahead-test';
const BUILD_ID = 'build-1';
/** The worker stops this long before the deadline, so that activities can drain. */
const BUFFER_MS = 7000;
/** Classify, draft and check answer one after the other, so the pipeline outlasts the first invocation. */
const ANSWER_MS = 2500;
const FIRST_INVOCATION_MS = 6000;
const SECOND_INVOCATION_MS = 15_000;

/** A Lambda context whose deadline is so far away that the worker polls for `workMs`. */
function invocation(workMs: number): Parameters<LambdaHandler>[1] {
  const deadline = Date.now() + workMs + BUFFER_MS;
  return {
    awsRequestId: `request-${workMs}`,
    functionName: 'runahead',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:runahead',
    memoryLimitInMB: '1024',
    logGroupName: '/aws/lambda/runahead',
    logStreamName: 'stream',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}

describe('the serverless worker', () => {
  let server: DevServer;
  let connection: Connection;
  let client: Client;
  let model: LocalModel;
  let handler: LambdaHandler;

  beforeAll(async () => {
    await build();
    const { stdout } = await run(process.execPath, ['dist/workers/bundle.js'], { cwd: root });
    process.stdout.write(stdout);
    server = await startDevServer({ uiPort: false });
    connection = await Connection.connect({ address: server.address });
    client = new Client({ connection });
    model = await startLocalModel({ script: (request) => ({ ...scriptedAnswer(request), ttftMs: ANSWER_MS }) });
    Object.assign(process.env, {
      NODE_ENV: 'production',
      TEMPORAL_ADDRESS: server.address,
      RUNAHEAD_DEPLOYMENT_NAME: DEPLOYMENT,
      RUNAHEAD_BUILD_ID: BUILD_ID,
      OPENAI_BASE_URL: model.baseUrl,
    });
    ({ handler } = (await import(join(root, 'dist/workers/lambda'))) as { handler: LambdaHandler });
  }, 120_000);

  afterAll(async () => {
    await model.stop();
    await connection.close();
    await server.stop();
    for (const name of ['TEMPORAL_ADDRESS', 'RUNAHEAD_DEPLOYMENT_NAME', 'RUNAHEAD_BUILD_ID', 'OPENAI_BASE_URL']) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
      delete process.env[name];
    }
    process.env['NODE_ENV'] = 'test';
  });

  /** A version exists once a worker of it has polled; only then can it be made current. */
  const makeCurrent = async (): Promise<void> => {
    const deadline = Date.now() + FIRST_INVOCATION_MS;
    for (;;) {
      try {
        await connection.workflowService.setWorkerDeploymentCurrentVersion({
          namespace: server.namespace,
          deploymentName: DEPLOYMENT,
          buildId: BUILD_ID,
        });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };

  test('completes a pipeline across two invocations, with the same result and books as a worker that never sleeps', async () => {
    const workflowId = 'across-two-invocations';
    const first = handler({}, invocation(FIRST_INVOCATION_MS));
    await makeCurrent();
    const pipeline = SHIPPED_PIPELINES.find(({ name }) => name === 'autoReply')!;
    const handle = await client.workflow.start(pipeline.name, {
      workflowId,
      taskQueue: SHIPPED_TASK_QUEUE,
      args: [pipeline.exampleInput],
    });
    await first;
    const between = await handle.describe();
    expect(between.status.name).toBe('RUNNING');
    expect(between.historyLength).toBeGreaterThan(4);

    const second = handler({}, invocation(SECOND_INVOCATION_MS));
    expect(await handle.result()).toMatchObject({ route: 'refund', sent: true });
    const { totals, entries } = await new RunaheadClient(client).ledger(workflowId);
    expect(totals.operations).toBe(6);
    expect(entries.map(({ operation }) => operation).sort()).toEqual([
      'checkReply',
      'classifyMessage',
      'draftReply',
      'findPolicyArticle',
      'lookUpAccount',
      'sendReply',
    ]);
    await second;

    const history = await handle.fetchHistory();
    const versions = (history.events ?? []).flatMap(
      ({ workflowTaskCompletedEventAttributes: task }) => task?.deploymentVersion?.buildId ?? [],
    );
    expect(new Set(versions)).toEqual(new Set([BUILD_ID]));
  }, 90_000);

  test('refuses an invocation that is too short to do anything', async () => {
    await expect(handler({}, invocation(500))).rejects.toThrow('Insufficient time for Lambda worker');
  });
});

describe('deploy/template.yaml', () => {
  /** Intrinsic functions are tags; their arguments are all that matters here. */
  const tags = ['Ref', 'Sub', 'GetAtt', 'If', 'Not', 'Equals'].flatMap((name) => [
    { tag: `!${name}`, resolve: (text: string) => text },
    { tag: `!${name}`, collection: 'seq' as const },
  ]);
  const template = parse(readFileSync(join(root, 'deploy/template.yaml'), 'utf8'), { customTags: tags }) as {
    Parameters: Record<string, unknown>;
    Resources: { RunaheadWorker: { Properties: Record<string, unknown> } };
  };
  const properties = template.Resources.RunaheadWorker.Properties;

  test('points at the handler that is tested here, packaged where the script puts it', () => {
    expect(properties).toMatchObject({
      Handler: 'dist/workers/lambda.handler',
      CodeUri: '../dist/lambda',
      Timeout: 900,
      Runtime: 'nodejs22.x',
    });
    expect(readFileSync(join(root, 'deploy/package-lambda.sh'), 'utf8')).toContain('package=dist/lambda');
  });

  test('sets the variables that the handler and the Temporal client read', () => {
    const { Variables } = properties['Environment'] as { Variables: Record<string, unknown> };
    expect(Object.keys(Variables).sort()).toEqual([
      'NODE_ENV',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'RUNAHEAD_BUILD_ID',
      'RUNAHEAD_DEPLOYMENT_NAME',
      'TEMPORAL_ADDRESS',
      'TEMPORAL_API_KEY',
      'TEMPORAL_NAMESPACE',
      'TEMPORAL_TASK_QUEUE',
    ]);
  });
});
