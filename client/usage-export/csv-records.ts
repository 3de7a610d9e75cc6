import { CsvError, parse } from 'csv-parse/sync';
import type { ExportRecord } from './export-record';
import { UsageExportError } from './usage-export-error';

const DELIMITERS = [',', ';', '\t'];

/**
 * Rows of a CSV file with a header, separated by commas, semicolons or tabs.
 *
 * @throws UsageExportError that names the line
 */
export function csvRecords(file: string, text: string): ExportRecord[] {
  try {
    const parsed = parse(text, {
      bom: true,
      columns: (header: string[]) => header.map((name) => name.trim()),
      delimiter: delimiterOf(text),
      info: true,
      skip_empty_lines: true,
    }) as unknown as { record: Record<string, string>; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ place: `line ${info.lines}`, values: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new UsageExportError(
      `${file}: is no CSV: ${cause.message}. Export it again, or name the format with --format json.`,
      { cause },
    );
  }
}

/** The one that separates most in the header; columns of usage exports have none of them in their names. */
function delimiterOf(text: string): string {
  const header = /^\uFEFF?\s*([^\r\n]*)/.exec(text)?.[1] ?? '';
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}
