import { emptyControlState, applyObservations, type ControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import { ObservationReporter, type ReporterOptions } from '../speculation/plugin/observation-reporter';
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
    const batches: Observation[][] = [];
    const { reporter } = reporterTo(async (batch) => void batches.push([...batch]), { batchSize: 200, flushMs: 1e6 });
    reporter.report(attempts(450));
    await reporter.flush();
    expect(batches.map(({ length }) => length)).toEqual([200, 200, 50]);
    expect(batches.flat()).toEqual(attempts(450));
    expect(reporter.unacknowledged()).toEqual([]);
  });

  test('splits batches that are too large for a signal', async () => {
    const batches: Observation[][] = [];
    const { reporter } = reporterTo(async (batch) => void batches.push([...batch]), { flushMs: 1e6 });
    reporter.report([1, 2, 3].map((n) => attempt(n, 'x'.repeat(200_000))));
    await reporter.flush();
    expect(batches.map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  test('keeps what did not arrive, warns once, and delivers it later', async () => {
    let reachable = false;
    const delivered: Observation[] = [];
    const { reporter, warnings } = reporterTo(
      async (batch) => {
        if (!reachable) throw new Error('unavailable');
        delivered.push(...batch);
      },
      { flushMs: 1e6 },
    );
    reporter.report(attempts(3));
    await reporter.flush();
    await reporter.flush();
    expect(warnings).toEqual([expect.stringContaining('unavailable')]);
    reachable = true;
    reporter.report(attempts(1, 3));
    await reporter.flush();
    expect(delivered).toEqual(attempts(4));
  });

  test('drops the oldest when nobody can be reached for long, so that memory has a bound', async () => {
    const { reporter, warnings } = reporterTo(() => Promise.reject(new Error('unavailable')), {
      capacity: 10,
      flushMs: 1e6,
    });
    reporter.report(attempts(25));
    expect(reporter.unacknowledged()).toEqual(attempts(10, 15));
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
  function snapshotOf(remote: ControlState, unacknowledged: () => Observation[], duringFetch?: () => void) {
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
      unacknowledged,
      onFailure: (reason) => failures.push(reason),
    });
    return { snapshot, asked, failures };
  }
  const countOf = ({ state }: ControlSnapshot): number => state.operations['classify']?.count ?? 0;

  test('learns from its own worker at once', () => {
    const { snapshot } = snapshotOf(emptyControlState(), () => []);
    snapshot.observe(attempts(2));
    expect(countOf(snapshot)).toBe(2);
  });

  test("adds the worker's own observations to what it fetched, and counts none twice", async () => {
    const remote = emptyControlState();
    applyObservations(remote, [...attempts(2), ...attempts(5, 100)]);
    // Of its own three, the control plane has two already; it does not know that yet.
    const { snapshot } = snapshotOf(remote, () => attempts(3));
    snapshot.observe(attempts(3));
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(8);
  });

  test('does not lose what is seen while it fetches', async () => {
    const { snapshot } = snapshotOf(
      emptyControlState(),
      () => [],
      () => snapshot.observe(attempts(1)),
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
      unacknowledged: () => [],
      onFailure: (reason) => failures.push(reason),
    });
    snapshot.observe(attempts(1));
    await snapshot.refresh();
    await snapshot.refresh();
    expect(countOf(snapshot)).toBe(1);
    expect(failures).toEqual(['unavailable', expect.stringContaining('schema')]);
  });
});
