import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { OperatorError } from '../operator-error';
import type { DecisionRecord } from './decision-record';
import { ALL_COLUMNS, toColumns } from './parquet-columns';

/** Where an export goes. */
export interface DecisionLogWriter {
  write(records: readonly DecisionRecord[]): Promise<void>;
  /** Nothing is sure to be in the file before this. */
  end(): Promise<void>;
}

/**
 * A writer for the format that the name of the file ends in: `.jsonl`, one row a line, or `.parquet`, columns. JSON Lines are written as
 * they come; columns are held in memory until the end.
 *
 * @throws OperatorError for another ending, or a file that cannot be written
 */
export async function decisionLogWriter(file: string): Promise<DecisionLogWriter> {
  switch (extname(file)) {
    case '.jsonl':
      return jsonLinesWriter(file);
    case '.parquet':
      return parquetWriter(file);
    default:
      throw new OperatorError(`--out ${file}: use a name that ends in .jsonl (rows) or .parquet (columns).`);
  }
}

async function jsonLinesWriter(file: string): Promise<DecisionLogWriter> {
  const stream = createWriteStream(file);
  // What goes wrong while nobody waits is told at the next step.
  const failed = new Promise<never>((_, reject) => stream.once('error', (error) => reject(cannotWrite(file, error))));
  failed.catch(() => undefined);
  const unlessFailed = async (step: Promise<unknown>): Promise<void> => {
    step.catch(() => undefined);
    await Promise.race([failed, step.catch(() => failed)]);
  };
  await unlessFailed(once(stream, 'open'));
  return {
    async write(records) {
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
      if (text !== '' && !stream.write(text)) await unlessFailed(once(stream, 'drain'));
    },
    async end() {
      stream.end();
      await unlessFailed(finished(stream));
    },
  };
}

async function parquetWriter(file: string): Promise<DecisionLogWriter> {
  const { parquetWriteFile } = await import('hyparquet-writer');
  const rows: Record<string, unknown>[] = [];
  return {
    write(records) {
      rows.push(...records.map(toColumns));
      return Promise.resolve();
    },
    end() {
      const columnData = ALL_COLUMNS.map(({ name, type }) => ({
        name,
        type,
        nullable: true,
        data: rows.map((row) => (type === 'INT64' && typeof row[name] === 'number' ? BigInt(row[name]) : row[name])),
      }));
      try {
        parquetWriteFile({ filename: file, columnData });
        return Promise.resolve();
      } catch (error) {
        return Promise.reject(cannotWrite(file, error));
      }
    },
  };
}

function cannotWrite(file: string, cause: unknown): OperatorError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OperatorError(`--out ${file} cannot be written: ${reason}`, { cause });
}
