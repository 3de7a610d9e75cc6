import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosProgress } from './chaos-progress';
import type { Difference } from './difference';
import { readSeats, type SeatEvidence, type SeatWorld } from './seat-stage';

const SWEEP_TIMEOUT_MS = 20_000;
const POLL_MS = 500;

/** What nobody claimed is swept up in the background: waits until it is, or until nothing happens any more. */
export async function untilSwept(seats: SeatWorld, progress: ChaosProgress): Promise<void> {
  const deadline = performance.now() + SWEEP_TIMEOUT_MS;
  for (;;) {
    const undecided = undecidedStages(await readSeats(seats)).length;
    if (undecided === 0 || performance.now() >= deadline) return;
    progress.update(`waiting for ${undecided} stages to be swept up`);
    await pause(POLL_MS);
  }
}

/** Stages that are neither taken nor dropped, and what was held for them. */
export function undecidedStages({ stages, holds }: SeatEvidence): Difference[] {
  const kind = 'undecided stage';
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const open = stages.filter(({ state }) => state !== 'committed' && state !== 'discarded');
  const held = holds.filter((id) => byId.get(id)?.state === 'committed' || byId.get(id)?.state === 'discarded');
  return [
    ...open.map(({ id, workflowId, state }): Difference => ({ kind, workflowId, what: `stage ${id} is ${state}` })),
    ...held.map((id): Difference => {
      const { workflowId = '', state = 'unknown' } = byId.get(id) ?? {};
      return { kind, workflowId, what: `stage ${id} is ${state}, and its seat is still held` };
    }),
  ];
}
