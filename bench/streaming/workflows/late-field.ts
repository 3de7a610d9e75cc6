import type { ShapeInput } from '../shape';
import { operations } from './operations';

export interface Judged {
  reason: string;
  verdict: string;
}

const { lateFieldJudge, lateFieldFile } = operations<{
  lateFieldJudge: (input: ShapeInput) => Promise<Judged>;
  lateFieldFile: (input: ShapeInput & { verdict: string }) => Promise<string>;
}>();

/** What is needed comes last. */
export async function lateField(input: ShapeInput): Promise<string> {
  const { verdict } = await lateFieldJudge(input);
  return lateFieldFile({ ...input, verdict });
}
