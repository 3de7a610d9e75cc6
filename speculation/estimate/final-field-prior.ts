import type { DependencyPrior } from './dependency-type';

/**
 * How likely what a stream has announced as final is in the output in the end, before anything was observed: an answer that breaks off is
 * asked for again, and may be another. PROPOSED, ours: the paper names streaming re-estimation and no prior for it.
 */
export const FINAL_FIELD_PRIOR: DependencyPrior = { type: 'final_field', k: null, mean: 0.99, strength: 20 };
