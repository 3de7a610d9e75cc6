import { runWorker } from '@temporalio/lambda-worker';
import { shippedActivities } from '../activities/shipped';
import { shippedPolicy } from '../activities/policy';
import { RunaheadPlugin } from '../speculation/plugin';
import { SHIPPED_TASK_QUEUE } from './shipped-pipelines';
import { controlBundle, shippedWorkflows } from './workflow-bundle';

/**
 * The pipelines that ship as a serverless worker on AWS Lambda: polls for the length of one invocation, then drains. What an
 * invocation leaves unfinished, the next one continues. Server, namespace and keys come from the environment, see
 * `deploy/template.yaml`.
 */
export const handler = runWorker(
  {
    deploymentName: process.env['RUNAHEAD_DEPLOYMENT_NAME'] ?? 'runahead',
    buildId: process.env['RUNAHEAD_BUILD_ID'] ?? 'dev',
  },
  (config) => {
    Object.assign(config.workerOptions, shippedWorkflows());
    config.workerOptions.taskQueue ??= SHIPPED_TASK_QUEUE;
    config.workerOptions.activities = shippedActivities;
    config.workerOptions.plugins = [new RunaheadPlugin({ policy: shippedPolicy, ...controlBundle() })];
    // Two activities at a time, the default, leave no room to run ahead: model calls wait, they do not compute.
    config.workerOptions.maxConcurrentActivityTaskExecutions = 20;
    config.workerOptions.maxConcurrentLocalActivityExecutions = 10;
  },
);
