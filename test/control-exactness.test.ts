import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type { ControlBenchReport } from '../bench/control-experiment';
import { ratesOf } from '../bench/control-rate';
import { addTo, differenceOf, tallyName, tallyOf, type Tally } from '../bench/control-tally';
import { attemptOf, initialState, observationAt } from '../bench/control-traffic';
import { makeRoom } from '../speculation/estimate/carry-room';
import { applyObservations, emptyControlState, type ControlState } from '../speculation/estimate/control-state';
import type { Observation } from '../speculation/estimate/observation';
import { receiveObservations, type ObservationBatch } from '../speculation/estimate/observation-batch';
import { noRecentEntries } from '../speculation/estimate/recent-entries';
import { highestNumber, isNewBatch, noSenders } from '../speculation/estimate/senders';

const run = promisify(execFile);

/** A control state that remembers the ids of two observations: only the numbers of the batches keep it exact. */
function forgetful(): ControlState {
  return { ...emptyControlState(), seen: noRecentEntries(1) };
}

const countOf = (state: ControlState, operation: string): number => state.operations[operation]?.count ?? 0;

describe('a sender that numbers its batches', () => {
  /** What can happen to a sender, one step after the other. */
  const step = fc.record({
    sender: fc.nat(3),
    what: fc.constantFrom('deliver', 'deliver', 'deliver and acknowledge', 'late copy', 'garbage', 'restart'),
    size: fc.integer({ min: 1, max: 4 }),
    older: fc.nat(20),
  });

  test('has each observation counted once, whatever is delivered again, late or in between, and across its restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const state = forgetful();
        const expected = new Map<string, number>();
        const delivered: ObservationBatch[] = [];
        const current = new Map<number, { name: string; number: number; batch: ObservationBatch | null }>();
        let names = 0;
        for (const { sender, what, size, older } of steps) {
          const own = current.get(sender) ?? { name: `sender ${(names += 1)}`, number: 0, batch: null };
          current.set(sender, own);
          if (what === 'restart') {
            // What was on its way goes down with the process; a new one begins under another name.
            current.delete(sender);
          } else if (what === 'garbage') {
            own.number += 1;
            own.batch = null;
            receiveObservations(state, {
              sender: own.name,
              number: own.number,
              observations: [null, { kind: 'edge' }],
            });
          } else if (what === 'late copy') {
            // Only what was sent already can come again.
            const copy = delivered[delivered.length - 1 - (older % Math.max(delivered.length, 1))];
            if (copy !== undefined) receiveObservations(state, structuredClone(copy));
          } else {
            if (own.batch === null) {
              own.number += size;
              const operation = own.name;
              const observations = Array.from({ length: size }, (_, n) => attemptOf(operation, own.number * 10 + n));
              own.batch = { sender: own.name, number: own.number, observations };
              expected.set(operation, (expected.get(operation) ?? 0) + size);
              delivered.push(own.batch);
            }
            receiveObservations(state, structuredClone(own.batch));
            if (what === 'deliver and acknowledge') own.batch = null;
          }
        }
        for (const [operation, count] of expected) expect(countOf(state, operation)).toBe(count);
      }),
      { numRuns: 300 },
    );
  });

  test('is remembered while fewer than a thousand others are heard, however long it takes', () => {
    const senders = noSenders();
    expect(isNewBatch(senders, 'patient', 7)).toBe(true);
    for (let other = 0; other < 999; other++) {
      for (let number = 1; number <= 20; number++) isNewBatch(senders, `other ${other}`, number);
    }
    expect(isNewBatch(senders, 'patient', 7)).toBe(false);
    expect(highestNumber(senders, 'patient')).toBe(7);
  });

  test('takes up little room, however many there are', () => {
    const senders = noSenders();
    for (let other = 0; other < 20_000; other++)
      isNewBatch(senders, `worker on a machine with a long name ${other}`, 1e9);
    expect(JSON.stringify(senders).length).toBeLessThan(60_000);
  });

  test.each([
    ['nothing', null],
    ['text', 'observations'],
    ['a batch without a sender', { number: 1, observations: [] }],
    ['a batch of a nameless sender', { sender: '', number: 1, observations: [] }],
    ['a batch without a number', { sender: 'worker', observations: [] }],
    ['a batch whose number is text', { sender: 'worker', number: '1', observations: [] }],
    ['a batch whose number is 0', { sender: 'worker', number: 0, observations: [] }],
    ['a batch whose number is 1.5', { sender: 'worker', number: 1.5, observations: [] }],
    ['a batch whose number is NaN', { sender: 'worker', number: NaN, observations: [] }],
    ['a batch without observations', { sender: 'worker', number: 1 }],
  ])('loses nothing because %s comes in between', (_what, garbage) => {
    const state = forgetful();
    const before = structuredClone(state);
    expect(() => receiveObservations(state, garbage)).toThrow(TypeError);
    expect(state).toEqual(before);
    receiveObservations(state, { sender: 'worker', number: 1, observations: [attemptOf('classify', 1)] });
    expect(countOf(state, 'classify')).toBe(1);
  });

  test('goes on after a batch of which nothing can be used', () => {
    const state = forgetful();
    const garbage = { sender: 'worker', number: 2, observations: [7, { kind: 'operation' }] };
    expect(receiveObservations(state, garbage)).toBe(0);
    expect(receiveObservations(state, garbage)).toBe(0);
    expect(receiveObservations(state, { ...garbage, number: 3, observations: [attemptOf('classify', 1)] })).toBe(1);
    expect(state.rejected).toBe(2);
  });

  test('and what another worker reports as well, also in a bare list, counts once', () => {
    const state = emptyControlState();
    const observations: Observation[] = [attemptOf('classify', 1), attemptOf('classify', 2)];
    receiveObservations(state, { sender: 'first', number: 2, observations });
    receiveObservations(state, { sender: 'second', number: 1, observations: [attemptOf('classify', 2)] });
    receiveObservations(state, [attemptOf('classify', 1), attemptOf('classify', 3)]);
    expect(countOf(state, 'classify')).toBe(3);
  });
});

