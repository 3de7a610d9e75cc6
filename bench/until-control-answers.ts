import type { RunaheadClient } from '../client/runahead-client';

const TIMEOUT_MS = 60_000;
const POLL_MS = 200;

/** Waits until the control workflow answers: its code is bundled while the first worker starts. */
export async function untilControlAnswers(books: RunaheadClient): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    try {
      await books.lateBills();
      return;
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
