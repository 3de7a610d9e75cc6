import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { chromium, type Locator, type Page } from 'playwright-core';
import { requireChromium } from './find-chromium';

/*
 * The picture of the benchmark page in the README, taken from a page that `runahead bench all --html FILE` wrote:
 *
 *     node dist/bench/report-picture.js --page report.html [--benchmark chess] [--part frontier] [--out docs/images/report.png]
 *
 * The parts: overview (policies by benchmark), frontier, runs (timelines), reliability.
 */

/** As wide as the README is shown, so that texts keep their size. */
const WINDOW = { width: 940, height: 900 };
const SHARPNESS = 2;
const MARGIN = 12;

const PARTS: Record<string, (tab: Page, benchmark: string) => Locator> = {
  overview: (tab) => tab.locator('#overview'),
  frontier: (tab, benchmark) => sectionOf(tab, benchmark).locator('figure.frontier'),
  runs: (tab, benchmark) => sectionOf(tab, benchmark).locator('figure.runs'),
  reliability: (tab, benchmark) => sectionOf(tab, benchmark).locator('figure.reliability'),
};

function sectionOf(tab: Page, benchmark: string): Locator {
  return tab.locator('section.comparison', {
    has: tab.locator('h2 code', { hasText: new RegExp(`^${benchmark}$`) }),
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      page: { type: 'string' },
      benchmark: { type: 'string', default: 'chess' },
      part: { type: 'string', default: 'frontier' },
      out: { type: 'string', default: join('docs', 'images', 'report.png') },
    },
  });
  const { page, benchmark, part, out } = values;
  if (page === undefined) throw new Error('--page is missing: what "runahead bench all --html FILE" wrote');
  const find = PARTS[part];
  if (find === undefined || !/^[a-z-]+$/.test(benchmark)) {
    throw new Error(
      `--part is "${part}", --benchmark "${benchmark}": a part is one of ${Object.keys(PARTS).join(', ')}`,
    );
  }
  const browser = await chromium.launch({ executablePath: await requireChromium(), args: ['--no-sandbox'] });
  try {
    await mkdir(dirname(out), { recursive: true });
    const context = await browser.newContext({
      viewport: WINDOW,
      deviceScaleFactor: SHARPNESS,
      colorScheme: 'light',
      offline: true,
    });
    const tab = await context.newPage();
    await tab.goto(pathToFileURL(resolve(page)).href);
    const found = find(tab, benchmark).first();
    if ((await found.count()) === 0) throw new Error(`${page} has no ${part} of "${benchmark}"`);
    const box = await found.boundingBox();
    if (box === null) throw new Error(`${page} hides the ${part} of "${benchmark}" in a window this wide`);
    const clip = {
      x: Math.max(0, box.x - MARGIN),
      y: Math.max(0, box.y - MARGIN),
      width: box.width + 2 * MARGIN,
      height: box.height + 2 * MARGIN,
    };
    await tab.screenshot({ path: out, clip, fullPage: true });
    console.log(`wrote ${out}`);
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
