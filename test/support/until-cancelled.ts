import { Context } from '@temporalio/activity';

/** The body of an activity that beats until it is cancelled, and then ends as cancelled. */
export async function untilCancelled(): Promise<void> {
  // One that outlives its worker is never told, and must not keep the process.
  const beat = setInterval(() => Context.current().heartbeat(), 50).unref();
  try {
    await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}
