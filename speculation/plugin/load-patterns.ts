import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { shownValue } from '../decision/shown-value';
import type { MinedPatterns } from '../mining/mined-patterns';

/** A file of mined patterns that cannot be used. The message names the file, the field and the way out. */
export class PatternsError extends Error {
  readonly code = 'RUNAHEAD_PATTERNS';
  override readonly name = 'PatternsError';

  constructor(
    readonly file: string,
    /** Path of the field, for example `operations.decide.templates.0`; empty for the file as a whole. */
    readonly field: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    const where = field === '' ? file : `${file}: field ${field}`;
    super(`${where} ${problem}. Make the file with "runahead mine --out ${file}".`, options);
  }
}

const count = z.number().nonnegative();
const path = z.array(z.union([z.string(), z.number(), z.null()]));

/** What a forecast reads, so that it never finds less than it needs; what else is there is left alone. */
const patternsSchema = z.looseObject({
  version: z.literal(1),
  operations: z.record(
    z.string(),
    z.looseObject({
      templates: z.array(
        z.looseObject({
          fixed: z.array(z.tuple([path, z.unknown()])),
          places: z.array(path),
          rules: z.array(
            z.looseObject({
              sources: z.array(z.unknown()),
              contexts: z.record(z.string(), z.tuple([count, count])),
            }),
          ),
        }),
      ),
    }),
  ),
});

/**
 * Reads what `runahead mine` wrote, for a forecaster `{ kind: 'mined', patterns }` of a policy file. Reads the file at once, so that a worker
 * without it does not start.
 *
 * @throws PatternsError naming the file and the field
 */
export function loadPatterns(file: string): MinedPatterns {
  const value = parsed(file, text(file));
  const { error } = patternsSchema.safeParse(value);
  const issue = error?.issues[0];
  if (issue !== undefined) {
    const given = issue.path.reduce<unknown>(inside, value);
    throw new PatternsError(file, issue.path.map(String).join('.'), `is ${shownValue(given)}: ${issue.message}`);
  }
  return value as MinedPatterns;
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PatternsError(file, '', `cannot be read (${reasonOf(cause)})`, { cause });
  }
}

function parsed(file: string, json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (cause) {
    throw new PatternsError(file, '', `is no JSON (${reasonOf(cause)})`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function inside(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}
