import type { DecisionOutcome } from '../decision/decision-outcome';
import type { DecisionRow } from '../decision/recompute';
import type { Entry } from '../ledger/entry';
import type { Hypothesis } from './hypothesis';

/** What a decision is about, so that its outcome can be told later. */
export interface Subject {
  /** The newest forecast that the decision rests on. */
  hypothesis?: Hypothesis;
  /** What was started. */
  activityId?: string;
}

export type LoggedDecision = DecisionRow & { outcome: DecisionOutcome };

interface Logged {
  row: DecisionRow;
  hypothesis: Hypothesis | null;
  started: Pick<DecisionOutcome, 'launch' | 'costUsd' | 'savedSeconds' | 'realisedValueUsd'>;
}

const KEPT = 500;
const NOTHING_STARTED: Logged['started'] = { launch: null, costUsd: null, savedSeconds: null, realisedValueUsd: null };

/** The latest 500 decisions of a pipeline and what became of each. */
export class DecisionLog {
  readonly #kept: Logged[] = [];
  readonly #started = new Map<string, Logged>();

  log(row: DecisionRow, { hypothesis, activityId }: Subject = {}): void {
    const logged: Logged = { row, hypothesis: hypothesis ?? null, started: NOTHING_STARTED };
    this.#kept.push(logged);
    if (activityId !== undefined) {
      logged.started = { ...NOTHING_STARTED, launch: row.phase === 'ask' ? null : 'open', costUsd: '0' };
      this.#started.set(activityId, logged);
    }
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** The decision that started an activity, for as long as that runs. */
  behind(activityId: string): DecisionRow | undefined {
    return this.#started.get(activityId)?.row;
  }

  /** What is known of a started activity by now; it is over when its entry is settled. */
  update(entry: Readonly<Entry>, realisedValueUsd: number | null): void {
    const logged = this.#started.get(entry.id);
    if (logged === undefined) return;
    if (entry.settled) this.#started.delete(entry.id);
    const claimed = entry.state === 'claimed';
    logged.started = {
      launch: logged.row.phase === 'ask' ? null : launchOutcome(entry.state),
      // What was left behind is billed elsewhere.
      costUsd: entry.unresolved ? null : entry.costUsd,
      savedSeconds: claimed ? entry.savedMs / 1000 : null,
      realisedValueUsd: entry.unresolved ? null : realisedValueUsd,
    };
  }

  rows(): LoggedDecision[] {
    return this.#kept.map(({ row, hypothesis, started }) => ({
      ...row,
      outcome: { forecast: hypothesis === null ? null : forecastOutcome(hypothesis), ...started },
    }));
  }
}

function launchOutcome(state: Entry['state']): DecisionOutcome['launch'] {
  switch (state) {
    case 'running':
    case 'finished':
      return 'open';
    case 'committed':
    case 'claimed':
      return 'claimed';
    default:
      return state;
  }
}

function forecastOutcome({ state, operation, judgement }: Hypothesis): DecisionOutcome['forecast'] {
  if (state === 'confirmed') return 'right';
  if (judgement === 'equivalent') return 'equivalent';
  if (judgement === 'pending') return null;
  // Without a real output there is nothing that the forecast could be compared with.
  return state === 'refuted' && operation.outcome.state === 'resolved' ? 'wrong' : null;
}
