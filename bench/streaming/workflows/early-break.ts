import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface Candidates {
  candidates: { title: string; link: string }[];
}

const { earlyBreakList, earlyBreakCheck } = operations<{
  earlyBreakList: (input: ShapeInput) => Promise<Candidates>;
  earlyBreakCheck: (input: { link: string }) => Promise<{ fits: boolean }>;
}>();

/** Checks one candidate after another until one fits. */
export async function earlyBreak(input: ShapeInput): Promise<string | null> {
  const { candidates } = await earlyBreakList(input);
  for (const { title, link } of candidates) {
    const { fits } = await earlyBreakCheck({ link });
    if (fits) return title;
  }
  return null;
}
