import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { chromium } from 'playwright-core';
import { findChromium } from '../bench/find-chromium';
import { comparisonTable } from '../bench/measure/comparison-table';
import type { PolicyComparison, TimelineBar } from '../bench/measure/policy-comparison';
import { axisAround, axisUpTo, shareOf } from '../bench/report-page/axis';
import type { BenchContext, BenchResult } from '../bench/report-page/bench-result';
import { InvalidComparisonError } from '../bench/report-page/checked-comparison';
import { farPoints } from '../bench/report-page/far-points';
import { isUnbeaten } from '../bench/report-page/frontier-figure';
import { bestOf, keyedRows } from '../bench/report-page/overview-table';
import { placeLabels, type Box } from '../bench/report-page/place-labels';
import { calibrationError, wilsonInterval } from '../bench/report-page/reliability-figure';
import { reportPage } from '../bench/report-page/report-page';
import { fitted, textWidth } from '../bench/report-page/text-width';
import { lanesOf } from '../bench/report-page/timeline-lanes';
import { pageFaults } from './support/page-checks';
import { EMPTY, ONE_POINT, RICH } from './support/sample-comparisons';

const CONTEXT: BenchContext = {
  date: '2026-03-01 10:20 UTC',
  command: 'runahead bench all --seed 1',
  seed: 1,
  machine: '2 cores',
  versions: { Runahead: '0.1.0' },
};

function result(comparisons: PolicyComparison[], extra: Partial<BenchResult> = {}): BenchResult {
  const name = comparisons[0]?.benchmark ?? 'cancel';
  return {
    name,
    summary: `what ${name} is`,
    status: 'held',
    text: '',
    problems: [],
    report: {},
    ...extra,
    comparisons,
  };
}

/** Every text of a value with something else in its place. */
function withTexts<T>(value: T, replace: (text: string, key: string) => string, key = ''): T {
  if (typeof value === 'string') return (KEPT.has(key) ? value : replace(value, key)) as T;
  if (Array.isArray(value)) return value.map((each) => withTexts(each as unknown, replace, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, withTexts(each as unknown, replace, name)]);
  return Object.fromEntries(entries) as T;
}
const KEPT = new Set(['kind', 'measuredOn', 'usd', 'wasteUsd']);

