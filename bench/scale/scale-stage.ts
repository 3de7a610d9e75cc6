import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH } from '../../speculation/plugin';
import type { ScaleServer } from './scale-server';
import { policyOf, VARIANTS, type Variant } from './variants';
import { WorkerProcesses } from './worker-processes';

/** One variant: who starts its pipelines, and who serves them. */
export interface VariantStage {
  variant: Variant;
  client: Client;
  workers: WorkerProcesses;
}

/** Code of pipelines and control workflow, bundled once for all worker processes. */
export interface ScaleBundles {
  folder: string;
  ahead: string;
  bare: string;
  control: string;
}

export async function writeScaleBundles(): Promise<ScaleBundles> {
  const folder = await mkdtemp(join(tmpdir(), 'runahead-scale-'));
  const file = (name: string): string => join(folder, `${name}.js`);
  const bundles = { folder, ahead: file('ahead'), bare: file('bare'), control: file('control') };
  const workflowsPath = require.resolve('./workflows');
  try {
    await bundle(bundles.ahead, { workflowsPath, workflowInterceptorModules: [WORKFLOW_INTERCEPTOR_PATH] });
    await bundle(bundles.bare, { workflowsPath });
    await bundle(bundles.control, { workflowsPath: require.resolve('../../workflows/control') });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return bundles;
}

async function bundle(
  file: string,
  options: { workflowsPath: string; workflowInterceptorModules?: string[] },
): Promise<void> {
  const { code } = await bundleWorkflowCode({ ...options, logger: new DefaultLogger('ERROR') });
  await writeFile(file, code);
}

/**
 * All variants side by side, each on a task queue of its own, without worker processes yet.
 *
 * @param cached pipelines that each worker process keeps in memory
 */
export function variantStages(server: ScaleServer, bundles: ScaleBundles, cached: number): VariantStage[] {
  const { address, namespace, configured, connection } = server;
  return VARIANTS.map((variant) => {
    const policy = policyOf(variant);
    const plugins = policy === null ? [] : [new RunaheadPlugin({ policy, strict: 'off' })];
    return {
      variant,
      client: new Client({ connection, namespace, plugins }),
      workers: new WorkerProcesses({
        variant,
        taskQueue: `scale-${variant}-${randomUUID()}`,
        address,
        namespace,
        configured,
        bundlePath: policy === null ? bundles.bare : bundles.ahead,
        controlBundlePath: bundles.control,
        cached,
      }),
    };
  });
}
