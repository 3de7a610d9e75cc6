import type { ClosedFormExperiment } from '../validation/closed-form';
import { isp, speculativeDecoding } from '../validation/peers/blocks';
import { asyncLm, llmCompiler } from '../validation/peers/parallel-calls';
import { sherlockWaste, sherlockWindow } from '../validation/peers/sherlock';
import { extraCost } from '../validation/peers/speculative-actions-cost';
import { depthCost, depthTime } from '../validation/peers/speculative-actions-depth';
import { deterministicTime, exponentialTime, hits } from '../validation/peers/speculative-actions-time';
import { stationaryValue } from '../validation/peers/stationary-value';
import { memoryCap, memoryCost, nichols, spork } from '../validation/peers/tool-calls';

/** Speculative Actions, arXiv:2510.04371v2. */
export const SPECULATIVE_ACTIONS: readonly ClosedFormExperiment[] = [
  hits,
  deterministicTime,
  exponentialTime,
  extraCost,
  depthTime,
  depthCost,
  stationaryValue,
];

/** Everybody else who prints one. */
export const OTHER_SYSTEMS: readonly ClosedFormExperiment[] = [
  nichols,
  spork,
  llmCompiler,
  asyncLm,
  memoryCap,
  memoryCost,
  isp,
  speculativeDecoding,
  sherlockWindow,
  sherlockWaste,
];
