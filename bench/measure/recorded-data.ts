import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Recorded texts are not part of this project. */
export class MissingDataError extends Error {
  readonly code = 'RUNAHEAD_MISSING_DATA';
  override readonly name = 'MissingDataError';
}

const SOURCES = {
  'taubench-airline/tasks-00-24.jsonl':
    'the historical airline trajectories (gpt-4o) of github.com/sierra-research/tau-bench at 59a200c, MIT',
} as const;

export type RecordedFile = keyof typeof SOURCES;

const PLACES = ['shared/data', '../shared/data'];

/**
 * Where a recorded file lies.
 *
 * @param folder as the user has named it; else the environment's RUNAHEAD_DATA, else `shared/data` here or beside this folder
 * @throws MissingDataError saying where to get it
 */
export function recordedFile(file: RecordedFile, folder = process.env['RUNAHEAD_DATA']): string {
  const folders = folder === undefined || folder === '' ? PLACES : [folder];
  const found = folders.map((each) => resolve(join(each, file))).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new MissingDataError(
    `${file} is not there (looked in ${folders.join(', ')}). It holds ${SOURCES[file]}; name its folder with --data or RUNAHEAD_DATA.`,
  );
}
