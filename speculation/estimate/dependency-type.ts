import { PROPOSED_TAXONOMY, ROUTER, usableMean, usableStrength, type DependencyTaxonomy } from './dependency-taxonomy';
import { InvalidDependencyError } from './invalid-dependency-error';

export { InvalidDependencyError };

/** Beta prior of one dependency type: a = strength * mean, b = strength * (1 - mean). */
export interface DependencyPrior {
  type: string;
  /** Number of branches, for `router_k_way`. */
  k: number | null;
  mean: number;
  /** Pseudo-observations that the prior is worth. */
  strength: number;
  /** Observations after which one counts half. @default nothing is forgotten */
  halfLife?: number;
  /** The probability in use is the one that is exceeded with this credibility, not the mean. @default the mean */
  credibleBound?: number;
}

/** How an owner declares what kind of output an operation has. */
export interface DependencyDeclaration {
  type: string;
  /** Number of branches; for `router_k_way`, and needed there. */
  k?: number;
  /** Overrides the mean of the type; not for `router_k_way`. */
  mean?: number;
  /** @default that of the type; 2 for ours: a prior gives way to the first handful of observations */
  strength?: number;
  /** Observations after which one counts half, at least 1. PROPOSED, ours. @default nothing is forgotten */
  halfLife?: number;
  /**
   * Decides by the probability that the true one exceeds with this credibility, 0.5 to 1 (1 excluded), such as 0.9, instead of by the
   * posterior mean: what was seen rarely launches less. PROPOSED, ours. @default the posterior mean
   */
  credibleBound?: number;
}

/**
 * The prior of a declared dependency type.
 *
 * @param taxonomy @default the types that ship
 * @throws InvalidDependencyError
 */
export function resolveDependency(
  declaration: DependencyDeclaration,
  taxonomy: DependencyTaxonomy = PROPOSED_TAXONOMY,
): DependencyPrior {
  const { type, k, halfLife, credibleBound } = declaration;
  const known = taxonomy.get(type);
  if (known === undefined) {
    const wayOut = `known types: ${[...taxonomy.keys()].join(', ')}; add it to dependencyTypes, or use one of these`;
    throw new InvalidDependencyError('type', type, wayOut);
  }
  const strength = usableStrength('strength', declaration.strength ?? known.strength);
  return {
    type,
    k: type === ROUTER ? branches(k) : noBranches(k),
    mean: known.mean === null ? routerMean(declaration) : usableMean('mean', declaration.mean ?? known.mean),
    strength,
    ...(halfLife !== undefined && { halfLife: usableHalfLife(halfLife) }),
    ...(credibleBound !== undefined && { credibleBound: usableBound(credibleBound) }),
  };
}

function branches(k: number | undefined): number {
  if (k !== undefined && Number.isSafeInteger(k) && k >= 1) return k;
  throw new InvalidDependencyError('k', k, `${ROUTER} needs the number of branches, a whole number of at least 1`);
}

function noBranches(k: number | undefined): null {
  if (k === undefined) return null;
  throw new InvalidDependencyError('k', k, `only ${ROUTER} has branches; leave k out or use ${ROUTER}`);
}

function routerMean({ k, mean }: DependencyDeclaration): number {
  if (mean === undefined) return 1 / branches(k);
  throw new InvalidDependencyError('mean', mean, `${ROUTER} has the mean 1/k; leave mean out or use another type`);
}

function usableHalfLife(halfLife: number): number {
  if (Number.isFinite(halfLife) && halfLife >= 1) return halfLife;
  throw new InvalidDependencyError('halfLife', halfLife, 'use a number of observations, at least 1');
}

function usableBound(bound: number): number {
  if (bound >= 0.5 && bound < 1) return bound;
  throw new InvalidDependencyError('credibleBound', bound, 'use a credibility from 0.5 to below 1, such as 0.9');
}
