/** A call of a pipeline that has its answer, as far as one world goes: what a forecast may be made from. */
export interface TrailCall {
  /** Activity type. */
  operation: string;
  args: readonly unknown[];
  /** Its output, real or assumed, as plain JSON. */
  output: unknown;
}

/** All calls of a pipeline in the order in which they were asked for. */
export type Trail = readonly TrailCall[];
