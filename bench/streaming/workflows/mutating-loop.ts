import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface Step {
  query: string;
  done: boolean;
  thought: string;
}

export interface Seen {
  query: string;
  found: string;
}

const { mutatingLoopThink, mutatingLoopSearch } = operations<{
  mutatingLoopThink: (input: ShapeInput & { seen: Seen[] }) => Promise<Step>;
  mutatingLoopSearch: (input: { query: string }) => Promise<string>;
}>();

/** What each round has found is in the question of the next. */
export async function mutatingLoop(input: ShapeInput): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (;;) {
    const step = await mutatingLoopThink({ ...input, seen });
    if (step.done) return seen;
    seen.push({ query: step.query, found: await mutatingLoopSearch({ query: step.query }) });
  }
}