describe('the page of all benchmarks', () => {
  test('has everything that a comparison has, and needs neither script nor network', () => {
    const noData = result([], { status: 'no data', problems: ['tasks.jsonl is not there; get it at its source'] });
    const page = reportPage([result([RICH]), noData, result([], { text: '\u001b[1mbold\u001b[22m tables' })], CONTEXT);
    expect(page).not.toMatch(/<script|<link(?! rel="icon" href="data:,")|@import|https?:|url\((?!#)/);
    expect(page).toContain("default-src 'none'");
    for (const { label } of RICH.rows) expect(page).toContain(`>${label.replace(/[:,]/g, '$&<wbr>')}</th>`);
    for (const { knew } of RICH.rows) expect(page).toContain(`<dd>${knew}</dd>`);
    for (const note of [...RICH.notes, RICH.setting, ...Object.values(CONTEXT.versions)]) expect(page).toContain(note);
    for (const { label } of RICH.frontier!.dial) expect(page).toContain(`<th scope="row">${label}</th>`);
    expect(page).toContain('19/620 (3 %)');
    expect(page).toContain('<th scope="row">time saved,<wbr> k = 1</th><td>11.80 %</td>');
    expect(page).toContain('tasks.jsonl is not there; get it at its source');
    expect(page).toContain('<pre>bold tables</pre>');
    // Once for a wide and once for a narrow window; the oracle's run is empty.
    const bars = RICH.timelines!.flatMap((timeline) => timeline.bars).length;
    expect(page.match(/<g class="bar">/g)).toHaveLength(2 * bars);
    expect(page).toContain('step 2, move on d4: wasted, 2.50 s to 8.00 s');
  });

  test('a name cannot become markup, wherever it is', () => {
    const hostile = withTexts(RICH, (text, key) => `"'><script>alert(1)</script><b onload=x>&amp;${key}${text}`);
    const page = reportPage([result([hostile], { name: '<b>', summary: '<b>', text: '<b>', problems: ['<b>'] })], {
      ...withTexts(CONTEXT, () => '<b>'),
      versions: { '<b>': '<b>' },
    });
    expect(page).not.toMatch(/<script|<b[ >]/);
    expect(page).not.toMatch(/(href|src|style)="(?!#comparison-1"|data:,"|--first: \d+ch")/);
    expect(page).toContain('&amp;amp;');
  });

  test('is whole with nothing measured, with one policy at one place, and with empty parts', () => {
    for (const results of [[], [result([EMPTY])], [result([ONE_POINT])], [result([{ ...ONE_POINT, rows: [] }])]]) {
      const page = reportPage(results, CONTEXT);
      expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
      expect(page).not.toMatch(/NaN|Infinity|undefined|null/);
    }
    expect(reportPage([], CONTEXT)).toContain('No benchmark that ran compares policies.');
  });

  test('draws no figure that is none, whatever the figures are', () => {
    const figure = fc.double({ min: 0, max: 1e9, noNaN: true });
    const point = fc.record({ label: fc.string({ minLength: 1 }), seconds: figure, usd: figure });
    const frontier = fc.record({ points: fc.array(point, { maxLength: 6 }), dial: fc.array(point, { maxLength: 4 }) });
    fc.assert(
      fc.property(frontier, fc.array(fc.tuple(figure, figure), { maxLength: 5 }), (drawn, spans) => {
        const bars = spans.map(([start, length]): TimelineBar => ({
          ...{ lane: 'l', label: 'b', kind: 'wasted' },
          ...{ startSeconds: start, endSeconds: start + length },
        }));
        const timelines = [{ policy: 'p', bars }];
        const page = reportPage([result([{ ...EMPTY, frontier: drawn, timelines }])], CONTEXT);
        expect(page.replace(/>[^<]*</g, '><')).not.toMatch(/"[^"]*(NaN|Infinity)[^"]*"/);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['rows.0.meanSeconds is NaN', { rows: [{ ...RICH.rows[0]!, meanSeconds: NaN }] }],
    ['rows.0.saved.high is Infinity', { rows: [{ ...RICH.rows[0]!, saved: { value: 0, low: 0, high: Infinity } }] }],
    ['rows.0.saved.low is 2', { rows: [{ ...RICH.rows[0]!, saved: { value: 0, low: 2, high: 1 } }] }],
    ['rows.0.usd is "much"; use a finite number or an exact decimal', { rows: [{ ...RICH.rows[0]!, usd: 'much' }] }],
    ['rows.0.hits.numerator is 3', { rows: [{ ...RICH.rows[0]!, hits: { numerator: 3, denominator: 2 } }] }],
    ['frontier.points.0.usd is -1', { frontier: { points: [{ label: 'a', seconds: 1, usd: -1 }], dial: [] } }],
    ['frontier.dial.0.seconds is NaN', { frontier: { points: [], dial: [{ label: 'a', seconds: NaN, usd: 1 }] } }],
    [
      'reliability.0.bins.0.predicted is 1.2',
      { reliability: [{ label: 'a', bins: [{ predicted: 1.2, observed: { numerator: 0, denominator: 1 } }] }] },
    ],
    [
      'timelines.0.bars.0.endSeconds is 1; use an end that is not before the start',
      {
        timelines: [
          { policy: 'a', bars: [{ lane: 'a', label: 'b', startSeconds: 2, endSeconds: 1, kind: 'plain' as const }] },
        ],
      },
    ],
    ['tables.0.rows is', { tables: [{ title: 'a', columns: ['b', 'c'], rows: [['d']] }] }],
  ])('%s: refused, and named', (message, broken: Partial<PolicyComparison>) => {
    const write = (): string => reportPage([result([{ ...RICH, ...broken }])], CONTEXT);
    expect(write).toThrow(InvalidComparisonError);
    expect(write).toThrow(`benchmark chess: ${message}`);
  });
});

describe('what the page says', () => {
  test('an oracle wins nothing, nor does one that saves no time; ties share a mark', () => {
    const { saved, usd } = bestOf(keyedRows(RICH.rows));
    expect([...saved]).toEqual(['always']);
    expect([...usd]).toEqual(['count-threshold']);
    const twice = keyedRows([RICH.rows[2]!, { ...RICH.rows[2]!, label: 'its predictor free' }]);
    expect([...twice.keys()]).toEqual(['speculative-actions:k=1', 'speculative-actions:k=1 its predictor free']);
    expect(bestOf(twice).saved.size).toBe(2);
    expect(bestOf(keyedRows([RICH.rows[0]!])).saved.size).toBe(0);
  });

  test('a point is unbeaten unless another is as good in both and better in one; an oracle beats nobody', () => {
    const point = (label: string, seconds: number, usd: number) => ({ label, seconds, usd });
    const all = [point('a', 1, 4), point('b', 2, 2), point('c', 2, 3), point('a twin', 1, 4), point('oracle', 0, 0)];
    expect(all.map((each) => isUnbeaten(each, all))).toEqual([true, true, false, true, false]);
  });

  test('a few points that are far slower or dearer than most are named and not drawn', () => {
    const near = RICH.frontier!.points;
    const slow = { label: 'hedge:n=9', seconds: 9_000, usd: 0.08 };
    expect([...farPoints([...near, slow])]).toEqual([slow]);
    expect(farPoints(near).size).toBe(0);
    // Where many are far, none is left out: the axis is logarithmic.
    expect(farPoints([1, 1, 1, 100, 1000].map((seconds) => ({ ...slow, seconds }))).size).toBe(0);
    const page = reportPage([result([{ ...RICH, frontier: { points: [slow, ...near], dial: [] } }])], CONTEXT);
    expect(page).toContain('Too far away to be drawn: hedge:n=9 (9000.00 s, $0.0800).');
    expect(page.match(/<title>hedge:n=9/g)).toBeNull();
    expect(page).not.toContain('log scale');
    // Numbers are those of the list.
    const narrow = page.slice(page.indexOf('id="comparison-1-frontier-narrow"'));
    expect(narrow).toMatch(/class="point-name">2</);
    expect(narrow).toMatch(/<ol class="narrow key"><li>hedge:n=9: 9000.00 s, \$0.0800<\/li><li>sequential/);
  });

  test('the calibration error weighs bins by their counts, and is none without counts', () => {
    const bins = [
      { predicted: 0.5, observed: { numerator: 30, denominator: 100 } },
      { predicted: 0.9, observed: { numerator: 290, denominator: 300 } },
      { predicted: 0.1, observed: { numerator: 0, denominator: 0 } },
    ];
    expect(calibrationError(bins)?.forecasts).toBe(400);
    expect(calibrationError(bins)?.value).toBeCloseTo((100 * 0.2 + 300 * (290 / 300 - 0.9)) / 400, 12);
    expect(calibrationError([])).toBeNull();
  });

  test("Wilson's interval is as published for 15 of 148, and stays between 0 and 1", () => {
    // Newcombe 1998, table I, method 3.
    const published = wilsonInterval({ numerator: 15, denominator: 148 });
    expect(published?.low).toBeCloseTo(0.0624, 4);
    expect(published?.high).toBeCloseTo(0.1605, 4);
    expect(wilsonInterval({ numerator: 0, denominator: 20 })).toEqual({ low: 0, high: expect.closeTo(0.1611, 3) });
    expect(wilsonInterval({ numerator: 0, denominator: 0 })).toBeNull();
  });

  test('a terminal shows the same rows, with numerators and denominators', () => {
    const text = comparisonTable(RICH);
    expect(text).toMatch(/speculative-actions:k=2 +15\.0 % +12\.9 to 16\.9 % +35\.1\d +56\.87 +\$0\.0971 +\$0\.0502/);
    expect(text).toContain('cost-aware knew: calibrated probabilities, prices and latencies of other games, charged');
    expect(text).toMatch(/time saved, k = 1 +11\.80 %/);
    expect(text).toMatch(/458\/1118 \(41 %\)/);
    expect(comparisonTable(EMPTY)).toContain('closed-forms: Closed forms');
    expect(comparisonTable(ONE_POINT)).toContain(' 0/0 ');
  });
});

describe('drawing', () => {
  const wish = { ticks: 6, text: (value: string) => value };
  const figures = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 8 });

  test('an axis holds its values, has round ticks that differ, and is logarithmic only where all is positive', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const axis = axisAround(values, wish);
        for (const value of values) {
          expect(shareOf(axis, value)).toBeGreaterThanOrEqual(-1e-9);
          expect(shareOf(axis, value)).toBeLessThanOrEqual(1 + 1e-9);
        }
        expect(axis.ticks.length).toBeGreaterThanOrEqual(1);
        expect(axis.ticks.length).toBeLessThanOrEqual(wish.ticks + 2);
        expect(new Set(axis.ticks.map(({ text }) => text)).size).toBe(axis.ticks.length);
        if (axis.logarithmic) expect(Math.min(...values)).toBeGreaterThan(0);
      }),
    );
    expect(axisAround([0.041, 0.238], wish).ticks.map(({ text }) => text)).toEqual([
      '0.00',
      '0.05',
      '0.10',
      '0.15',
      '0.20',
      '0.25',
    ]);
    expect(axisAround([0.002, 0.4], wish)).toMatchObject({ logarithmic: true, low: 0.001, high: 0.5 });
    expect(axisUpTo(40, wish).ticks.map(({ text }) => text)).toEqual(['0', '10', '20', '30', '40']);
    expect(axisUpTo(0, wish)).toMatchObject({ low: 0, high: 1 });
  });

  test('labels lie over no other label and no point, and stay in bounds', () => {
    const bounds = { left: 0, right: 300, top: 0, bottom: 240 };
    const place = fc.record({ x: fc.integer({ min: 0, max: 300 }), y: fc.integer({ min: 0, max: 240 }) });
    const apart = (one: Box, other: Box): boolean =>
      one.left >= other.right || other.left >= one.right || one.top >= other.bottom || other.top >= one.bottom;
    let placed = 0;
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 14 }), (points) => {
        const wishes = points.map((point, index) => ({ ...point, lines: [`policy ${index}`] }));
        const boxes = placeLabels(wishes, bounds, 12, points).flatMap((label) => label?.box ?? []);
        placed += boxes.length / points.length;
        boxes.forEach((box, index) => {
          expect(box.left >= 0 && box.right <= 300 && box.top >= 0 && box.bottom <= 240).toBe(true);
          for (const other of boxes.slice(index + 1)) expect(apart(box, other)).toBe(true);
          for (const { x, y } of points) expect(apart(box, { left: x, right: x, top: y, bottom: y })).toBe(true);
        });
      }),
      { numRuns: 40 },
    );
    expect(placed).toBeGreaterThan(36);
  });

  test('bars of a lane share a row only where none lies over another, and none is lost', () => {
    const bar = fc
      .tuple(fc.constantFrom('a', 'b'), fc.nat(20), fc.nat(10))
      .map(([lane, start, length]): TimelineBar => {
        return { lane, label: 'x', startSeconds: start, endSeconds: start + length, kind: 'plain' };
      });
    fc.assert(
      fc.property(fc.array(bar, { maxLength: 12 }), (bars) => {
        const lanes = lanesOf(bars);
        expect(lanes.flatMap(({ rows }) => rows.flat())).toHaveLength(bars.length);
        for (const row of lanes.flatMap(({ rows }) => rows))
          row
            .slice(1)
            .forEach((each, index) => expect(each.startSeconds).toBeGreaterThanOrEqual(row[index]!.endSeconds));
      }),
    );
  });

  test('a text that is too long ends in an ellipsis, and fits', () => {
    expect(fitted('short', 100, 12)).toBe('short');
    const cut = fitted('a very long name of a lane', 80, 12);
    expect(cut).toMatch(/^a very.*…$/);
    expect(textWidth(cut, 12)).toBeLessThanOrEqual(80);
  });
});

