import pc from 'picocolors';
import type { AskDecision } from '../../speculation/decision/ask-draft';
import type { Decision } from '../../speculation/decision/decision';
import { dollars, probability, seconds } from './figures';
import { plainTable } from './plain-table';

const HEAD = ['#', 'edge', 'decision', 'reason', 'P', 'cost', 'saves', 'EV', 'must reach'];

/** Every launch, hold and ask in the order in which they were decided. */
export function decisionsTable(decisions: readonly (Decision | AskDecision)[]): string {
  if (decisions.length === 0) return 'No decision yet: no forecast was there when an operation ran.';
  return plainTable(HEAD, decisions.map(row), ['#', 'P', 'cost', 'saves', 'EV', 'must reach']);
}

function row(decision: Decision | AskDecision): string[] {
  if (decision.phase === 'ask') {
    return [
      String(decision.id),
      `${decision.upstream} (draft ${decision.draft})`,
      decision.decision === 'ask' ? pc.green('ask') : pc.dim('skip'),
      decision.reason,
      '',
      dollars(decision.draftCostUsd),
      '',
      dollars(decision.valueUsd),
      dollars(decision.thresholdUsd),
    ];
  }
  return [
    String(decision.id),
    `${decision.upstream} > ${decision.downstream}`,
    decision.decision === 'launch' ? pc.green('launch') : pc.dim('hold'),
    decision.reason === 'inadmissible' ? `inadmissible: ${decision.admissibilityReason}` : decision.reason,
    probability(decision.P),
    dollars(decision.speculativeCostUsd),
    seconds(decision.latencySavedSeconds),
    dollars(decision.expectedValueUsd),
    dollars(decision.thresholdUsd),
  ];
}
