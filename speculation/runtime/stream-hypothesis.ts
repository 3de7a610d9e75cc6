import { describePartial, mayBecome, type PartialValue } from '../forecast/partial-value';
import { type Fiber, held } from './fiber';
import { Hypothesis } from './hypothesis';
import type { Operation } from './operation';
import type { OutputStream } from './output-stream';
import { isClosed, isViewable, nodeAt, viewOf } from './partial-view';

/** What is final of an output that still streams. It grows with the stream; what it has said stays. */
export class StreamHypothesis extends Hypothesis {
  constructor(
    operation: Operation,
    private readonly stream: OutputStream,
  ) {
    super(operation, { value: null, source: 'stream', rank: 0, costUsd: '0' });
  }

  get document(): PartialValue {
    return this.stream.document;
  }

  override get digest(): string {
    return describePartial(this.document);
  }

  /** What a fiber sees that assumes it; it waits where nothing is final yet. */
  viewFor(fiber: Fiber): Promise<unknown> {
    if (!isViewable(this.document)) return held();
    const { activityType } = this.operation;
    const view = viewOf({
      document: () => this.document,
      missing: (path, whole) =>
        fiber.endStrand({ hypothesis: this, path, whole }, `${activityType}${path.map((step) => `.${step}`).join('')}`),
    });
    return Promise.resolve(view);
  }

  protected override isRightFor(value: unknown): boolean {
    return mayBecome(this.document, value);
  }

  /** Whether a fiber that had to end gets further now. */
  getsFurther(fiber: Fiber): boolean {
    return fiber.missing.some(({ hypothesis, path, whole }) => {
      if (hypothesis !== this) return false;
      const node = nodeAt(this.document, path);
      if (whole) return isClosed(node);
      return isViewable(node) || (node === undefined && isClosed(nodeAt(this.document, path.slice(0, -1))));
    });
  }
}
