import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { chromium, type Page } from 'playwright-core';
import { findChromium } from '../bench/find-chromium';
import { readDecisionLog } from '../client/decision-log/read-decision-log';
import type { Frontier } from '../speculation/frontier/frontier';
import type { Recommendation } from '../speculation/frontier/recommend';
import { runahead, runaheadJson } from './support/command-line';
import { withPipeline, type Activities } from './support/scripted-worker';
import { useTemporal } from './support/temporal';

const LOG = join(__dirname, '..', 'docs', 'data', 'npm-start.parquet');
type Answered = Frontier & { recommendations: Recommendation[] };

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'frontier-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('runahead frontier', () => {
  test('shows plot, dial, front and history of a decision log, readable in 80 columns without colours', async () => {
    const { exitCode, output, errors } = await runahead(
      ...['frontier', LOG, '--lambda', '0.001', '--budget', '0.01', '--save-seconds', '60'],
    );
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    const plain = output.replace(/\u001b\[\d+m/g, '');
    for (const line of plain.split('\n')) expect(`${line.length <= 80} ${line}`).toBe(`true ${line}`);
    const field = plain.split('\n').filter((line) => / \|/.test(line));
    expect(field).toHaveLength(16);
    expect(field.filter((line) => line.includes('O'))).toHaveLength(1);
    expect(field.some((line) => line.includes('R'))).toBe(true);
    expect(field.some((line) => line.includes('*'))).toBe(true);
    expect(plain).toContain('expected extra dollars per 1000 pipelines');
    expect(plain).toMatch(/^O 0\.5 /m);
    expect(plain).toMatch(/^Today, alpha 0\.5 and lambda \$0\.00100: saves \d/m);
    expect(plain).toMatch(/Alpha 0\.5, lambda \$0\.0100, 2\d{3}-.* bets:\s+(the\s+best\s+where|no\s+price)/);
  });

  test('gives all figures as JSON, and the same from both formats of the log', async () => {
    const { rows } = await readDecisionLog(LOG);
    const lines = join(folder, 'log.jsonl');
    writeFileSync(lines, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const fromColumns = await runaheadJson<Answered>('frontier', LOG);
    expect(await runaheadJson<Answered>('frontier', lines)).toEqual(fromColumns);
    expect(fromColumns.points).toHaveLength(13 * 21);
    expect(fromColumns.pipelines).toBe(new Set(rows.map(({ runId }) => runId)).size);
    expect(fromColumns.today).toMatchObject({ alpha: 0.5, lambdaUsdPerSecond: 0.01 });
    // Nothing but the rule decided, so today's setting is what was done.
    expect(fromColumns.today.expected.secondsSaved).toBeCloseTo(fromColumns.asLogged.expected.secondsSaved, 9);
    const halves = [join(folder, 'a.jsonl'), join(folder, 'b.jsonl')];
    const cut = Math.floor(rows.length / 2);
    writeFileSync(
      halves[0]!,
      rows
        .slice(0, cut)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    writeFileSync(
      halves[1]!,
      rows
        .slice(cut)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    );
    expect((await runaheadJson<Answered>('frontier', ...halves)).points).toEqual(fromColumns.points);
  });

  test('recommends for a budget and for a deadline, and says plainly what cannot be reached', async () => {
    const args = ['frontier', LOG, '--lambda', '0.001'];
    const { recommendations, points } = await runaheadJson<Answered>(
      ...args,
      '--budget',
      '0.02',
      '--save-seconds',
      '0.5',
    );
    const [budget, deadline] = recommendations;
    expect([budget?.reached, deadline?.reached]).toEqual([true, true]);
    expect(1000 * budget!.point.expected.extraUsd).toBeLessThanOrEqual(0.02);
    expect(deadline!.point.expected.secondsSaved).toBeGreaterThanOrEqual(0.5);
    const most = Math.max(...points.map(({ expected }) => expected.secondsSaved)).toFixed(2);
    const { output, exitCode } = await runahead(...args, '--save-seconds', '60');
    expect(exitCode).toBe(0);
    expect(output.replace(/\n {2}/g, ' ')).toMatch(
      new RegExp(`^No setting saves 60.00 s per pipeline; the most is alpha .* saves ${most} s`, 'm'),
    );
  });

  test('looks at one workflow type when told', async () => {
    const one = await runaheadJson<Answered>('frontier', LOG, '--pipeline', 'autoReply');
    const all = await runaheadJson<Answered>('frontier', LOG);
    expect(one.pipelines).toBeGreaterThan(0);
    expect(one.pipelines).toBeLessThan(all.pipelines);
  });

  test('rows that cannot be read are named, the rest is used, and the exit code is 2', async () => {
    const { rows } = await readDecisionLog(LOG);
    const good = rows.map((row) => JSON.stringify(row));
    const corrupt = join(folder, 'corrupt.jsonl');
    const wild = JSON.stringify({ ...rows[0], knob: { ...rows[0]!.knob, alpha: 7 } });
    writeFileSync(corrupt, [...good, wild, good[0]!.slice(0, 40)].join('\n'));
    const answer = await runahead('frontier', corrupt, '--json');
    expect(answer.exitCode).toBe(2);
    expect((JSON.parse(answer.output) as Answered).points).toEqual(
      (await runaheadJson<Answered>('frontier', LOG)).points,
    );
    expect(answer.errors).toContain(`row ${good.length + 1} is left out: knob.alpha is 7`);
    expect(answer.errors).toContain(`row ${good.length + 2} is left out: is no JSON`);
  });

  test.each([
    [['--alpha', '1.5'], '--alpha is "1.5": use a number from 0 to 1.'],
    [['--lambda=-1'], '--lambda is "-1": use a finite number of at least 0.'],
    [['--budget', 'lots'], '--budget is "lots": use a finite number of at least 0.'],
    [['--save-seconds', 'NaN'], '--save-seconds is "NaN": use a finite number of at least 0.'],
    [['--query', 'x'], '--query is for a namespace: name files or a query, not both.'],
    [['--pipeline', 'nobody'], 'There is no launch decision of "nobody" in'],
    [['--html', '/no/such/folder/page.html'], '--html /no/such/folder/page.html cannot be written'],
  ])('%j is refused with the reason', async (args, message) => {
    const { exitCode, errors } = await runahead('frontier', LOG, ...args);
    expect(exitCode).toBe(1);
    expect(errors).toContain(`runahead: ${message}`);
  });

  test('a log that is not there, and one without decisions', async () => {
    expect(await runahead('frontier', join(folder, 'none.jsonl'))).toMatchObject({ exitCode: 1, output: '' });
    const empty = join(folder, 'empty.jsonl');
    writeFileSync(empty, '');
    const { exitCode, errors } = await runahead('frontier', empty);
    expect([exitCode, errors]).toEqual([1, `runahead: There is no launch decision in ${empty}.\n`]);
  });
});

describe('the page', () => {
  let page = '';
  let frontier: Answered;
  beforeAll(async () => {
    page = join(folder, 'frontier.html');
    const args = ['frontier', LOG, '--lambda', '0.001', '--budget', '0.01'];
    expect(await runahead(...args, '--html', page)).toMatchObject({ exitCode: 0, errors: '' });
    frontier = await runaheadJson<Answered>(...args);
  });

  test('holds everything that it needs: scripts that compile, the figures, tables and words; and asks the network for nothing', () => {
    const html = readFileSync(page, 'utf8');
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = '']) => code);
    expect(scripts).toHaveLength(3);
    for (const code of scripts) expect(() => new Script(code)).not.toThrow();
    const data = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(html)?.[1];
    const embedded = JSON.parse(data!) as { frontier: Frontier; recommendations: Recommendation[] };
    expect({ ...embedded.frontier, recommendations: embedded.recommendations }).toEqual(frontier);
    const markup = html.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<style>[\s\S]*?<\/style>/, '');
    expect(markup).not.toMatch(/(src|href)="(?!data:,")/);
    expect(markup.match(/<tr>/g)!.length).toBe(2 + 21 + frontier.front.length);
    expect(markup).toContain('Within $0.0100 per 1000 pipelines');
  });

  test('a name from a log cannot become markup', async () => {
    const { rows } = await readDecisionLog(LOG);
    const first = rows.find(({ phase }) => phase === 'launch')!;
    const hostile = join(folder, 'hostile.jsonl');
    const file = join(folder, 'hostile.html');
    writeFileSync(hostile, JSON.stringify({ ...first, workflowType: '</script><b>x', workflowId: '<b>w' }));
    expect(await runahead('frontier', hostile, '--html', file)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(file, 'utf8')).not.toContain('<b>');
  });

  describe('in a browser', () => {
    test('is drawn, follows the keyboard, recommends, and fits light and dark', async () => {
      const executablePath = await findChromium();
      if (executablePath === null) {
        process.stdout.write(
          'NOT CHECKED in a browser: no Chromium found, set CHROMIUM_PATH. Only scripts, data and markup were checked.\n',
        );
        return;
      }
      const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
      try {
        for (const colorScheme of ['light', 'dark'] as const) {
          const context = await browser.newContext({
            colorScheme,
            offline: true,
            viewport: { width: 1100, height: 900 },
          });
          const tab = await context.newPage();
          const complaints: string[] = [];
          tab.on('pageerror', (error) => complaints.push(error.message));
          tab.on('console', (message) => complaints.push(message.text()));
          tab.on('request', (request) => {
            if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
          });
          await tab.goto(pathToFileURL(page).href);
          await checkPage(tab, frontier);
          const [paper, ink] = await colours(tab);
          expect(contrast(paper!, ink!)).toBeGreaterThan(7);
          expect(luminance(paper!) > 0.5).toBe(colorScheme === 'light');
          expect(complaints).toEqual([]);
          await context.close();
        }
      } finally {
        await browser.close();
      }
    });
  });
});

