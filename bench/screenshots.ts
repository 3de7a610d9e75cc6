import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { requireChromium } from './find-chromium';

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
const RAN_AHEAD = 'SpecPolicy = "cost-aware"';
/** One that has something to show: a plain run of the same pipeline has neither launches nor totals. */
const WITH_CLAIMS = 'WorkflowType = "autoReply" AND ExecutionStatus = "Completed" AND SpecSavedMs > 0';
const WAIT = { timeout: 30_000 };
const MARGIN = 16;

interface Options {
  ui: string;
  namespace: string;
  /** For timeline and details. Null: the newest autoReply that claimed a launch. */
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

/** Which columns the workflow list shows is the browser's own setting, kept under this key. */
async function chooseColumns(context: BrowserContext, namespace: string): Promise<void> {
  const setting = JSON.stringify({ [namespace]: COLUMNS.map((label) => ({ label })) });
  await context.addInitScript(`localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(setting)})`);
}

async function pictureList(page: Page, list: string, out: string): Promise<void> {
  // Wide enough for all columns, also with the long names that `npm start` gives.
  await page.setViewportSize({ width: 1700, height: 900 });
  await page.goto(`${list}?query=${encodeURIComponent(RAN_AHEAD)}`);
  await page.locator('tbody tr').first().waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(out, 'list.png') });
}

/** @returns the path of the page of the pipeline that timeline and details show */
async function findPipeline(page: Page, list: string, workflowId: string | null): Promise<string> {
  const query = workflowId === null ? WITH_CLAIMS : `WorkflowId = "${workflowId}"`;
  await page.goto(`${list}?query=${encodeURIComponent(query)}`);
  const link = page.locator('tbody tr a[href*="/workflows/"]').first();
  await link.waitFor(WAIT).catch(() => {
    throw new Error(`No pipeline found by ${query}`);
  });
  const path = await link.getAttribute('href');
  if (path === null) throw new Error(`No pipeline found by ${query}`);
  return path.replace(/\?.*/, '').replace(/\/(timeline|history)$/, '');
}

/** The timeline alone, in a window in which the summary of a launch does not cover its whole bar. */
async function pictureTimeline(page: Page, url: string, out: string): Promise<void> {
  await page.setViewportSize({ width: 1850, height: 1200 });
  await page.goto(`${url}/timeline`);
  await page.getByText(' • P ').first().waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  const heading = await boxOf(page.getByRole('heading', { name: 'Timeline' }));
  const axis = await boxOf(page.getByText(/^(\d+s )?\d+ms$/).last());
  const x = heading.x - MARGIN;
  const y = heading.y - MARGIN;
  const clip = { x, y, width: 1850 - x, height: axis.y + axis.height + MARGIN - y };
  await page.screenshot({ path: join(out, 'timeline.png'), clip });
}

async function pictureDetails(page: Page, url: string, out: string): Promise<void> {
  await page.setViewportSize({ width: 2000, height: 1000 });
  await page.goto(`${url}/user-metadata`);
  // The table is in a frame of its own, so that what a workflow writes cannot reach the page.
  await page.frameLocator('iframe').getByText('launched').first().waitFor(WAIT);
  await page.waitForLoadState('networkidle');
  const heading = await boxOf(page.getByRole('heading', { name: 'Current Details' }));
  const table = await boxOf(page.locator('iframe'));
  const y = heading.y - MARGIN;
  const clip = { x: table.x, y, width: table.width, height: table.y + table.height - y };
  await page.screenshot({ path: join(out, 'current-details.png'), clip });
}

async function boxOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error('The Web UI looks different from what this script knows');
  return box;
}

async function main(): Promise<void> {
  const options = readOptions();
  await mkdir(options.out, { recursive: true });
  const browser = await chromium.launch({ executablePath: await requireChromium(), args: ['--no-sandbox'] });
  try {
    const context = await browser.newContext({ timezoneId: 'UTC' });
    await chooseColumns(context, options.namespace);
    const page = await context.newPage();
    const list = `${options.ui}/namespaces/${options.namespace}/workflows`;
    await pictureList(page, list, options.out);
    const url = options.ui + (await findPipeline(page, list, options.workflowId));
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
