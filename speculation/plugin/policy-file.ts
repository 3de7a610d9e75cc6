import { createHash } from 'node:crypto';
import type { BudgetsByScope } from '../budget/budget-limits';
import { applyKnobChange, DEFAULT_KNOB, InvalidKnobError, parseKnobChange, type Knob } from '../decision/knob';
import type { CalibrationChange } from '../estimate/calibration-change';
import type { CalibrationSettings } from '../estimate/calibration-settings';
import type { DependencyTypeInput } from '../estimate/dependency-taxonomy';
import { canonicalJson } from '../forecast/canonical-json';
import { launchPolicy } from '../policies/by-name';
import { DEFAULT_LIMITS, type Limits, type MidStreamCancel, type TenantSource } from '../runtime/protocol';
import { declaredBudgets, type BudgetInput } from './declared-budgets';
import { declaredCalibration } from './declared-calibration';
import { declaredTaxonomy } from './declared-dependencies';
import { checkEquivalences } from './equivalence-policy';
import type { OperationInput, OperationPolicy } from './operation-policy';
import { checkDrafts, resolveOperation } from './operation-resolution';
import { PolicyError } from './policy-error';
import { policySchema } from './policy-schema';
import { PriceTable, type PriceOverride } from './price-table';
import { checkStages } from './stage-policy';

/** A policy as it is written: what an owner says about the activities and pipelines of a worker. */
export interface PolicyInput {
  /** Shown beside every decision. @default a digest of the policy */
  version?: string;
  /** Name of the rule that says which launches are worth their price. @default "cost-aware" */
  launchPolicy?: string;
  /** Where the operator's dial starts; it can be turned while pipelines run. @default see `Knob` */
  knob?: Partial<Knob>;
  /**
   * What pipelines share, by scope: `*`, `pipeline:<type>`, `tenant:<name>`, or `tenant:*` for each tenant without one of its own. In
   * force until something else is set for the scope at the control workflow. @default none
   */
  budgets?: Record<string, BudgetInput>;
  /**
   * Where a pipeline says whose it is, for budgets and for what is learned of each tenant. @default the fairness key of its priority
   */
  tenant?: TenantSource;
  /** Dependency types of one's own, and other means and strengths for ours. @default the types that ship */
  dependencyTypes?: Record<string, DependencyTypeInput>;
  /**
   * How edges come to be trusted and lose it, when the control workflow is started for the first time; changed there later. @default every
   * edge is online, and its kill-switch is on
   */
  calibration?: CalibrationChange;
  /** When news from a stream cancels a launch that rests on a forecast. @default "remaining-cost" */
  midStreamCancel?: MidStreamCancel;
  /** Bounds on what one pipeline may speculate. @default see `Limits` */
  limits?: Partial<Limits>;
  /** Prices of one's own by model name; they go before the public price list. @default none */
  prices?: Record<string, PriceOverride>;
  /** By workflow type. @default every pipeline is enabled */
  pipelines?: Record<string, { enabled?: boolean }>;
  /** By activity type. What is not listed is never launched early. */
  activities: Record<string, OperationInput>;
}

/** A policy, checked and complete. Made by `definePolicy`. */
export interface Policy {
  readonly version: string;
  readonly launchPolicy: string;
  readonly knob: Readonly<Knob>;
  readonly budgets: Readonly<BudgetsByScope>;
  readonly calibration: Readonly<CalibrationSettings>;
  readonly tenantFrom: Readonly<TenantSource>;
  readonly midStreamCancel: MidStreamCancel;
  readonly limits: Readonly<Limits>;
  readonly prices: PriceTable;
  readonly disabledPipelines: ReadonlySet<string>;
  readonly operations: ReadonlyMap<string, OperationPolicy>;
}

const DEFAULT_LAUNCH_POLICY = 'cost-aware';

/**
 * Checks a policy and completes it.
 *
 * @example
 * export const policy = definePolicy({
 *   activities: {
 *     classify: {
 *       effect: 'none',
 *       dependency: { type: 'router_k_way', k: 3 },
 *       forecast: [{ kind: 'history' }],
 *       cost: { kind: 'model', model: 'gpt-4o-mini', inputTokens: 400, outputTokens: 10 },
 *     },
 *     sendMail: { effect: 'irreversible' },
 *   },
 * });
 *
 * @throws PolicyError naming the field, its value and the way out
 */
export function definePolicy(input: PolicyInput): Policy {
  checkShape(input);
  const prices = new PriceTable(input.prices);
  const taxonomy = declaredTaxonomy(input.dependencyTypes);
  const operations = new Map(
    Object.entries(input.activities).map(([activityType, declaration]) => [
      activityType,
      resolveOperation(activityType, declaration, prices, taxonomy),
    ]),
  );
  checkDrafts(operations);
  checkEquivalences(operations);
  checkStages(operations);
  return {
    version: input.version ?? digest(input),
    launchPolicy: knownLaunchPolicy(input.launchPolicy ?? DEFAULT_LAUNCH_POLICY),
    knob: initialKnob(input.knob),
    budgets: declaredBudgets(input.budgets),
    calibration: declaredCalibration(input.calibration),
    tenantFrom: input.tenant ?? { kind: 'fairnessKey' },
    midStreamCancel: input.midStreamCancel ?? 'remaining-cost',
    limits: { ...DEFAULT_LIMITS, ...input.limits },
    prices,
    disabledPipelines: new Set(
      Object.entries(input.pipelines ?? {}).flatMap(([pipeline, { enabled = true }]) => (enabled ? [] : [pipeline])),
    ),
    operations,
  };
}

function checkShape(input: unknown): void {
  const { error } = policySchema.safeParse(input);
  const issue = error?.issues[0];
  if (issue === undefined) return;
  const field = issue.path.map(String).join('.') || '(the policy)';
  const unknownFields = issue.code === 'unrecognized_keys' ? issue.keys : [];
  const problem =
    unknownFields.length > 0 ? `has no field ${unknownFields.join(', ')}` : `is invalid: ${issue.message}`;
  const value = valueAt(input, issue.path);
  throw new PolicyError('POLICY_INVALID', field, value, 'See PolicyInput for what may stand there.', problem);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function initialKnob(change: Partial<Knob> | undefined): Knob {
  if (change === undefined || Object.keys(change).length === 0) return { ...DEFAULT_KNOB };
  try {
    return applyKnobChange(DEFAULT_KNOB, parseKnobChange(change));
  } catch (error) {
    if (!(error instanceof InvalidKnobError)) throw error;
    const value = (change as Record<string, unknown>)[error.field];
    const options = { cause: error };
    throw new PolicyError('POLICY_INVALID', `knob.${error.field}`, value, error.message, 'is invalid', options);
  }
}

function knownLaunchPolicy(name: string): string {
  try {
    return launchPolicy(name).name;
  } catch (cause) {
    const remedy = cause instanceof Error ? `${cause.message}.` : '';
    throw new PolicyError('POLICY_UNKNOWN_LAUNCH_POLICY', 'launchPolicy', name, remedy, 'is unknown', { cause });
  }
}

/** Of what can be written as JSON; functions and schemas do not count. */
function digest(input: PolicyInput): string {
  const plain = JSON.parse(
    JSON.stringify(input, (key, value: unknown) => (key === 'output' || key === 'stage' ? undefined : value)),
  ) as unknown;
  return createHash('sha256').update(canonicalJson(plain)).digest('hex').slice(0, 12);
}
