import { readFileSync } from 'node:fs';
import { isMinedPatterns, minedPatternsFault, type MinedPatterns } from '../mining/mined-patterns';

/** A file of mined patterns that cannot be used. The message names the file, the field with its value, and the way out. */
export class PatternsError extends Error {
  readonly code = 'RUNAHEAD_PATTERNS';
  override readonly name = 'PatternsError';

  constructor(
    readonly file: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${problem}. Make the file with "runahead mine --out ${file}".`, options);
  }
}

/**
 * Reads what `runahead mine` wrote, for a forecaster `{ kind: 'mined', patterns }` of a policy file. Reads the file at once, so that a worker
 * without it does not start.
 *
 * @param file path; a relative one is relative to where the process runs
 * @throws PatternsError naming the file and the field
 */
export function loadPatterns(file: string): MinedPatterns {
  const value = parsed(file, text(file));
  if (isMinedPatterns(value)) return value;
  throw new PatternsError(file, minedPatternsFault(value) ?? 'these are no patterns');
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PatternsError(file, `it cannot be read (${reasonOf(cause)})`, { cause });
  }
}

function parsed(file: string, json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new PatternsError(file, `it is no JSON (${reasonOf(cause)})`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
