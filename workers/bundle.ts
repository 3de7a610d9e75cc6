import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode, DefaultLogger, type BundleOptions } from '@temporalio/worker';
import { shippedPolicy } from '../activities/policy';
import { RunaheadPlugin } from '../speculation/plugin';
import { CONTROL_BUNDLE_PATH, WORKFLOW_BUNDLE_PATH } from './workflow-bundle';

/** Bundles workflow code ahead of time, for workers that must start fast. `npm run bundle`. */
async function main(): Promise<void> {
  await bundle(WORKFLOW_BUNDLE_PATH, {
    workflowsPath: require.resolve('../workflows'),
    plugins: [new RunaheadPlugin({ policy: shippedPolicy })],
  });
  await bundle(CONTROL_BUNDLE_PATH, { workflowsPath: require.resolve('../workflows/control') });
}

async function bundle(path: string, options: BundleOptions): Promise<void> {
  const { code } = await bundleWorkflowCode({ ...options, logger: new DefaultLogger('WARN') });
  await writeFile(path, code);
  console.log(`${path}: ${(Buffer.byteLength(code) / 1e6).toFixed(2)} MB`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
