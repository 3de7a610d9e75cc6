/**
 * Which model plays which part in the pipelines that ship. Any OpenAI-compatible name will do, as long as its price is known
 * or declared.
 */
export const MODEL = {
  /** Classifies, checks, takes notes, chooses tool calls. `RUNAHEAD_SMALL_MODEL`, default gpt-4o-mini. */
  small: process.env['RUNAHEAD_SMALL_MODEL'] ?? 'gpt-4o-mini',
  /** Plans and writes. `RUNAHEAD_BIG_MODEL`, default gpt-4o. */
  big: process.env['RUNAHEAD_BIG_MODEL'] ?? 'gpt-4o',
  /** Guesses what another one will say. `RUNAHEAD_DRAFT_MODEL`, default gpt-4.1-nano. */
  draft: process.env['RUNAHEAD_DRAFT_MODEL'] ?? 'gpt-4.1-nano',
} as const;
