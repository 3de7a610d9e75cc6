import type { SharedBudgetBriefing } from '../forecast/briefing';
import { fitsBudget } from './budget';

/** What a launch must find room in, whatever it is worth. */
export interface Room {
  depth: number;
  /** Largest allowed `depth`. @default unbounded */
  maxDepth?: number | undefined;
  openLaunches: number;
  maxOpenLaunches: number;
  /** Unclaimed spending so far, US dollars. */
  spentUsd: string;
  /** Set aside for launches that still run, US dollars. */
  reservedUsd: string;
  /** What is left of budgets that other pipelines spend from too, as known to the worker. @default none is in force */
  sharedBudget?: SharedBudgetBriefing | undefined;
}

export type NoRoom = 'budget' | 'shared-budget' | 'too-deep' | 'too-many-launches';

/**
 * Why there is no room for a launch that may cost `mostUsd`; null if there is. What a shared budget has left is a reading of a moment
 * ago: it saves launches that would be refused, and the reservation that the launch makes when it starts is what keeps the budget.
 */
export function lackOfRoom(room: Room, mostUsd: number, budgetUsd: string | null): NoRoom | null {
  if (!fitsBudget(room.spentUsd, room.reservedUsd, mostUsd, budgetUsd)) return 'budget';
  const { sharedBudget } = room;
  if (sharedBudget !== undefined) {
    if (!fitsBudget('0', '0', mostUsd, sharedBudget.leftUsd)) return 'shared-budget';
    if (sharedBudget.leftLaunches !== null && sharedBudget.leftLaunches < 1) return 'shared-budget';
  }
  if (room.maxDepth !== undefined && room.depth > room.maxDepth) return 'too-deep';
  if (room.openLaunches >= room.maxOpenLaunches) return 'too-many-launches';
  return null;
}
