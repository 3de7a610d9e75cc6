import { writeFile } from 'node:fs/promises';
import { bundleWorkflowCode } from '@temporalio/worker';
import { RunaheadPlugin } from 'runahead';
import { policy } from './policy';

async function main(): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('./workflow'),
    plugins: [new RunaheadPlugin({ policy })],
  });
  await writeFile('workflow-bundle.js', code);
}

void main();
