import { settingRows, throughputs } from '../bench/scale/capacity-figures';
import type { Batch } from '../bench/scale/load';
import { memoryFigures, slopeOf } from '../bench/scale/memory-figures';
import { simulateScale } from '../bench/scale/simulated-scale';
import type { MemoryReading } from '../bench/scale/open-pipelines';

const batch = (pipelines: number, seconds: number, latency: number, launches = 0, claimed = 0): Batch => ({
  pipelines,
  seconds,
  latencySeconds: Array.from({ length: pipelines }, () => latency),
  launches,
  claimed,
  wrong: 0,
});
const round = { plain: batch(20, 2, 0.4), off: batch(18, 2, 0.5), ahead: batch(30, 2, 0.3, 30, 22) };
const setting = { workers: 2, atOnce: 4, open: 0, rounds: [round, round] };

test('rates are compared with those of the plain pipeline in the same rounds, and latency by what is saved of it', () => {
  expect(throughputs(setting, 1).map(({ pipelinesPerSecond, ofPlain }) => [pipelinesPerSecond, ofPlain.value])).toEqual(
    [
      [10, 1],
      [9, 0.9],
      [15, 1.5],
    ],
  );
  const [plain, off, ahead] = settingRows(setting, 1);
  expect(plain?.saved.value).toBe(0);
  expect(off?.saved.value).toBeCloseTo(-0.25, 10);
  expect(ahead?.saved.value).toBeCloseTo(0.25, 10);
  expect(ahead).toMatchObject({
    label: 'run ahead, 2 workers, 4 at once',
    claimed: { numerator: 44, denominator: 60 },
  });
});

test('memory of an open pipeline is the slope of the readings of its own variant', () => {
  const reading = (variant: MemoryReading['variant'], open: number, residentBytes: number): MemoryReading => ({
    variant,
    open,
    residentBytes,
    cachedPipelines: open,
    answers: open,
    launches: 0,
    answered: open,
  });
  const readings = [0, 100, 200, 400].flatMap((open) => [
    reading('plain', open, 1e8 + 50_000 * open),
    reading('ahead', open, 2e8 + 90_000 * open),
  ]);
  expect(slopeOf(readings.filter(({ variant }) => variant === 'plain'))).toBeCloseTo(50_000, 3);
  const [plain, ahead] = memoryFigures(readings, 1);
  expect(plain).toMatchObject({ variant: 'plain', open: 400, emptyBytes: 1e8, fullBytes: 1.2e8 });
  expect(ahead?.bytesPerPipeline?.value).toBeCloseTo(90_000, 3);
});

test('in the simulator run-ahead saves time on slack, and less of it the busier the slots are', () => {
  const [slack, busy] = simulateScale(200, 1);
  expect(slack!.pipelines).toBe(600);
  // Of two calls that take the same on average, the shorter of both is saved where the forecast is right: 0.75 * 0.1 s of 0.4 s.
  expect(1 - slack!.ahead.meanSeconds / slack!.plain.meanSeconds).toBeGreaterThan(0.12);
  expect(busy!.ahead.meanSeconds / busy!.plain.meanSeconds).toBeGreaterThan(
    slack!.ahead.meanSeconds / slack!.plain.meanSeconds,
  );
});