describe('the page in a browser', () => {
  const LONG = 'a-policy-whose-name-is-longer-than-any-screen-is-wide:'.repeat(4);
  const long = withTexts(RICH, (text, key) => (key === 'policy' ? text : `${text} ${LONG}`));

  test('is readable on a phone and on a desk, in light and dark, and asks the network for nothing', async () => {
    const executablePath = await findChromium();
    if (executablePath === null) {
      process.stdout.write(
        'NOT CHECKED in a browser: no Chromium found, set CHROMIUM_PATH. Only the markup was checked.\n',
      );
      return;
    }
    const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      const file = join(folder, 'report.html');
      const texts = result([], { text: 'wide '.repeat(60), status: 'missed', problems: ['too slow'] });
      writeFileSync(file, reportPage([result([RICH, EMPTY]), result([ONE_POINT]), result([long]), texts], CONTEXT));
      for (const colorScheme of ['light', 'dark'] as const) {
        const context = await browser.newContext({ colorScheme, offline: true });
        const tab = await context.newPage();
        const complaints: string[] = [];
        tab.on('pageerror', (error) => complaints.push(error.message));
        tab.on('console', (message) => complaints.push(message.text()));
        tab.on('request', (request) => {
          if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
        });
        for (const width of [360, 1280]) {
          await tab.setViewportSize({ width, height: 900 });
          await tab.goto(pathToFileURL(file).href);
          expect({ width, colorScheme, faults: await pageFaults(tab) }).toEqual({ width, colorScheme, faults: [] });
          const shape = width === 360 ? 'narrow' : 'wide';
          expect(await tab.locator(`svg.${shape}:visible`).count()).toBeGreaterThan(5);
          expect(await tab.locator(`svg.${shape === 'wide' ? 'narrow' : 'wide'}:visible`).count()).toBe(0);
        }
        // The reader's choice wins over the system's, by the keyboard too.
        const paper = (): Promise<string> => tab.evaluate('getComputedStyle(document.body).backgroundColor');
        const before = await paper();
        await tab.locator(`#scheme-${colorScheme === 'light' ? 'dark' : 'light'}`).focus();
        await tab.keyboard.press('Space');
        expect(await paper()).not.toBe(before);
        expect(await pageFaults(tab)).toEqual([]);
        await tab.locator('#scheme-auto').check();
        expect(await paper()).toBe(before);
        expect(complaints).toEqual([]);
        await context.close();
      }
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
