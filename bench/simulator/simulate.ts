import { addBooks, emptyBooks, type Books } from './books';
import { EventQueue } from './event-queue';
import { resolveOptions, type SimulationOptions } from './options';
import { Pool } from './pool';
import { randomStream } from './random-stream';
import type { Workload } from './run-draw';
import { SimulatedRun } from './simulated-run';

/** What a simulation has to say. */
export interface SimulationResult {
  /** All runs together. */
  total: Books;
  /** In the order of their numbers. */
  runs: readonly Books[];
  /** Virtual seconds at which the last thing happened. */
  endSeconds: number;
}

/**
 * Runs a workload in virtual time. The same workload, options and seed give the same result, to the last digit; what a run draws depends
 * on seed and number of the run alone, so policies and bounds are compared on the same runs.
 *
 * @throws InvalidSimulationError for options that cannot be used
 */
export function simulate(workload: Workload, options: SimulationOptions): SimulationResult {
  const resolved = resolveOptions(options);
  const { seed, runs, observer } = resolved;
  const events = new EventQueue();
  const pools = new Map<string, Pool>();
  const poolNamed = (name: string): Pool => {
    const pool = pools.get(name) ?? new Pool(events, resolved.pools[name] ?? {});
    pools.set(name, pool);
    return pool;
  };
  const books: (Books | undefined)[] = [];
  const active = new Set<SimulatedRun>();
  let decisions = 0;
  const around = { events, options: resolved, workload: workload.name, poolNamed, nextId: () => decisions++ };

  const begin = (index: number): void => {
    const draw = workload.draw(index, randomStream(seed, 'run', index));
    const run = new SimulatedRun(index, draw, around, randomStream(seed, 'astray', index), (ended) => {
      active.delete(ended);
      books[index] = ended.books;
      observer.onRunEnd?.(index, ended.books, events.nowSeconds);
      if (resolved.arrivals === 'one-by-one' && index + 1 < runs)
        events.plan(events.nowSeconds, () => begin(index + 1));
    });
    active.add(run);
    run.start();
  };
  if (resolved.arrivals === 'one-by-one') events.plan(0, () => begin(0));
  else for (let index = 0; index < runs; index++) events.plan(resolved.arrivals(index), beginning(begin, index));
  for (const atSeconds of resolved.crashes) {
    events.plan(atSeconds, () => {
      for (const run of active) run.crash();
    });
  }
  while (events.step());

  const ended = books.filter((each) => each !== undefined);
  return { total: ended.reduce(addBooks, emptyBooks()), runs: ended, endSeconds: events.nowSeconds };
}

function beginning(begin: (index: number) => void, index: number): () => void {
  return () => {
    begin(index);
  };
}
