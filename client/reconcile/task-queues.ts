import type { BooksSource } from './read-books';

/** On which task queues nobody answers: every question there would wait for its time-out. */
export class TaskQueues {
  readonly #polled = new Map<string, Promise<boolean>>();
  readonly #answers = new Map<string, boolean>();

  constructor(private readonly source: Pick<BooksSource, 'client' | 'namespace' | 'inTime'>) {}

  async isSilent(taskQueue: string): Promise<boolean> {
    let polled = this.#polled.get(taskQueue);
    if (polled === undefined) {
      polled = this.#isPolled(taskQueue);
      this.#polled.set(taskQueue, polled);
    }
    return !(await polled) || this.#answers.get(taskQueue) === false;
  }

  answered(taskQueue: string): void {
    this.#answers.set(taskQueue, true);
  }

  /** One that has answered before is only slow. */
  unanswered(taskQueue: string): void {
    if (!this.#answers.has(taskQueue)) this.#answers.set(taskQueue, false);
  }

  /** By workers for workflows, which is what the server answers for where no type is given. It remembers workers for some minutes after they have gone. */
  async #isPolled(name: string): Promise<boolean> {
    const { client, namespace, inTime } = this.source;
    try {
      const { pollers } = await inTime(() =>
        client.workflowService.describeTaskQueue({ namespace, taskQueue: { name } }),
      );
      return pollers.length > 0;
    } catch {
      // Whoever may not look may still ask.
      return true;
    }
  }
}
