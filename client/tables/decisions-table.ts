import pc from 'picocolors';
import type { Decision } from '../../speculation/decision/decision';
import type { LoggedDecision } from '../../speculation/runtime/decision-log';
import { dollars, probability, seconds } from './figures';
import { plainTable } from './plain-table';

const HEAD = [
  '#',
  'phase',
  'edge',
  'decision',
  'reason',
  'plan',
  'P',
  'cost',
  'saves',
  'EV',
  'must reach',
  'came of it',
];

/** Plan, launches, holds and asks in the order in which they were decided, and what came of them. */
export function decisionsTable(decisions: readonly LoggedDecision[]): string {
  if (decisions.length === 0) return 'No decision yet: no forecast was there when an operation ran.';
  return plainTable(HEAD, decisions.map(row), ['#', 'P', 'cost', 'saves', 'EV', 'must reach']);
}

function row(decision: LoggedDecision): string[] {
  const { id, phase, upstream } = decision;
  if (decision.phase === 'ask') {
    return [
      String(id),
      phase,
      `${upstream} (draft ${decision.draft})`,
      decision.decision === 'ask' ? pc.green('ask') : pc.dim('skip'),
      decision.reason,
      '',
      '',
      dollars(decision.draftCostUsd),
      '',
      dollars(decision.valueUsd),
      dollars(decision.thresholdUsd),
      '',
    ];
  }
  return [
    String(id),
    phase,
    `${upstream} > ${decision.downstream}`,
    decision.decision === 'launch' ? pc.green('launch') : pc.dim('hold'),
    decision.reason === 'inadmissible' ? `inadmissible: ${decision.admissibilityReason}` : decision.reason,
    againstPlan(decision),
    probability(decision.P),
    dollars(decision.speculativeCostUsd),
    seconds(decision.latencySavedSeconds),
    dollars(decision.expectedValueUsd),
    dollars(decision.thresholdUsd),
    outcomeOf(decision),
  ];
}

/** Rows of a pipeline that an older worker runs have no plan and no outcome. */
type MaybeOlder<T> = { [Field in keyof T]?: T[Field] | undefined };

function againstPlan({ override, overrideReason }: MaybeOlder<Decision>): string {
  if (override === undefined || override === null) return '';
  const word = override.startsWith('KEEP') ? 'kept' : override.toLowerCase();
  return overrideReason === undefined || overrideReason === null ? word : `${word}: ${overrideReason}`;
}

function outcomeOf({ outcome }: MaybeOlder<LoggedDecision>): string {
  const { launch, forecast } = outcome ?? {};
  return [launch, forecast].filter((each) => each !== undefined && each !== null).join(', ');
}
