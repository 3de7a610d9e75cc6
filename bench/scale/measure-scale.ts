import { rm } from 'node:fs/promises';
import type { ServerFlags } from '../../client/connect';
import { openPipelines, type MemoryReading } from './open-pipelines';
import type { ScalePlan } from './plan';
import { measureRounds, type MeasuredSetting } from './rounds';
import { startScaleServer, type ScaleServer } from './scale-server';
import { variantStages, writeScaleBundles, type ScaleBundles, type VariantStage } from './scale-stage';

/** What was measured on a real server. */
export interface ScaleMeasurement {
  server: { address: string; namespace: string; configured: boolean };
  settings: MeasuredSetting[];
  memory: MemoryReading[];
}

/** Beside those that are open: some that just run. */
const CACHED_BESIDE = 200;

/** Every process and every file that it starts is gone when it returns, however it ends. */
export async function measureScale(
  flags: ServerFlags,
  plan: ScalePlan,
  say: (line: string) => void,
): Promise<ScaleMeasurement> {
  const bundles = await writeScaleBundles();
  try {
    const server = await startScaleServer(flags, say);
    try {
      const settings = await measureLoads(server, bundles, plan, say);
      const { setting, memory } = await measureOpen(server, bundles, plan, say);
      const { address, namespace, configured } = server;
      return { server: { address, namespace, configured }, settings: [...settings, setting], memory };
    } finally {
      await server.stop();
    }
  } finally {
    await rm(bundles.folder, { recursive: true, force: true });
  }
}

async function measureLoads(
  server: ScaleServer,
  bundles: ScaleBundles,
  { workers, rounds, light, full }: ScalePlan,
  say: (line: string) => void,
): Promise<MeasuredSetting[]> {
  const stages = variantStages(server, bundles, CACHED_BESIDE);
  const settings: MeasuredSetting[] = [];
  try {
    for (const [index, count] of workers.entries()) {
      await growAll(stages, count);
      for (const load of index === 0 ? [light, full] : [full]) {
        const measured = await measureRounds(stages, rounds, load);
        settings.push({ workers: count, atOnce: load.atOnce, open: 0, rounds: measured });
        say(`${count} worker processes for each variant, ${load.atOnce} pipelines at once: done`);
      }
    }
  } finally {
    await endAll(stages);
  }
  return settings;
}

/** One fresh worker process for each variant, so that its memory is that of the open pipelines. */
async function measureOpen(
  server: ScaleServer,
  bundles: ScaleBundles,
  { openSteps, openSeconds, roundsWhileOpen, full }: ScalePlan,
  say: (line: string) => void,
): Promise<{ setting: MeasuredSetting; memory: MemoryReading[] }> {
  const stages = variantStages(server, bundles, CACHED_BESIDE + Math.max(...openSteps));
  try {
    await growAll(stages, 1);
    // Memory that is taken once, by whatever comes first, is no pipeline's.
    await measureRounds(stages, 0, full);
    const startedAt = performance.now();
    const isOver = (): boolean => openSeconds !== null && (performance.now() - startedAt) / 1000 > openSeconds;
    const opened = await openPipelines(stages, openSteps, isOver, say);
    const rounds = await measureRounds(stages, roundsWhileOpen, full);
    if (server.configured) await opened.end();
    const setting = { workers: 1, atOnce: full.atOnce, open: opened.open, rounds };
    return { setting, memory: opened.readings };
  } finally {
    await endAll(stages);
  }
}

/** One after the other, so that no start disturbs another. */
async function growAll(stages: readonly VariantStage[], count: number): Promise<void> {
  for (const { workers } of stages) await workers.grow(count);
}

async function endAll(stages: readonly VariantStage[]): Promise<void> {
  await Promise.all(stages.map(({ workers }) => workers.end()));
}
