import { emptyControlState, applyObservations, type ControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import { receiveObservations, type ObservationBatch } from '../speculation/estimate/observation-batch';
import {
  ObservationReporter,
  type NumberedObservation,
  type ReporterOptions,
} from '../speculation/plugin/observation-reporter';
import { ControlSnapshot } from '../speculation/plugin/snapshot';

const attempt = (n: number, output: unknown = null): Observation => ({
  kind: 'operation',
  id: `run/${n}/1`,
  pipeline: 'p',
  operation: 'classify',
  contextKey: null,
  output,
  latencySeconds: 1,
  tokens: null,
  costUsd: '0',
  succeeded: true,
});
const attempts = (count: number, from = 0): Observation[] =>
  Array.from({ length: count }, (_, index) => attempt(from + index));
/** As reported by a worker of its own, from `first` on. */
const numbered = (observations: readonly Observation[], first = 1): NumberedObservation[] =>
  observations.map((observation, index) => ({ number: first + index, observation }));
const observationsOf = (pending: readonly NumberedObservation[]): Observation[] =>
  pending.map(({ observation }) => observation);

function reporterTo(send: ReporterOptions['send'], options: Partial<ReporterOptions> = {}) {
  const warnings: string[] = [];
  const seen = new Set<string>();
  const warnOnce = (key: string, message: string): void => {
    if (!seen.has(key)) warnings.push(message);
    seen.add(key);
  };
  return { warnings, reporter: new ObservationReporter({ send, warnOnce, ...options }) };
}

describe('a reporter of observations', () => {
  test('delivers each once, in order, in batches that are full at most', async () => {
    const batches: ObservationBatch[] = [];
    const { reporter } = reporterTo(async (batch) => void batches.push(batch), { batchSize: 200, flushMs: 1e6 });
    reporter.report(attempts(450));
    await reporter.flush();
    expect(batches.map(({ observations }) => observations.length)).toEqual([200, 200, 50]);
    expect(batches.flatMap(({ observations }) => observations)).toEqual(attempts(450));
    expect(reporter.unacknowledged()).toEqual([]);
  });

  test('numbers its batches upwards under a name that no other reporter has', async () => {
    const batches: ObservationBatch[] = [];
    const collect = async (batch: ObservationBatch): Promise<void> => void batches.push(batch);
    const reporters = [1, 2].map(() => reporterTo(collect, { batchSize: 2, flushMs: 1e6 }).reporter);
    for (const reporter of reporters) {
      reporter.report(attempts(3));
      await reporter.flush();
    }
    expect(batches.map(({ number }) => number)).toEqual([2, 3, 2, 3]);
    expect(new Set(batches.map(({ sender }) => sender)).size).toBe(2);
  });

  test('sends a batch that did not arrive again as it was, whatever has been reported since', async () => {
    const batches: ObservationBatch[] = [];
    const { reporter, warnings } = reporterTo(
      async (batch) => {
        batches.push(batch);
        if (batches.length <= 2) throw new Error('unavailable');
      },
      { flushMs: 1e6 },
    );
    reporter.report(attempts(3));
    await reporter.flush();
    reporter.report(attempts(1, 3));
    await reporter.flush();
    await reporter.flush();
    const [first, second, third, fourth] = batches;
    expect(first).toMatchObject({ number: 3, observations: attempts(3) });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(fourth).toMatchObject({ number: 4, observations: attempts(1, 3) });
    expect(warnings).toEqual([expect.stringContaining('unavailable')]);
    expect(reporter.unacknowledged()).toEqual([]);
  });

  test('splits batches that are too large for a signal', async () => {
    const batches: ObservationBatch[] = [];
    const { reporter } = reporterTo(async (batch) => void batches.push(batch), { flushMs: 1e6 });
    reporter.report([1, 2, 3].map((n) => attempt(n, 'x'.repeat(200_000))));
    await reporter.flush();
    expect(batches.map(({ observations }) => observations.length)).toEqual([1, 1, 1]);
  });

  test.each([
    ['too large for any signal', attempt(2, '€'.repeat(600_000))],
    ['no JSON', attempt(2, 1n)],
  ])('leaves out an observation that is %s, and delivers those behind it', async (_what, unsendable) => {
    const delivered: Observation[] = [];
    const { reporter, warnings } = reporterTo(async ({ observations }) => void delivered.push(...observations), {
      flushMs: 1e6,
    });
    const reported = reporter.report([attempt(1), unsendable, attempt(3)]);
    expect(observationsOf(reported)).toEqual([attempt(1), attempt(3)]);
    await reporter.flush();
    expect(delivered).toEqual([attempt(1), attempt(3)]);
    expect(warnings).toEqual([expect.stringContaining('run/2/1')]);
  });

  test('leaves no more than a megabyte behind that nobody has taken in', async () => {
    let deliveredBytes = 0;
    let hosted = false;
    const { reporter, warnings } = reporterTo(async (batch) => void (deliveredBytes += JSON.stringify(batch).length), {
      flushMs: 1e6,
      counted: async () => {
        if (!hosted) throw new Error('no worker hosts it');
        return 0;
      },
    });
    reporter.report(Array.from({ length: 40 }, (_, n) => attempt(n, 'x'.repeat(100_000))));
    await reporter.flush();
    expect(deliveredBytes).toBeGreaterThan(1_000_000);
    expect(deliveredBytes).toBeLessThan(1_400_000);
    expect(warnings).toEqual([expect.stringContaining('no worker hosts it')]);
    hosted = true;
    await reporter.flush();
    expect(reporter.unacknowledged()).toEqual([]);
  });

  test('drops the oldest when nobody can be reached for long, so that memory has a bound', async () => {
    const { reporter, warnings } = reporterTo(() => Promise.reject(new Error('unavailable')), {
      capacity: 10,
      flushMs: 1e6,
    });
    reporter.report(attempts(25));
    expect(reporter.unacknowledged()).toMatchObject(numbered(attempts(10, 15), 16));
    expect(reporter.unacknowledgedCount).toBe(10);
    expect(warnings).toHaveLength(1);
  });

  test('delivers by itself after a while', async () => {
    const { reporter } = await new Promise<{ reporter: ObservationReporter }>((resolve) => {
      const made = reporterTo(async () => resolve(made), { flushMs: 1 });
      made.reporter.report(attempts(1));
    });
    await reporter.flush();
    expect(reporter.unacknowledged()).toEqual([]);
  });
});

describe('a snapshot of the control plane', () => {
  function snapshotOf(remote: ControlState, unacknowledged: () => NumberedObservation[], duringFetch?: () => void) {
    const asked: (string | null)[] = [];
    const failures: string[] = [];
    const snapshot = new ControlSnapshot({
      initial: emptyControlState(),
      fetch: async (version) => {
        asked.push(version);
        duringFetch?.();
        const now = `run:${remote.revision}`;
        return { version: now, state: version === now ? null : structuredClone(remote) };
      },
      sender: 'worker',
      unacknowledged,
      onFailure: (reason) => failures.push(reason),
    });
    return { snapshot, asked, failures };
  }
  const countOf = ({ state }: ControlSnapshot): number => state.operations['classify']?.count ?? 0;

  test('learns from its own worker at once', () => {
    const { snapshot } = snapshotOf(emptyControlState(), () => []);
    snapshot.observe(numbered(attempts(2)));
    expect(countOf(snapshot)).toBe(2);
  });

  test("adds the worker's own observations to what it fetched, and counts none twice", async () => {
    const remote = emptyControlState();
    applyObservations(remote, [...attempts(2), ...attempts(5, 100)]);
    // Of its own three, the control plane has two already; it does not know that yet.
    const { snapshot } = snapshotOf(remote, () => numbered(attempts(3)));
    snapshot.observe(numbered(attempts(3)));
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(8);
  });

  test('counts none of its own twice, however long ago the control plane has counted it', async () => {
    const remote = emptyControlState();
    receiveObservations(remote, { sender: 'worker', number: 3, observations: attempts(3) });
    // More ids than are remembered.
    for (let from = 100; from < 25_100; from += 1_000) applyObservations(remote, attempts(1_000, from));
    const { snapshot } = snapshotOf(remote, () => numbered(attempts(4)));
    snapshot.observe(numbered(attempts(4)));
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(25_004);
  });

  test('does not lose what is seen while it fetches', async () => {
    const { snapshot } = snapshotOf(
      emptyControlState(),
      () => [],
      () => snapshot.observe(numbered(attempts(1))),
    );
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(1);
  });

  test('asks with the version it has, and keeps its state when there is nothing new', async () => {
    const { snapshot, asked } = snapshotOf(emptyControlState(), () => []);
    await snapshot.refresh();
    const { state } = snapshot;
    await snapshot.refresh();
    expect(asked).toEqual([null, 'run:0']);
    expect(snapshot.state).toBe(state);
  });

  test('keeps what it knows when there is no answer, or a senseless one', async () => {
    const failures: string[] = [];
    const answers = [
      Promise.reject(new Error('unavailable')),
      Promise.resolve({ version: 'v', state: { schema: 7 } as never }),
    ];
    answers.forEach((answer) => void answer.catch(() => undefined));
    const snapshot = new ControlSnapshot({
      initial: emptyControlState(),
      fetch: () => answers.shift()!,
      sender: 'worker',
      unacknowledged: () => [],
      onFailure: (reason) => failures.push(reason),
    });
    snapshot.observe(numbered(attempts(1)));
    await snapshot.refresh();
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(1);
    expect(failures).toEqual(['unavailable', expect.stringContaining('schema')]);
  });
});