async function checkPage(tab: Page, { today, points, recommendations }: Answered): Promise<void> {
  expect(await tab.locator('#plot svg circle, #plot svg path').count()).toBeGreaterThan(points.length);
  expect(await tab.locator('#alpha-value').textContent()).toBe('0.5');
  expect(await tab.locator('#lambda-value').textContent()).toBe('$0.00100 a second');
  const numbers = (): Promise<string | null> => tab.locator('#numbers').textContent();
  expect(await numbers()).toContain(`${today.expected.secondsSaved.toFixed(2)} s`);

  // By keyboard alone: one step of alpha, then both ends.
  await tab.locator('#alpha').focus();
  await tab.keyboard.press('ArrowRight');
  const next = points.find((point) => point.lambdaUsdPerSecond === today.lambdaUsdPerSecond && point.alpha === 0.55)!;
  expect(await tab.locator('#alpha-value').textContent()).toBe('0.55');
  expect(await numbers()).toContain(next.launchesPerPipeline.toFixed(2));
  expect(await tab.locator('#command').textContent()).toBe('runahead knob set --control --alpha 0.55 --lambda 0.001');
  expect(await tab.locator('tr.now td').first().textContent()).toBe('0.55');
  await tab.keyboard.press('End');
  expect(await tab.locator('#alpha').getAttribute('aria-valuetext')).toBe('1');
  await tab.keyboard.press('Tab');
  expect(await tab.locator(':focus').getAttribute('id')).toBe('lambda');
  await tab.keyboard.press('Home');
  expect(await tab.locator('#lambda-value').textContent()).toBe('$0.0000316 a second');

  // The page recommends what the command line does, for its goal and for a new one.
  const advice = (): Promise<string | null> => tab.locator('#advice').textContent();
  const { point } = recommendations[0]!;
  const setting = `alpha ${Number(point.alpha.toFixed(4))} and lambda`;
  expect(await advice()).toContain('Within $0.0100 per 1000 pipelines');
  expect(await advice()).toContain(`${setting} `);
  await tab.locator('#take').focus();
  await tab.keyboard.press('Enter');
  expect(await numbers()).toContain(`${point.expected.secondsSaved.toFixed(2)} s`);
  await tab.locator('#deadline').fill('60');
  expect(await advice()).toMatch(/^No setting saves 60.00 s per pipeline; the most is alpha/);
  expect(await tab.locator('#budget').inputValue()).toBe('');
  await tab.locator('#deadline').fill('');
  expect(await advice()).toBe('Give a budget or a number of seconds.');
  await tab.locator('#back').click();
  expect(await tab.locator('#alpha-value').textContent()).toBe('0.5');
}

