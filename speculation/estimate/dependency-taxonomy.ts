import { InvalidDependencyError } from './invalid-dependency-error';

/** What is believed of one type of dependency before anything was observed. */
export interface DependencyType {
  /** Null for `router_k_way`, whose mean is 1/k. */
  mean: number | null;
  /** Pseudo-observations that the belief is worth. */
  strength: number;
}

/** Dependency types by name. */
export type DependencyTaxonomy = ReadonlyMap<string, DependencyType>;

/** How an owner adds a dependency type, or changes one of ours. */
export interface DependencyTypeInput {
  /** Probability that a forecast is right, 0 to 1, both excluded. Needed for a type of one's own; not for `router_k_way`. */
  mean?: number;
  /** @default 2, or that of the type which is changed */
  strength?: number;
}

/** One of k outputs, all equally likely at first: mean 1/k. The only type that arXiv:2606.07846 is known to name. */
export const ROUTER = 'router_k_way';

/** A prior gives way to the first handful of observations. PROPOSED: the number is Runahead's own. */
const DEFAULT_STRENGTH = 2;

/** PROPOSED: types and means are Runahead's own, not the paper's, but for `router_k_way`. */
export const PROPOSED_TAXONOMY: DependencyTaxonomy = new Map<string, DependencyType>([
  [ROUTER, { mean: null, strength: DEFAULT_STRENGTH }],
  ['deterministic', { mean: 0.95, strength: DEFAULT_STRENGTH }],
  ['verifier', { mean: 0.8, strength: DEFAULT_STRENGTH }],
  ['repeated_context', { mean: 0.5, strength: DEFAULT_STRENGTH }],
  ['unknown', { mean: 0.5, strength: DEFAULT_STRENGTH }],
  ['open_text', { mean: 0.1, strength: DEFAULT_STRENGTH }],
]);

/**
 * The proposed types with an owner's on top.
 *
 * @throws InvalidDependencyError whose field is `type.mean` or `type.strength`
 */
export function dependencyTaxonomy(types: Readonly<Record<string, DependencyTypeInput>> = {}): DependencyTaxonomy {
  const taxonomy = new Map(PROPOSED_TAXONOMY);
  for (const [type, { mean, strength }] of Object.entries(types)) {
    const known = taxonomy.get(type);
    if (type === ROUTER && mean !== undefined) {
      throw new InvalidDependencyError(
        `${type}.mean`,
        mean,
        `${ROUTER} has the mean 1/k; only its strength can be set`,
      );
    }
    const resolved = mean ?? known?.mean ?? null;
    if (type !== ROUTER && resolved === null) {
      throw new InvalidDependencyError(`${type}.mean`, mean, 'a type of your own needs a mean, such as 0.5');
    }
    taxonomy.set(type, {
      mean: resolved === null ? null : usableMean(`${type}.mean`, resolved),
      strength: usableStrength(`${type}.strength`, strength ?? known?.strength ?? DEFAULT_STRENGTH),
    });
  }
  return taxonomy;
}

export function usableMean(field: string, mean: number): number {
  if (mean > 0 && mean < 1) return mean;
  throw new InvalidDependencyError(field, mean, 'use a probability between 0 and 1, both excluded');
}

export function usableStrength(field: string, strength: number): number {
  if (Number.isFinite(strength) && strength > 0) return strength;
  throw new InvalidDependencyError(field, strength, 'use a finite number above 0');
}
