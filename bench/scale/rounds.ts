import { runBatch, type Batch, type Load } from './load';
import type { VariantStage } from './scale-stage';
import { VARIANTS, type Variant } from './variants';

export type Round = Record<Variant, Batch>;

/** What was measured in one setting: rounds in which each variant had its turn. */
export interface MeasuredSetting {
  workers: number;
  atOnce: number;
  /** Pipelines that were open beside, for each variant. */
  open: number;
  rounds: Round[];
}

/**
 * Rounds in which the variants take turns, every other one in the opposite order (ABC CBA), so that what happens to the machine happens to all
 * of them; what counts is the ratio within a round. One batch of each before that warms up and is not counted.
 */
export async function measureRounds(stages: readonly VariantStage[], rounds: number, load: Load): Promise<Round[]> {
  for (const stage of stages) await runBatch(stage, { ...load, seconds: 0 });
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? stages : [...stages].reverse();
    const batches = new Map<Variant, Batch>();
    for (const stage of order) batches.set(stage.variant, await runBatch(stage, load));
    measured.push(Object.fromEntries(VARIANTS.map((variant) => [variant, batches.get(variant)])) as unknown as Round);
  }
  return measured;
}
