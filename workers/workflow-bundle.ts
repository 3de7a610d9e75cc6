import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowBundleOption } from '@temporalio/worker';

const OUTPUT = join(__dirname, '..');

/** Where `npm run bundle` puts the code of the pipelines that ship: the root of the compiled output. */
export const WORKFLOW_BUNDLE_PATH = join(OUTPUT, 'workflow-bundle.js');

/** Where `npm run bundle` puts the code of the control workflow. */
export const CONTROL_BUNDLE_PATH = join(OUTPUT, 'control-bundle.js');

/**
 * Where a worker takes the pipelines that ship from. Production takes the bundle that was built for it; development bundles at
 * the start, because a bundle that was built some time ago may not be what the code says now.
 */
export function shippedWorkflows(
  environment: NodeJS.ProcessEnv = process.env,
): { workflowBundle: WorkflowBundleOption } | { workflowsPath: string } {
  if (isBuilt(WORKFLOW_BUNDLE_PATH, environment)) return { workflowBundle: { codePath: WORKFLOW_BUNDLE_PATH } };
  return { workflowsPath: require.resolve('../workflows') };
}

/** The control workflow's bundle, for the plugin; nothing where the plugin shall bundle it by itself. */
export function controlBundle(environment: NodeJS.ProcessEnv = process.env): { controlBundle?: WorkflowBundleOption } {
  return isBuilt(CONTROL_BUNDLE_PATH, environment) ? { controlBundle: { codePath: CONTROL_BUNDLE_PATH } } : {};
}

function isBuilt(path: string, environment: NodeJS.ProcessEnv): boolean {
  return environment['NODE_ENV'] === 'production' && existsSync(path);
}
