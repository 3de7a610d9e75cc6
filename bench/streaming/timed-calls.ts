import { schedule, type Schedule, type TimedCall } from './ideal-schedule';
import { replyTimes } from './scripted-reply';
import type { ShapeCall, ShapeInput, StreamingShape } from './shape';

/** The two ends between which a scheduler can be: nothing early, and everything as early as its input is final. */
export interface Bounds {
  /** As the plain pipeline would run if everything between its calls took no time. */
  plain: Schedule;
  ideal: Schedule;
}

/** What a perfect scheduler could reach with the very timings by which model and tools answer. */
export function boundsOf(shape: StreamingShape, input: ShapeInput): Bounds {
  const calls = shape.calls(input).map((call) => timedCall(shape, call));
  return { plain: schedule(calls, 'complete'), ideal: schedule(calls, 'final') };
}

function timedCall(shape: StreamingShape, { operation, input, ...call }: ShapeCall): TimedCall {
  const declared = shape.operations[operation];
  if (declared === undefined) throw new Error(`${shape.name} has no operation ${operation}`);
  if (declared.kind === 'tool') return { ...call, seconds: declared.seconds(input as never) };
  return { ...call, ...replyTimes(declared.reply(input as never)) };
}
