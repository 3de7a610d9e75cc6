import type { ShapeInput } from '../shape';
import { operations } from './operations';

const { contradictedSort, contradictedAnswer } = operations<{
  contradictedSort: (input: ShapeInput) => Promise<{ route: string; reason: string }>;
  contradictedAnswer: (input: ShapeInput & { route: string }) => Promise<{ reply: string }>;
}>();

/** The history says one route, the stream says another. */
export async function contradicted(input: ShapeInput): Promise<{ reply: string; reason: string }> {
  const sorted = await contradictedSort(input);
  const { reply } = await contradictedAnswer({ ...input, route: sorted.route });
  return { reply, reason: sorted.reason };
}
