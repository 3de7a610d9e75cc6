/** Something that will happen, unless it is cancelled. */
export interface Event {
  readonly atSeconds: number;
  cancel(): void;
}

interface QueuedEvent extends Event {
  readonly order: number;
  readonly happen: () => void;
  cancelled: boolean;
}

/** Virtual time: what happens next, and when. What happens at the same moment happens in the order in which it was planned. */
export class EventQueue {
  private readonly heap: QueuedEvent[] = [];
  private order = 0;
  private now = 0;
  private afterwards: (() => void)[] = [];

  /** Virtual seconds since the start. */
  get nowSeconds(): number {
    return this.now;
  }

  /** @param atSeconds not before now; what is earlier happens now */
  plan(atSeconds: number, happen: () => void): Event {
    const event: QueuedEvent = {
      atSeconds: Math.max(atSeconds, this.now),
      order: this.order++,
      happen,
      cancelled: false,
      cancel() {
        this.cancelled = true;
      },
    };
    this.heap.push(event);
    this.rise(this.heap.length - 1);
    return event;
  }

  /** Lets something happen now, when everything else that is planned for this moment has happened. */
  planAfterwards(happen: () => void): void {
    this.afterwards.push(happen);
  }

  /** Lets the next event happen. False when there is none. */
  step(): boolean {
    while (this.heap[0]?.cancelled === true) this.take();
    if (this.afterwards.length > 0 && this.heap[0]?.atSeconds !== this.now) {
      for (const happen of this.afterwards.splice(0)) happen();
      return true;
    }
    const event = this.take();
    if (event === undefined) return false;
    this.now = event.atSeconds;
    event.happen();
    return true;
  }

  private take(): QueuedEvent | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    this.heap[0] = last;
    this.sink();
    return first;
  }

  private rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  private sink(): void {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = this.isEarlier(right, left) ? right : left;
      if (!this.swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  private swapIfEarlier(child: number, parent: number): boolean {
    const low = this.heap[child];
    const high = this.heap[parent];
    if (low === undefined || high === undefined || !this.isEarlier(child, parent)) return false;
    this.heap[child] = high;
    this.heap[parent] = low;
    return true;
  }

  private isEarlier(left: number, right: number): boolean {
    const a = this.heap[left];
    const b = this.heap[right];
    if (a === undefined || b === undefined) return a !== undefined;
    return a.atSeconds < b.atSeconds || (a.atSeconds === b.atSeconds && a.order < b.order);
  }
}
