import { readFileSync } from 'node:fs';
import { OperatorError } from './operator-error';

/**
 * JSON from the command line, or from a file when it starts with `@`.
 *
 * @throws OperatorError when the file cannot be read or the text is no JSON
 */
export function readInput(text: string): unknown {
  const path = text.startsWith('@') ? text.slice(1) : null;
  const json = path === null ? text : readText(path);
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    const where = path === null ? '--input' : `--input @${path}`;
    throw new OperatorError(
      `${where} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}. ` +
        `Quote the whole object for the shell: --input '{"text": "..."}'`,
      { cause },
    );
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OperatorError(
      `--input @${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}
