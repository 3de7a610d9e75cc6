/** What an operation of a pipeline needs, for the order in which verifiers are placed. */
export interface OperationNode {
  operation: string;
  /** Operations whose outputs it is given. */
  after: readonly string[];
}

/** An operation that needs one which there is not. */
export class UnknownOperationError extends Error {
  readonly code = 'RUNAHEAD_UNKNOWN_OPERATION';
  override readonly name = 'UnknownOperationError';

  constructor(operation: string, upstream: string) {
    super(`verifier placement: ${operation} comes after ${upstream}, which is not among the operations`);
  }
}

/**
 * The order in which Sherlock (arXiv:2511.00330) gives verifiers to the operations of a pipeline: those that nothing comes after first,
 * then those that come after nothing, then by fan-in, the largest first. PROPOSED where the publication leaves it open: ties keep the
 * order of the list.
 *
 * @throws UnknownOperationError
 */
export function placementOrder(nodes: readonly OperationNode[]): string[] {
  const names = new Set(nodes.map(({ operation }) => operation));
  for (const { operation, after } of nodes) {
    for (const upstream of after) if (!names.has(upstream)) throw new UnknownOperationError(operation, upstream);
  }
  const followed = new Set(nodes.flatMap(({ after }) => after));
  const place = ({ operation, after }: OperationNode): number =>
    !followed.has(operation) ? 0 : after.length === 0 ? 1 : 2;
  return [...nodes]
    .sort((left, right) => place(left) - place(right) || right.after.length - left.after.length)
    .map(({ operation }) => operation);
}
