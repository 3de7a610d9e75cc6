import { measureConversation, type MeasuredConversation } from './measured-conversation';
import type { Recording } from './recording';
import type { Lane } from './stage';

export interface RunOptions {
  recordings: readonly Recording[];
  compression: number;
  /** Conversations side by side, of each contestant. */
  atATime: number;
  /** Told after each conversation that all have had. */
  onDone: (done: number) => void;
}

/**
 * Every contestant has every conversation. One conversation is begun under all of them before the next, in another order each time, so that
 * the machine is as busy for each, and what a conversation may have learned from is the same too.
 */
export async function runConversations(
  lanes: readonly Lane[],
  { recordings, compression, atATime, onDone }: RunOptions,
): Promise<Map<Lane, MeasuredConversation[]>> {
  const measured = new Map(lanes.map((lane) => [lane, [] as MeasuredConversation[]]));
  const waiting = recordings.flatMap((recording, index) => rotated(lanes, index).map((lane) => ({ lane, recording })));
  const running = new Map<Lane, number>();
  let ended = 0;
  const count = (lane: Lane, by: number): void => void running.set(lane, (running.get(lane) ?? 0) + by);
  await new Promise<void>((resolve, reject) => {
    const begin = (): void => {
      if (ended === recordings.length * lanes.length) resolve();
      const free = waiting.filter(({ lane }) => (running.get(lane) ?? 0) < atATime);
      for (const turn of free) {
        if ((running.get(turn.lane) ?? 0) >= atATime) continue;
        waiting.splice(waiting.indexOf(turn), 1);
        count(turn.lane, 1);
        measureConversation(turn.lane, turn.recording, compression).then((conversation) => {
          measured.get(turn.lane)?.push(conversation);
          count(turn.lane, -1);
          ended += 1;
          if (ended % lanes.length === 0) onDone(ended / lanes.length);
          begin();
        }, reject);
      }
    };
    begin();
  });
  return measured;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const at = by % Math.max(1, items.length);
  return [...items.slice(at), ...items.slice(0, at)];
}
