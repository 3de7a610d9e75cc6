import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

/*
 * The pictures of the documentation, taken from a Web UI that runs already, for example after `npm start -- --keep`:
 *
 *     node dist/bench/screenshots.js --ui http://127.0.0.1:8233 [--namespace default] [--workflow-id ID] [--out docs/images]
 *
 * The worker must still run, or the Web UI cannot ask for the current details.
 */

const COLUMNS = [
  'Status',
  'Workflow ID',
  'Execution Duration',
  'SpecPolicy',
  'SpecCostMicroUsd',
  'SpecWasteMicroUsd',
  'SpecSavedMs',
];
const PIPELINES = ['autoReply', 'toolAgent', 'research'];
const WAIT = { timeout: 30_000 };

interface Options {
  ui: string;
  namespace: string;
  /** Null: the newest completed autoReply. */
  workflowId: string | null;
  out: string;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      ui: { type: 'string' },
      namespace: { type: 'string', default: 'default' },
      'workflow-id': { type: 'string' },
      out: { type: 'string', default: join('docs', 'images') },
    },
  });
  if (values.ui === undefined) throw new Error('--ui is missing: the address of the Web UI, http://127.0.0.1:8233');
  return {
    ui: values.ui.replace(/\/$/, ''),
    namespace: values.namespace,
    workflowId: values['workflow-id'] ?? null,
    out: values.out,
  };
}

async function findChromium(): Promise<string> {
  const candidates = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];
  for (const path of candidates) {
    if (path === undefined || path === '') continue;
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return path;
  }
  throw new Error('No Chromium found: install it (apt-get install chromium) or set CHROMIUM_PATH');
}

/** Which columns the workflow list shows is the browser's own setting, kept under this key. */
async function chooseColumns(context: BrowserContext, namespace: string): Promise<void> {
  const setting = JSON.stringify({ [namespace]: COLUMNS.map((label) => ({ label })) });
  await context.addInitScript(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(setting)})`);
}

/** @returns the path of the page of the pipeline that the other pictures show */
async function pictureList(page: Page, options: Options): Promise<string> {
  const query =
    options.workflowId === null
      ? `WorkflowType IN (${PIPELINES.map((name) => `"${name}"`).join(', ')})`
      : `WorkflowId = "${options.workflowId}"`;
  const list = `${options.ui}/namespaces/${options.namespace}/workflows`;
  if (options.workflowId === null) await page.goto(`${list}?query=${encodeURIComponent(query)}`);
  else await page.goto(list);
  await page.locator('tbody tr').first().waitFor(WAIT);
  await page.setViewportSize({ width: 1600, height: 900 });
  await page.screenshot({ path: join(options.out, 'list.png') });
  await page.setViewportSize({ width: 1600, height: 1150 });

  const chosen = options.workflowId === null ? 'WorkflowType = "autoReply" AND ExecutionStatus = "Completed"' : query;
  await page.goto(`${list}?query=${encodeURIComponent(chosen)}`);
  const link = page.locator('tbody tr a[href*="/workflows/"]').first();
  await link.waitFor(WAIT);
  const path = await link.getAttribute('href');
  if (path === null) throw new Error(`No pipeline found by ${chosen}`);
  return path.replace(/\?.*/, '').replace(/\/(timeline|history)$/, '');
}

async function pictureTimeline(page: Page, url: string, out: string): Promise<void> {
  await page.goto(`${url}/timeline`);
  await page.getByText(' • P ').first().waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(out, 'timeline.png') });
}

async function pictureDetails(page: Page, url: string, out: string): Promise<void> {
  await page.setViewportSize({ width: 2000, height: 1000 });
  await page.goto(`${url}/user-metadata`);
  // The table is in a frame of its own, so that what a workflow writes cannot reach the page.
  await page.frameLocator('iframe').getByText('launched').first().waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(out, 'current-details.png') });
}

async function main(): Promise<void> {
  const options = readOptions();
  await mkdir(options.out, { recursive: true });
  const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1150 }, timezoneId: 'UTC' });
    await chooseColumns(context, options.namespace);
    const page = await context.newPage();
    const url = options.ui + (await pictureList(page, options));
    await pictureTimeline(page, url, options.out);
    await pictureDetails(page, url, options.out);
    console.log(`list.png, timeline.png and current-details.png are in ${options.out}`);
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
