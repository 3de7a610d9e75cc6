import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { LaunchObservation, Observation } from '../estimate/observation';
import type { Entry } from '../ledger/entry';
import { Ledger, type LedgerCarry, type Outcome } from '../ledger/ledger';
import { isMissingBill } from '../ledger/missing-bill';
import { sumUsd } from '../ledger/price-usage';
import type { UsageRecord } from '../ledger/usage';
import { DecisionLog } from './decision-log';
import type { RunaheadSinks } from './protocol';

/** What one pipeline spent, decided and learned. Steps of a launch pass through here, so that all three agree. */
export class Books {
  readonly ledger: Ledger;
  readonly decisions = new DecisionLog();
  /** What ends now is billed to the control workflow. */
  closed = false;
  /** How many launches had an outcome when the totals were last written. */
  rolledUpOutcomes = 0;

  #observations = 0;
  readonly #sinks = proxySinks<RunaheadSinks>();

  constructor(
    private readonly options: {
      pipelineType: string;
      carry: LedgerCarry | undefined;
      nowMs: () => number;
      /** The books of a launch or draft have changed: there may be room for another. */
      onChange: () => void;
    },
  ) {
    this.ledger = options.carry === undefined ? new Ledger() : Ledger.fromJSON(options.carry);
  }

  claim(activityId: string, equivalent = false): void {
    this.ledger.claim(activityId, this.options.nowMs(), { equivalent });
    this.#changed(activityId);
  }

  /** A launch has ended before anybody claimed it. */
  finish(activityId: string, usage: UsageRecord[]): void {
    this.ledger.finish(activityId, { usage, atMs: this.options.nowMs() });
    this.#changed(activityId);
  }

  settle(activityId: string, outcome: Outcome, usage: UsageRecord[]): void {
    if (this.closed) return;
    this.ledger.settle(activityId, { outcome, usage, atMs: this.options.nowMs() });
    this.#changed(activityId);
    // The worker may be alive after all and have been out of reach; then the control workflow books what it reports.
    if (usage.some(isMissingBill)) this.#reportUnresolved([activityId]);
  }

  /** Their bills will not be seen here; the control workflow books them when their workers report. */
  leave(activityIds: string[]): void {
    if (this.closed || activityIds.length === 0) return;
    for (const activityId of activityIds) {
      this.ledger.leave(activityId);
      this.#changed(activityId);
    }
    this.#reportUnresolved(activityIds);
  }

  #reportUnresolved(activityIds: string[]): void {
    const { workflowId, runId } = workflowInfo();
    const id = `${runId}/unresolved/${this.nextObservation()}`;
    this.observe({ kind: 'unresolved', id, workflowId, runId, activityIds });
  }

  /** What counts against the budget: launches that nobody has claimed, and drafts. */
  spending(): { spentUsd: string; reservedUsd: string } {
    const { spentUsd, draftUsd, reservedUsd } = this.ledger.totals();
    return { spentUsd: sumUsd([spentUsd, draftUsd]), reservedUsd };
  }

  nextObservation(): number {
    return ++this.#observations;
  }

  /** Tells the worker, without an event in history. */
  observe(...observations: Observation[]): void {
    if (observations.length > 0) this.#sinks.runahead.observe(observations);
  }

  /** The decision behind an entry is told of it, and the control plane once it is over. */
  #changed(activityId: string): void {
    this.options.onChange();
    const entry = this.ledger.entry(activityId);
    const decision = this.decisions.behind(activityId);
    if (entry === undefined || decision === undefined) return;
    const realisedValueUsd = realised(entry, decision.knob.lambdaUsdPerSecond);
    this.decisions.update(entry, realisedValueUsd);
    if (decision.phase === 'ask' || realisedValueUsd === null || entry.unresolved) return;
    this.observe({
      kind: 'launch',
      id: `${workflowInfo().runId}/launch/${activityId}`,
      pipeline: this.options.pipelineType,
      upstream: decision.upstream,
      downstream: decision.downstream,
      probability: decision.P,
      expectedValueUsd: decision.expectedValueUsd,
      claimed: entry.state === 'claimed',
      costUsd: entry.costUsd,
      realisedValueUsd,
    } satisfies LaunchObservation);
  }
}

/** lambda * seconds saved by a claimed launch, minus the cost of any other; null while that is open. */
function realised(entry: Readonly<Entry>, lambdaUsdPerSecond: number): number | null {
  if (!entry.settled) return null;
  return entry.state === 'claimed' ? (lambdaUsdPerSecond * entry.savedMs) / 1000 : 0 - Number(entry.costUsd);
}