describe('the comparison', () => {
  const observations = Array.from({ length: 4_000 }, (_, n) => observationAt(0, n));
  const handedIn: Tally = new Map();
  for (const observation of observations) addTo(handedIn, tallyName(observation));
  const counts = (learned: readonly Observation[]): Tally => {
    const state = initialState();
    applyObservations(state, learned);
    return tallyOf(state);
  };

  test('agrees when everything is counted once', () => {
    expect(differenceOf(handedIn, counts(observations))).toMatchObject({
      handedIn: 3_800,
      counted: 3_800,
      lost: 0,
      doubled: 0,
    });
  });

  test.each([
    ['an operation', 0],
    ['the outcome of a forecast', 12],
    ['a launch', 16],
    ['a late bill', 19],
  ])('notices when one is lost and one is doubled, of the kind of %s', (_what, n) => {
    const [lost, twice] = [
      observationAt(0, n),
      { ...observationAt(0, n + 20 * 9), id: 'once more', activityId: 'other' },
    ];
    const learned = [...observations.filter(({ id }) => id !== lost.id), twice as Observation];
    const difference = differenceOf(handedIn, counts(learned));
    // A late bill is a late bill: there is only one count of them.
    expect(difference).toMatchObject(n === 19 ? { lost: 0, doubled: 0 } : { lost: 1, doubled: 1 });
    const withoutTwice = differenceOf(handedIn, counts(learned.slice(0, -1)));
    expect(withoutTwice).toMatchObject({ lost: 1, doubled: 0 });
  });

  test('finds the worst stretch', () => {
    const samples = [0, 1, 2, 3, 4, 5, 6].map((second) => ({
      atMs: second * 1000,
      counted: Math.min(second, 3) * 100,
    }));
    expect(ratesOf(samples, 2_000)).toEqual({ sustainedPerSecond: 50, worstPerSecond: 0 });
  });
});

describe('a state that is handed on', () => {
  const large = initialState();
  for (let stream = 0; stream < 3; stream++) {
    applyObservations(
      large,
      Array.from({ length: 8_000 }, (_, n) => observationAt(stream, n)),
    );
  }

  test('stays as it is while it fits', () => {
    const state = structuredClone(large);
    makeRoom(state, 10_000_000);
    expect(state).toEqual(large);
  });

  test.each([1_000_000, 900_000, 800_000])('fits into %d bytes without losing a count', (mostBytes) => {
    const state = structuredClone(large);
    expect(makeRoom(state, mostBytes)).toBeLessThanOrEqual(mostBytes);
    expect(Buffer.byteLength(JSON.stringify(state))).toBeLessThanOrEqual(mostBytes);
    expect(tallyOf(state)).toEqual(tallyOf(large));
  });

  test('fits also when names from outside have made it far too large', () => {
    const state = structuredClone(large);
    applyObservations(
      state,
      Array.from({ length: 20_000 }, (_, n) => attemptOf(`opération ${n}`, 1)),
    );
    expect(makeRoom(state)).toBeLessThanOrEqual(1_800_000);
    expect(countOf(state, 'operation-1')).toBe(countOf(large, 'operation-1'));
  });
});

describe('the control workflow', () => {
  test('counts each of 20,000 observations once, while a worker, the server and a reporter are killed', async () => {
    const root = join(__dirname, '..');
    const hook = join(__dirname, 'support', 'typescript-hook.cjs');
    const { stdout } = await run(
      process.execPath,
      [
        '--require',
        hook,
        join(root, 'bench', 'control.ts'),
        '--observations',
        '20000',
        '--kill',
        '--kills',
        '3',
        '--json',
      ],
      { cwd: root, maxBuffer: 1e8 },
    ).catch((error: unknown) => error as { stdout: string });
    const report = JSON.parse(stdout) as ControlBenchReport;
    expect(report).toMatchObject({
      complete: true,
      lost: 0,
      doubled: 0,
      rejected: 0,
      examples: [],
      kills: { host: 1, server: 1, reporter: 1 },
    });
    expect(report.counted).toBe(report.handedIn);
    expect(report.runs).toBeGreaterThan(1);
    expect(report.observations).toBeGreaterThanOrEqual(20_000);
    expect(report.largestCarryBytes).toBeLessThan(2 * 1024 * 1024);
    const [killed] = report.killedReporters;
    expect(killed!.counted).toBeGreaterThanOrEqual(killed!.acknowledged);
    expect(killed!.counted).toBeLessThanOrEqual(killed!.handedIn);
  }, 240_000);
});
