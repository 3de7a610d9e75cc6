/**
 * Works on all items, at most so many at the same time, in their order. After a failure nothing more is begun; it is thrown when all that
 * was begun has ended, so that nothing is left running behind the caller's back.
 */
export async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const workSome = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await work(item);
      } catch (error) {
        waiting.length = 0;
        throw error;
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: concurrency }, workSome));
  const failed = all.find((settled) => settled.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
