import { mine } from '../../speculation/mining/mine';
import type { MinedPatterns } from '../../speculation/mining/mined-patterns';
import type { Recording } from './recording';

/** Patterns of the agent's steps for a conversation, mined from the conversations of all other tasks, whatever their trial. */
export class LeftOutPatterns {
  readonly #byTask = new Map<number, MinedPatterns>();
  readonly #tasks: ReadonlyMap<string, number>;

  constructor(private readonly recordings: readonly Recording[]) {
    this.#tasks = new Map(recordings.map(({ scenarioId, task }) => [scenarioId, task]));
  }

  for(scenarioId: string): MinedPatterns | undefined {
    const task = this.#tasks.get(scenarioId);
    return task === undefined ? undefined : this.without(task);
  }

  without(task: number): MinedPatterns {
    const known = this.#byTask.get(task);
    if (known !== undefined) return known;
    const others = this.recordings.filter((recording) => recording.task !== task);
    const patterns = mine(
      others.map(({ session }) => session),
      { operations: ['agentStep'], groups: others.map((other) => String(other.task)) },
    );
    this.#byTask.set(task, patterns);
    return patterns;
  }
}
