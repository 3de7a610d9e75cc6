import type { UsageRecord } from './usage';

interface Side extends UsageRecord {
  runs: readonly string[];
  entryId: string;
}

/** Two books have different reported costs for the same request: one of them is wrong, and no sum can be right. */
export class MergeConflictError extends Error {
  readonly code = 'RUNAHEAD_BOOKS_DISAGREE';
  override readonly name = 'MergeConflictError';

  constructor(
    readonly left: Readonly<Side>,
    readonly right: Readonly<Side>,
  ) {
    super(
      `books: request ${JSON.stringify(left.requestId)} cost ${describe(left)}, and ${describe(right)}. ` +
        "Both are said to be the provider's own figure: look the request up in the provider's usage export, and see that every " +
        'request is recorded under an id of its own.',
    );
  }
}

function describe({ costUsd, runs, entryId }: Side): string {
  return `$${costUsd} by entry ${JSON.stringify(entryId)} of ${runs.join(', ')}`;
}
