export { RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH, type RunaheadPluginOptions } from './runahead-plugin';
export { definePolicy, type Policy, type PolicyInput } from './policy-file';
export { PolicyError, type PolicyErrorCode } from './policy-error';
export type { EmbedInput, EquivalenceInput } from './equivalence-policy';
export type { CostInput, ForecasterInput, OperationInput } from './operation-policy';
export { PriceTable, UnknownPriceError, type PriceOverride } from './price-table';
export { nextRequestId } from './request-id';
export { dropRunningUsage, recordUsage, reportRunningUsage, usageSoFar, type Usage } from './usage-meter';
export { registerSearchAttributes } from './search-attributes';
