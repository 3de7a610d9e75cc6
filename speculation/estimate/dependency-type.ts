/** Beta prior of one dependency type: a = strength * mean, b = strength * (1 - mean). */
export interface DependencyPrior {
  type: string;
  /** Number of branches, for `router_k_way`. */
  k: number | null;
  mean: number;
  /** Pseudo-observations that the prior is worth. */
  strength: number;
}

/** How an owner declares what kind of output an operation has. */
export interface DependencyDeclaration {
  type: string;
  /** Number of branches; for `router_k_way`, and needed there. */
  k?: number;
  /** Overrides the mean of the type; not for `router_k_way`. */
  mean?: number;
  /** @default 2: a prior gives way to the first handful of observations */
  strength?: number;
}

/** A declaration of a dependency type that cannot be used. */
export class InvalidDependencyError extends Error {
  readonly code = 'RUNAHEAD_INVALID_DEPENDENCY';
  override readonly name = 'InvalidDependencyError';

  constructor(
    readonly field: string,
    value: unknown,
    wayOut: string,
  ) {
    super(`dependency: ${field} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}; ${wayOut}`);
  }
}

/** One of k outputs, all equally likely at first: mean 1/k. The only type that arXiv:2606.07846 is known to name. */
const ROUTER = 'router_k_way';

/** PROPOSED: types and means are Runahead's own, not the paper's. */
const PROPOSED_MEANS: ReadonlyMap<string, number> = new Map([
  ['deterministic', 0.95],
  ['verifier', 0.8],
  ['repeated_context', 0.5],
  ['unknown', 0.5],
  ['open_text', 0.1],
]);

const DEFAULT_STRENGTH = 2;

/**
 * The prior of a declared dependency type.
 *
 * @throws InvalidDependencyError
 */
export function resolveDependency(declaration: DependencyDeclaration): DependencyPrior {
  const { type, k, strength = DEFAULT_STRENGTH } = declaration;
  if (!(Number.isFinite(strength) && strength > 0)) {
    throw new InvalidDependencyError('strength', strength, 'use a finite number above 0');
  }
  if (type === ROUTER) return { type, k: branches(k), mean: routerMean(declaration), strength };

  const typeMean = PROPOSED_MEANS.get(type);
  if (typeMean === undefined) {
    const known = [ROUTER, ...PROPOSED_MEANS.keys()].join(', ');
    throw new InvalidDependencyError('type', type, `known types: ${known}`);
  }
  if (k !== undefined)
    throw new InvalidDependencyError('k', k, `only ${ROUTER} has branches; leave k out or use ${ROUTER}`);
  const { mean = typeMean } = declaration;
  if (!(mean > 0 && mean < 1)) {
    throw new InvalidDependencyError('mean', mean, 'use a probability between 0 and 1, both excluded');
  }
  return { type, k: null, mean, strength };
}

function branches(k: number | undefined): number {
  if (k !== undefined && Number.isSafeInteger(k) && k >= 1) return k;
  throw new InvalidDependencyError('k', k, `${ROUTER} needs the number of branches, a whole number of at least 1`);
}

function routerMean({ k, mean }: DependencyDeclaration): number {
  if (mean === undefined) return 1 / branches(k);
  throw new InvalidDependencyError('mean', mean, `${ROUTER} has the mean 1/k; leave mean out or use another type`);
}
