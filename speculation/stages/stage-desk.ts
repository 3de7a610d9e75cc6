import type { StageReference } from '../runtime/protocol';
import type { StageDefinition } from './stage-definition';
import { discardStage } from './staged-activity';

export interface StageDeskOptions {
  /** By activity type. What is not there is somebody else's. */
  definitions: ReadonlyMap<string, StageDefinition>;
  warnOnce: (key: string, message: string) => void;
  /** Stages that wait to be discarded; what comes on top is left to the sweeper. @default 10000 */
  capacity?: number;
}

/** Discards at the same time. */
const HANDS = 4;

/**
 * Discards what pipelines have withdrawn, in the background: a pipeline never waits for it and never fails because of it. What is missed
 * here, the sweeper finds.
 */
export class StageDesk {
  readonly #options: Required<StageDeskOptions>;
  readonly #waiting: StageReference[] = [];
  readonly #hands = new Set<Promise<void>>();

  constructor(options: StageDeskOptions) {
    this.#options = { capacity: 10_000, ...options };
  }

  discard(stages: readonly StageReference[]): void {
    const { capacity, definitions, warnOnce } = this.#options;
    for (const stage of stages) {
      if (!definitions.has(stage.activityType)) continue;
      if (this.#waiting.length >= capacity) {
        const message = `More than ${capacity} stages wait to be discarded; the rest is left to the sweeper.`;
        warnOnce('stage-desk-full', message);
        break;
      }
      this.#waiting.push(stage);
    }
    while (this.#hands.size < HANDS && this.#hands.size < this.#waiting.length) this.#lendHand();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#hands.size > 0) await Promise.all(this.#hands);
  }

  #lendHand(): void {
    const hand = this.#work().finally(() => this.#hands.delete(hand));
    this.#hands.add(hand);
  }

  async #work(): Promise<void> {
    for (let stage = this.#waiting.shift(); stage !== undefined; stage = this.#waiting.shift()) {
      await this.#discard(stage);
    }
  }

  async #discard({ activityType, id }: StageReference): Promise<void> {
    const definition = this.#options.definitions.get(activityType);
    if (definition === undefined) return;
    try {
      await discardStage(definition, id);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `A stage of ${activityType} could not be discarded (${reason}); the sweeper will try again.`;
      this.#options.warnOnce(`stage-discard:${activityType}`, message);
    }
  }
}
