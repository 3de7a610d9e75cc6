/** Beta prior of one dependency type: a = strength * mean, b = strength * (1 - mean). */
export interface DependencyPrior {
  type: string;
  /** Number of branches, for `router_k_way`. */
  k: number | null;
  mean: number;
  /** Pseudo-observations that the prior is worth. */
  strength: number;
}
