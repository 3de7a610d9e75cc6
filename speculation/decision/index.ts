/* Entry `runahead/decision`: the decision alone. Pure functions of values, usable without Temporal. */
export {
  checkAdmissible,
  type AdmissibilityReason,
  type Declared,
  type Disclosure,
  type EffectClass,
} from './admissibility';
export { decideAsk, type AskDecision, type AskInputs } from './ask-draft';
export {
  decide,
  type Decision,
  type DecisionInputs,
  type DecisionReason,
  type HypothesisProbability,
} from './decision';
export {
  branchProbability,
  breakEvenProbability,
  criticalBranches,
  impliedLambdaUsdPerSecond,
  largestAffordableCostUsd,
  mostBranches,
  neverSpeculates,
  probabilityThreshold,
  smallestAlpha,
} from './boundary';
export { expectedValueUsd, shouldSpeculate, thresholdUsd } from './expected-value';
export { applyKnobChange, DEFAULT_KNOB, InvalidKnobError, parseKnobChange, type Knob, type KnobChange } from './knob';
export { latencyValueUsd } from './latency-value';
export type { DecisionOutcome } from './decision-outcome';
export { marginalProbability } from './marginal-breadth';
export { breadthValueUsd, optimalBreadth } from './optimal-breadth';
export type { Override, OverrideReason, PlannedDecision } from './override';
export { InvalidQuantityError } from './quantity';
export { recomputeRow, type DecisionRow } from './recompute';
export { tokensCostUsd, type TokenCounts, type TokenRates } from './tokens';
export { byValuePerDollar, valuePerDollar, type RankedLaunch } from './value-per-dollar';
