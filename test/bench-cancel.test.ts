import { cancelExperiment } from '../bench/cancelling/experiment';
import { CANCEL_SETTINGS } from '../bench/cancelling/setting';
import { cancelReport, missedTargets } from '../bench/cancelling/setting-report';
import { runahead } from './support/command-line';

describe('the table of cancels', () => {
  const launch = (toLastTokenMs: number) => ({
    toLastTokenMs,
    toRequestMs: toLastTokenMs / 2,
    tokensAfter: toLastTokenMs / 5,
    wasteUsd: '0.001',
    spokeSeconds: 1,
  });
  const report = (push: boolean, ...latenciesMs: number[]) =>
    cancelReport({ push, throttleMs: 100 }, 'by-answer', latenciesMs.map(launch), {
      outputUsdPerMillion: 10,
      beatsPerSecond: 8,
    });

  test('has quantiles, and what the tokens after the refuting event cost', () => {
    expect(report(true, 10, 20, 30)).toEqual({
      push: true,
      throttleMs: 100,
      refuted: 'by-answer',
      n: 3,
      p50Ms: 20,
      p95Ms: 29,
      maxMs: 30,
      toRequestP50Ms: 10,
      tokensAfter: 4,
      usdAfter: '0.00004',
      wasteUsd: '0.001',
      beatsPerSecond: 8,
    });
  });

  test('names the targets that were missed, of the throttle that is in force by default', () => {
    expect(missedTargets([report(true, 25, 25), report(false, 120, 120)], 100)).toEqual([]);
    expect(missedTargets([report(true, 26, 90)], 50)).toEqual([]);
    expect(missedTargets([report(true, 26, 90), report(false, 400)], 100)).toEqual([
      'p50 by-answer, pushed: 58.0 ms, more than 25 ms',
      'p95 by-answer, pushed: 86.8 ms, more than 80 ms',
      'p50 by-answer, by heartbeats: 400.0 ms, more than 120 ms',
      'p95 by-answer, by heartbeats: 400.0 ms, more than 300 ms',
    ]);
  });

  test('is measured with push on and off', () => {
    expect(new Set(CANCEL_SETTINGS.map(({ push }) => push)).size).toBe(2);
    expect(CANCEL_SETTINGS.length).toBeGreaterThanOrEqual(8);
  });
});

describe('runahead bench', () => {
  test('cancel: launches that are refuted by an answer and in a stream are cancelled, and booked as waste', async () => {
    const settings = [{ push: true, throttleMs: 100 }];
    const { report } = await cancelExperiment({ runs: 2, seed: 3, say: () => undefined }, settings);
    expect(report.settings.map(({ refuted, n, push }) => ({ refuted, n, push }))).toEqual([
      { refuted: 'by-answer', n: 2, push: true },
      { refuted: 'by-stream', n: 2, push: true },
    ]);
    for (const setting of report.settings) {
      expect(Number(setting.wasteUsd)).toBeGreaterThan(0);
      expect(Number(setting.usdAfter)).toBeLessThan(Number(setting.wasteUsd));
      expect(setting.toRequestP50Ms).toBeLessThanOrEqual(setting.maxMs);
      expect(setting.beatsPerSecond).toBeGreaterThan(0);
    }
  }, 120_000);

  test.each([
    [['nothing'], /there is no "nothing"; .*there are: cancel, streaming/i],
    [['streaming', '--runs', '0'], /--runs is "0": use a whole number of at least 1/],
    [['cancel', '--seed', 'x'], /--seed is "x": use a whole number of at least 0/],
    [['cancel', '--report', '/dev/null/report.json'], /--report: \/dev\/null\/report.json cannot be written/],
  ])('refuses %j before anything is started', async (args, message) => {
    const answer = await runahead('bench', ...args);
    expect(answer.exitCode).toBe(1);
    expect(answer.output).toBe('');
    expect(answer.errors).toMatch(message);
  });
});
