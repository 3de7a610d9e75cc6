import { Context } from '@temporalio/activity';

/** The body of an activity that beats until it is cancelled, and then ends as cancelled. */
export async function untilCancelled(): Promise<void> {
  const beat = setInterval(() => Context.current().heartbeat(), 50);
  try {
    await Context.current().cancelled;
  } finally {
    clearInterval(beat);
  }
}
