import type { Decision } from '../../speculation/decision/decision';
import { launchQuantities } from '../../speculation/decision/launch-quantities';
import { byValuePerDollar, valuePerDollar } from '../../speculation/decision/value-per-dollar';
import type { LaunchPolicy } from '../../speculation/policies/launch-policy';
import { askForLaunch, operationOf } from './question';
import type { Random } from './random-stream';
import type { CallDraw, OperationDraw, RunDraw } from './run-draw';
import type { Surroundings } from './run-state';
import { Settling } from './settling';
import { assumptionsOf, combine, Launch, sameSet, type Hypothesis, type Subject, type Version } from './world';

/** A call that could be started on what is guessed. */
interface Proposal {
  operation: number;
  inputs: readonly Version[];
  assumes: readonly Hypothesis[];
}

/** Asks the rule about every call that could be started on what is guessed, and starts those that it wants. */
export abstract class Launching extends Settling {
  /** Operations to decide about when this moment is over. */
  private readonly offered: number[] = [];
  /** What was decided against, and for which operation: as in the runtime it is asked again when something that it rests on comes true. */
  private readonly held = new Map<readonly Hypothesis[], number>();

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

  protected override confirm(hypothesis: Hypothesis): void {
    super.confirm(hypothesis);
    for (const [assumes, operation] of this.held) {
      if (!assumes.includes(hypothesis)) continue;
      this.held.delete(assumes);
      const considered = this.consideredFor(operation);
      const at = considered.indexOf(assumes);
      if (at < 0) continue;
      considered.splice(at, 1);
      this.offer(operation);
    }
  }

  /** Decides about this operation, once everything that happens at this moment is known. */
  protected offer(operation: number): void {
    if (this.offered.includes(operation)) return;
    this.offered.push(operation);
    if (this.offered.length === 1) this.around.events.planAfterwards(() => this.admit());
  }

  /** As the runtime admits launches: what was offered at the same moment is decided in the order of its value, or as the policy has it. */
  private admit(): void {
    const proposals = this.offered.splice(0).flatMap((operation) => this.proposalsFor(operation));
    if (proposals.length > 1) {
      const order = inOrderOf(this.around.options.policy);
      const ranked = proposals.map((proposal, id) => ({ proposal, row: Object.assign(this.askFor(proposal), { id }) }));
      ranked.sort((left, right) => order(left.row, right.row));
      const before = this.books.launched;
      // What was decided for the ranking stands until something is launched.
      for (const { proposal, row } of ranked) this.decide(proposal, this.books.launched === before ? row : null);
    } else for (const proposal of proposals) this.decide(proposal, null);
  }

  /** Every combination of inputs for this operation that was not decided about before. */
  private proposalsFor(operation: number): Proposal[] {
    const { after } = operationOf(this.draw.operations, operation);
    let combinations: Version[][] = [[]];
    for (const upstream of after) {
      if (this.done[upstream] === true) continue;
      const versions = this.versionsOf(upstream);
      combinations = combinations.flatMap((chosen) => versions.map((version) => [...chosen, version]));
    }
    return combinations.flatMap((inputs) => {
      const assumes = combine(inputs.map(assumptionsOf));
      if (assumes === null || assumes.length === 0) return [];
      if (assumes.some(({ state }) => state === 'refuted')) return [];
      const considered = this.consideredFor(operation);
      if (considered.some((other) => sameSet(stillOpen(other), assumes))) return [];
      considered.push(assumes);
      return [{ operation, inputs, assumes }];
    });
  }

  private askFor({ operation, inputs, assumes }: Proposal): Decision {
    const depth = 1 + Math.max(0, ...inputs.map(({ subject }) => this.depthOf(subject)));
    return askForLaunch(this.circumstances, operation, assumes, inputs, depth);
  }

  private decide(proposal: Proposal, known: Decision | null): void {
    const { operation, inputs, assumes } = proposal;
    const row = known ?? this.askFor(proposal);
    this.books.decisions += 1;
    this.around.options.observer.onDecision?.(row, this.index);
    if (row.decision === 'hold') {
      if (row.admissible && row.reason !== 'too-deep' && this.done[operation] !== true)
        this.held.set(assumes, operation);
      return;
    }

    const drawn = operationOf(this.draw.operations, operation);
    const rank =
      this.around.options.policy.priority?.(launchQuantities(row, row)) ??
      valuePerDollar(row.expectedValueUsd, row.speculativeCostUsd);
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

/** As `speculation/runtime/admission.ts`: best value per dollar first, or as the policy has it. */
function inOrderOf(policy: LaunchPolicy): (left: Decision, right: Decision) => number {
  if (policy.priority === undefined) return byValuePerDollar;
  const priority = (row: Decision): number => policy.priority?.(launchQuantities(row, row)) ?? 0;
  return (left, right) => priority(right) - priority(left) || byValuePerDollar(left, right);
}

function stillOpen(assumes: readonly Hypothesis[]): readonly Hypothesis[] {
  return assumes.filter(({ state }) => state !== 'confirmed');
}
