import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { OperatorError } from '../operator-error';
import { asRecord, faultOf } from './check-record';
import type { DecisionRecord } from './decision-record';
import { fromColumns } from './parquet-columns';

/** A place in a file that holds no row of a decision log. */
export interface BadRow {
  /** 1 for the first row (parquet) or line (JSON Lines). */
  row: number;
  problem: string;
}

export interface DecisionLogFile {
  rows: DecisionRecord[];
  /** Where each of `rows` was: 1 for the first row (parquet) or line (JSON Lines). */
  places: number[];
  bad: BadRow[];
}

/**
 * Reads an exported decision log, JSON Lines or columns as its name says. What is no row is named and left out; the rest is used.
 *
 * @throws OperatorError for a file that cannot be read at all, or has another ending
 */
export async function readDecisionLog(file: string): Promise<DecisionLogFile> {
  const read: DecisionLogFile = { rows: [], places: [], bad: [] };
  const take = (row: number, value: unknown): void => {
    const problem = faultOf(value);
    if (problem !== null) {
      read.bad.push({ row, problem });
      return;
    }
    read.rows.push(asRecord(value));
    read.places.push(row);
  };
  try {
    await access(file, constants.R_OK);
    switch (extname(file)) {
      case '.jsonl':
        await readLines(file, take, (row, problem) => read.bad.push({ row, problem }));
        break;
      case '.parquet':
        await readColumns(file, take);
        break;
      default:
        throw new OperatorError(`${file}: use a decision log that ends in .jsonl or .parquet.`);
    }
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`${file} cannot be read as a decision log: ${reason}`, { cause: error });
  }
  return read;
}

async function readLines(
  file: string,
  take: (row: number, value: unknown) => void,
  refuse: (row: number, problem: string) => void,
): Promise<void> {
  let row = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    row += 1;
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      refuse(row, `is no JSON (${error instanceof Error ? error.message : String(error)})`);
      continue;
    }
    take(row, value);
  }
}

async function readColumns(file: string, take: (row: number, value: unknown) => void): Promise<void> {
  const { asyncBufferFromFile, parquetReadObjects } = await import('hyparquet');
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
  for (const [index, columns] of rows.entries()) take(index + 1, fromColumns(columns));
}
