/**
 * Works through a list, so many at a time; the answers are in the order of the list. After a failure nothing is begun any more, and it is
 * thrown when what was under way has ended.
 */
export async function inPool<Item, Answer>(
  items: readonly Item[],
  atATime: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const waiting = items.map((item, index) => ({ item, index }));
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failures.length === 0; next = waiting.shift()) {
      try {
        answers[next.index] = await work(next.item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, one));
  if (failures.length > 0) throw failures[0];
  return answers;
}
