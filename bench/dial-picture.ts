import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Browser } from 'playwright-core';
import { runCommandLine } from '../client/command-line';
import { requireChromium } from './find-chromium';

/*
 * The picture of docs/the-dial.md, from the decision log that ships:
 *
 *     node dist/bench/dial-picture.js [--log docs/data/npm-start.parquet] [--lambda 0.001] [--budget 0.01] [--out docs/images]
 */

const WINDOW = { width: 1120, height: 900 };

async function writePage(args: readonly string[], file: string): Promise<void> {
  let errors = '';
  const exitCode = await runCommandLine(['frontier', ...args, '--html', file], {
    write: () => undefined,
    writeError: (text) => (errors += text),
  });
  if (exitCode !== 0) throw new Error(`runahead frontier: ${errors}`);
}

async function picture(browser: Browser, page: string, file: string): Promise<void> {
  const context = await browser.newContext({ viewport: WINDOW, colorScheme: 'light', offline: true });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(page).href);
  await tab.locator('#plot svg').waitFor();
  await tab.locator('.dial').screenshot({ path: file });
  await context.close();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      log: { type: 'string', default: join('docs', 'data', 'npm-start.parquet') },
      lambda: { type: 'string', default: '0.001' },
      budget: { type: 'string', default: '0.01' },
      out: { type: 'string', default: join('docs', 'images') },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'dial-picture-'));
  const browser = await chromium.launch({ executablePath: await requireChromium(), args: ['--no-sandbox'] });
  try {
    await mkdir(values.out, { recursive: true });
    const page = join(folder, 'frontier.html');
    await writePage([values.log, '--lambda', values.lambda, '--budget', values.budget], page);
    const file = join(values.out, 'dial.png');
    await picture(browser, page, file);
    console.log(`wrote ${file}`);
  } finally {
    await browser.close();
    await rm(folder, { recursive: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
