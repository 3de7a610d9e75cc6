import type { CancellationMode } from '../ledger/cancellation-mode';
import type { PipelineSettings } from '../runtime/protocol';
import { mayCost } from './lost-attempts';
import type { OperationPolicy } from './operation-policy';
import type { Policy } from './policy-file';

/** What to do about a pipeline function that is not pure apart from its calls. */
export type Strict = PipelineSettings['strict'];

/** A check at every re-run costs time, so production does without unless asked. */
export function defaultStrict(environment: NodeJS.ProcessEnv = process.env): Strict {
  return environment['NODE_ENV'] === 'production' ? 'off' : 'warn';
}

/** What a pipeline of this policy is told before its first call. */
export function pipelineSettings(
  policy: Policy,
  pipeline: string,
  options: { searchAttributes: boolean; strict: Strict; cancellation?: CancellationMode | null },
): PipelineSettings {
  const operations = [...policy.operations.values()];
  return {
    version: 1,
    enabled: !policy.disabledPipelines.has(pipeline),
    disabledPipelines: [...policy.disabledPipelines],
    forecastable: namesOf(operations, ({ forecasters }) => forecasters.length > 0),
    searchAttributes: options.searchAttributes,
    strict: options.strict,
    limits: { ...policy.limits },
    policyName: policy.launchPolicy,
    admission: 'ranked',
    joint: true,
    drafting: 'by-policy',
    closing: 'always',
    tenantFrom: { ...policy.tenantFrom },
    streamed: namesOf(operations, ({ forecasters }) => forecasters.some(({ kind }) => kind === 'stream')),
    mined: namesOf(operations, ({ forecasters }) => forecasters.some(({ kind }) => kind === 'mined')),
    named: namesOf(operations, ({ effect, barrier }) => effect === 'idempotent' || barrier),
    writing: namesOf(operations, ({ writes }) => writes !== null),
    free: namesOf(operations, (operation) => !mayCost(operation)),
    midStreamCancel: policy.midStreamCancel,
    ...(options.cancellation != null && { cancellation: options.cancellation }),
  };
}

function namesOf(operations: readonly OperationPolicy[], which: (operation: OperationPolicy) => boolean): string[] {
  return operations.filter(which).map(({ activityType }) => activityType);
}