async function colours(tab: Page): Promise<number[][]> {
  const texts = await tab.evaluate<string[]>(
    `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]`,
  );
  return texts.map((text) => text.match(/\d+/g)!.slice(0, 3).map(Number));
}

/** Relative luminance and contrast as WCAG 2 defines them. */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(left: readonly number[], right: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(left), luminance(right)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

test('the page about the dial shows what the command says', async () => {
  const document = readFileSync(join(__dirname, '..', 'docs', 'the-dial.md'), 'utf8');
  const [, command = '', shown] = /^```text command=(.*)\n([\s\S]*?)^```$/m.exec(document) ?? [];
  const words = command.split(' ').map((word) => (word.startsWith('docs/') ? join(__dirname, '..', word) : word));
  const { output } = await runahead(...words);
  expect(shown).toBe(output.replace(/\u001b\[\d+m/g, ''));
});

describe('from a namespace', () => {
  const temporal = useTemporal();

  test('asks the pipelines themselves', async () => {
    const running = await temporal.start();
    const step = (name: string) => async (input: string) => `${name} ${input}`;
    const activities: Activities = { first: async () => 'head', second: step('second'), third: step('third') };
    const scripts = { first: { forecasts: ['head', 'tail'], downstream: { second: {}, third: {} } } };
    await withPipeline(running, 'branches', ['hello'], activities, { scripts }, async ({ handle }) => {
      await handle.result();
      const query = `WorkflowId = "${handle.workflowId}"`;
      const answer = await runaheadJson<Answered>('frontier', '--address', running.server.address, '--query', query);
      expect(answer).toMatchObject({ pipelines: 1, decisions: 4 });
    });
  });
});
