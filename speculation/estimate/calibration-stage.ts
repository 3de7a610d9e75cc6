/**
 * How far an edge is trusted (arXiv:2606.07846 names the stages and their order; gates and numbers are PROPOSED, ours):
 * `offline` and `shadow` decide and log without launching, `canary` launches for a share of the pipelines, `online` for all,
 * and `killed` for none until somebody puts the edge back into the shadow.
 */
export type CalibrationStage = 'offline' | 'shadow' | 'canary' | 'online' | 'killed';
