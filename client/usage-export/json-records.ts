import { shownValue } from '../../speculation/decision/shown-value';
import type { ExportRecord } from './export-record';
import { UsageExportError } from './usage-export-error';

const SHAPES =
  'use an array of rows, {"data": [...]}, one row a line (JSON Lines), or the pages of a usage API as they were answered';

/**
 * Rows of a JSON file: an array, `{ data: [...] }`, JSON Lines, or pages of an API, alone or one after the other.
 *
 * @throws UsageExportError that names the line or item, also for a page that says that there are more
 */
export function jsonRecords(file: string, text: string): ExportRecord[] {
  const values = parsedItems(file, text.replace(/^\uFEFF/, ''));
  const records = values.flatMap(({ place, value }) => (isPage(value) ? rowsOfPage(value, place) : [{ place, value }]));
  const last = values.at(-1)?.value;
  if (isPage(last) && last['has_more'] === true) {
    throw new UsageExportError(
      `${file}: has_more is true in the last page, so the export is not complete; fetch the pages that follow ` +
        `(next_page is ${JSON.stringify(last['next_page'] ?? null)}) and add them, one page a line.`,
    );
  }
  return records.map(({ place, value }) => {
    if (isObject(value)) return { place, values: value };
    throw new UsageExportError(`${file}: ${place} is ${shownValue(value)}, no row; ${SHAPES}.`);
  });
}

interface Item {
  place: string;
  value: unknown;
}

function parsedItems(file: string, text: string): Item[] {
  try {
    const whole: unknown = JSON.parse(text);
    if (!Array.isArray(whole)) return [{ place: 'the file', value: whole }];
    return whole.map((value: unknown, index) => ({ place: `item ${index + 1}`, value }));
  } catch (cause) {
    const lines = text.split(/\r?\n/);
    if (lines.filter((line) => line.trim() !== '').length < 2 || !isJson(lines.find((line) => line.trim() !== ''))) {
      throw new UsageExportError(`${file}: is no JSON: ${messageOf(cause)}; ${SHAPES}.`, { cause });
    }
    return lines.flatMap((line, index) =>
      line.trim() === '' ? [] : [{ place: `line ${index + 1}`, value: lineOf(file, index + 1, line) }],
    );
  }
}

function lineOf(file: string, number: number, line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (cause) {
    throw new UsageExportError(
      `${file}: line ${number} is no JSON: ${messageOf(cause)}; put every row into one line of its own, or all into an array.`,
      { cause },
    );
  }
}

function rowsOfPage(page: Record<string, unknown>, place: string): Item[] {
  const { data } = page;
  if (!Array.isArray(data)) return [{ place, value: data }];
  const prefix = place === 'the file' ? '' : `${place}, `;
  return data.map((value: unknown, index) => ({ place: `${prefix}item ${index + 1}`, value }));
}

function isPage(value: unknown): value is Record<string, unknown> {
  return isObject(value) && typeof value['data'] === 'object' && value['data'] !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJson(line: string | undefined): boolean {
  try {
    JSON.parse(line ?? '');
    return true;
  } catch {
    return false;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
