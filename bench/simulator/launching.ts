import { askForLaunch, operationOf } from './question';
import type { Random } from './random-stream';
import type { CallDraw, OperationDraw, RunDraw } from './run-draw';
import type { Surroundings } from './run-state';
import { Settling } from './settling';
import { assumptionsOf, combine, Launch, sameSet, type Subject, type Version } from './world';

/** Asks the rule about every call that could be started on what is guessed, and starts those that it wants. */
export abstract class Launching extends Settling {
  constructor(
    index: number,
    draw: RunDraw,
    around: Surroundings,
    private readonly random: Random,
  ) {
    super(index, draw, around);
  }

  /** Puts a call to work. */
  protected abstract submit(subject: Subject): void;
  /** A call has ended well. */
  protected abstract finishSubject(subject: Subject): void;
  protected abstract failLaunch(launch: Launch): void;

  protected offerDependents(operation: number): void {
    for (const dependent of this.dependentsOf(operation)) this.offer(dependent);
  }

  /** Decides about every combination of inputs for this operation that was not decided about before. */
  protected offer(operation: number): void {
    const { after } = operationOf(this.draw.operations, operation);
    let combinations: Version[][] = [[]];
    for (const upstream of after) {
      if (this.done[upstream] === true) continue;
      const versions = this.versionsOf(upstream);
      combinations = combinations.flatMap((chosen) => versions.map((version) => [...chosen, version]));
    }
    for (const inputs of combinations) this.decide(operation, inputs);
  }

  protected decide(operation: number, inputs: readonly Version[]): void {
    const assumes = combine(inputs.map(assumptionsOf));
    if (assumes === null || assumes.length === 0) return;
    if (assumes.some(({ state }) => state === 'refuted')) return;
    const considered = this.consideredFor(operation);
    if (
      considered.some((other) =>
        sameSet(
          other.filter(({ state }) => state !== 'confirmed'),
          assumes,
        ),
      )
    )
      return;
    considered.push(assumes);
    const depth = 1 + Math.max(0, ...inputs.map(({ subject }) => this.depthOf(subject)));
    const row = askForLaunch(this.circumstances, operation, assumes, depth);
    this.books.decisions += 1;
    this.around.options.observer.onDecision?.(row, this.index);
    if (row.decision === 'hold') return;

    const drawn = operationOf(this.draw.operations, operation);
    const rank = row.speculativeCostUsd === 0 ? Infinity : row.expectedValueUsd / row.speculativeCostUsd;
    const right = assumes.every(({ candidate }) => candidate.right);
    const launch: Launch = new Launch(operation, assumes, inputs, row, (self) =>
      this.newCall(
        'launch',
        this.drawLaunch(drawn, right),
        operation,
        rank,
        () => this.finishSubject(self.subject),
        () => this.failLaunch(self),
      ),
    );
    this.books.launched += 1;
    this.launches.add(launch);
    for (const { subject, guess } of inputs) if (guess !== null) subject.ledToLaunch = true;
    this.submit(launch.subject);
  }

  protected drawLaunch({ call, launched = call, astray }: OperationDraw, right: boolean): CallDraw {
    return right || astray === undefined ? launched : astray(this.random);
  }
}
