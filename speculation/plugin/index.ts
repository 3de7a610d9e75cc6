export { RunaheadPlugin, WORKFLOW_INTERCEPTOR_PATH, type RunaheadPluginOptions } from './runahead-plugin';
export { definePolicy, type Policy, type PolicyInput } from './policy-file';
export { PolicyError, type PolicyErrorCode } from './policy-error';
export type { EmbedInput, EquivalenceInput } from './equivalence-policy';
export {
  defineFaultExperiment,
  FaultExperimentError,
  type FaultExperiment,
  type FaultExperimentInput,
  type VerifierInput,
} from './fault-experiment';
export type { FaultModel } from '../verification/fault-models';
export type { CostInput, ForecasterInput, OperationInput } from './operation-policy';
export { loadPatterns, PatternsError } from './load-patterns';
export { PriceTable, UnknownPriceError, type PriceOverride } from './price-table';
export { nextRequestId } from './request-id';
export { dropRunningUsage, recordUsage, reportRunningUsage, usageSoFar, type Usage } from './usage-meter';
export { registerSearchAttributes } from './search-attributes';
export { idempotencyKey, OutsideActivityError } from '../stages/attempt-call';
export {
  PostgresStageStore,
  type PostgresConnection,
  type PostgresPool,
  type PostgresStageStoreOptions,
} from '../stages/postgres-store';
export { SqliteStageStore, type SqliteConnection, type SqliteStageStoreOptions } from '../stages/sqlite-store';
export { defineStage, type StageDefinition, type StageInput } from '../stages/stage-definition';
export { StageError, type StageErrorCode } from '../stages/stage-error';
export type {
  Deliver,
  OutboxMessage,
  Stage,
  StagedCall,
  StageState,
  StageStore,
  StageTransaction,
} from '../stages/stage-store';
export type { FieldsOptions, ReplyChunk } from '../streams/output-fields';
export { outputStream, type OutputStream } from '../streams/output-stream';
export type { StreamedReply, StreamedToolCall } from '../streams/reply-parts';
export { SchemaMisfitError } from '../streams/schema-misfit-error';
export { UnreadableJsonError, type JsonProblem } from '../streams/unreadable-json-error';
export { withFields } from '../streams/with-fields';
export type { JsonPath, PartialChange } from '../forecast/partial-value';
