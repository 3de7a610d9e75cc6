import { bookEnd, emptyBooks, type BookedAs, type Books } from './books';
import { Call, type CallKind } from './call';
import type { EventQueue } from './event-queue';
import type { ResolvedOptions } from './options';
import type { Pool } from './pool';
import { operationOf, type Circumstances } from './question';
import type { CallDraw, RunDraw } from './run-draw';
import { StagedEffects } from './staged-effects';
import type { Hypothesis, Launch, Subject, Version } from './world';

/** What a run shares with the others. */
export interface Surroundings {
  events: EventQueue;
  options: ResolvedOptions;
  workload: string;
  poolNamed: (name: string) => Pool;
  nextId: () => number;
}

/** What is known and under way in one run. */
export abstract class RunState {
  readonly books: Books = { ...emptyBooks(), runs: 1 };
  /** Operations that need the output of each. */
  private readonly dependents: number[][];
  protected readonly done: boolean[];
  /** What each operation's output may be, while it is not known. */
  private readonly versions: Version[][];
  /** What was decided already about each operation, by what it rests on. */
  protected readonly considered: (readonly Hypothesis[])[][];
  protected readonly atWork = new Set<Subject>();
  protected readonly launches = new Set<Launch>();
  protected readonly effects: StagedEffects;

  constructor(
    protected readonly index: number,
    protected readonly draw: RunDraw,
    protected readonly around: Surroundings,
  ) {
    const { operations } = draw;
    this.dependents = operations.map(() => []);
    this.done = operations.map(() => false);
    this.versions = operations.map(() => []);
    this.considered = operations.map(() => []);
    this.effects = new StagedEffects(around.events, around.options.barrier, index);
    for (const [operation, { after }] of operations.entries()) {
      for (const upstream of after) this.dependentsOf(upstream).push(operation);
    }
  }

  protected newCall(
    kind: CallKind,
    draw: CallDraw,
    operation: number,
    rank: number,
    onFinished: () => void,
    onFailed: () => void,
  ): Call {
    const pool = operationOf(this.draw.operations, operation).pool ?? '';
    return new Call(kind, draw, pool, rank, onFinished, onFailed);
  }

  /** Books a call that is over, and tells who watches. */
  protected book(call: Call, operation: number, as: BookedAs): void {
    bookEnd(this.books, call, as);
    const { onCallEnd } = this.around.options.observer;
    if (onCallEnd === undefined || call.startedSeconds === null) return;
    const { name } = operationOf(this.draw.operations, operation);
    const { startedSeconds: startSeconds, costUsd } = call;
    const ended = { operation, name, outcome: as, startSeconds, endSeconds: call.endedSeconds ?? this.now, costUsd };
    onCallEnd(ended, this.index);
  }

  protected depthOf({ launch }: Subject): number {
    if (launch === null) return 0;
    return this.around.options.depth === 'block' ? launch.level : launch.openDepth;
  }

  protected get circumstances(): Circumstances {
    const { around, books, launches } = this;
    return {
      run: this.index,
      workload: around.workload,
      operations: this.draw.operations,
      nowSeconds: this.now,
      options: around.options,
      openLaunches: [...launches],
      dependentsOf: (operation) => this.dependentsOf(operation),
      nextId: around.nextId,
      spending: () => {
        let spentUsd = books.wasteUsd + books.draftUsd;
        let reservedUsd = 0;
        for (const { claimed, call, decision } of launches) {
          if (claimed) continue;
          if (call.state === 'finished') spentUsd += call.costUsd;
          else reservedUsd += decision.speculativeCostUsd;
        }
        return { spentUsd, reservedUsd };
      },
    };
  }

  protected get now(): number {
    return this.around.events.nowSeconds;
  }

  protected poolOf(call: Call): Pool {
    return this.around.poolNamed(call.pool);
  }

  protected dependentsOf(operation: number): number[] {
    return this.dependents[operation] ?? [];
  }

  protected versionsOf(operation: number): Version[] {
    return this.versions[operation] ?? [];
  }

  protected consideredFor(operation: number): (readonly Hypothesis[])[] {
    return this.considered[operation] ?? [];
  }

  protected forgetVersions(operation: number): void {
    this.versions[operation] = [];
  }

  /** Takes away what became of one subject, and what has been refuted, and puts `instead` in its place. */
  protected replaceVersions(operation: number, subject: Subject | null, instead: readonly Version[]): void {
    const kept = this.versionsOf(operation).filter(
      (version) => version.subject !== subject && version.guess?.state !== 'refuted',
    );
    this.versions[operation] = [...kept, ...instead];
  }
}
