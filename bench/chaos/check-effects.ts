import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Effect } from './chaos-input';
import type { Difference, DifferenceKind } from './difference';
import type { LoggedEffect } from './effect-log';
import type { HistoryCall, RunHistory } from './run-history';

/** A staged effect that has become visible, as its database has it. */
export interface CommittedSeat extends Effect {
  workflowId: string;
  stageId: string;
}

export interface EffectsOfRun {
  workflowId: string;
  /** What the plain run does, in order. */
  expected: readonly Effect[];
  completed: boolean;
  histories: readonly RunHistory[];
  /** What the world has of this workflow. */
  logged: readonly LoggedEffect[];
  seats: readonly CommittedSeat[];
}

export interface EffectsCheck {
  differences: Difference[];
  /** Effects that stand, each once however often its activity was attempted. */
  effects: number;
  /** Lines of an irreversible effect beyond the first of its call: Temporal itself had retried the activity, or was reset. */
  repeatedByTemporal: number;
  /** Idempotent effects of launches that nobody claimed, of an operation whose owner allows just that. */
  abandoned: number;
}

/** Compares the world with what the plain run would have done, and with what the authoritative run asked for by its history. */
export function checkEffects(run: EffectsOfRun): EffectsCheck {
  const { workflowId, expected, completed, histories, logged, seats } = run;
  const differences: Difference[] = [];
  const note = (kind: DifferenceKind, what: string): void => void differences.push({ kind, workflowId, what });
  const calls = histories.flatMap((history) => history.calls.map((call) => ({ runId: history.runId, call })));
  const wanted = new Map<string, number>();
  for (const effect of expected) wanted.set(nameOf(effect), (wanted.get(nameOf(effect)) ?? 0) + 1);
  let [abandoned, repeatedByTemporal] = [0, 0];

  // One effect for each key, for each stage, and for each call of an irreversible operation.
  const standing = new Map<string, Effect & { claimed: boolean }>();
  for (const line of logged) {
    const isSend = line.operation === 'sendMessage';
    const id = isSend || line.key === null ? `${line.runId}/${line.activityId}` : line.key;
    const known = standing.get(id);
    const maker = calls.find(({ runId, call }) => runId === line.runId && call.activityId === line.activityId)?.call;
    const claimed = maker !== undefined && isAskedFor(maker, line);
    if (maker === undefined) note('stray effect', `no history has the call of ${told(line)}`);
    else if (maker.launch && line.operation !== 'cacheEntry') note('stray effect', `made by a launch: ${told(line)}`);
    if (known !== undefined && nameOf(known) !== nameOf(line))
      note('stray effect', `two effects under one key: ${told(line)}`);
    if (known === undefined) standing.set(id, { ...line, claimed });
    else known.claimed ||= claimed;
  }
  const attempts = new Set<string>();
  const sends = new Map<string, number>();
  for (const line of logged.filter(({ operation }) => operation === 'sendMessage')) {
    const attempt = `${line.runId}/${line.activityId}/${line.attempt}`;
    if (attempts.has(attempt)) note('double commit', `twice by one attempt: ${told(line)}`);
    attempts.add(attempt);
    sends.set(nameOf(line), (sends.get(nameOf(line)) ?? 0) + 1);
  }
  for (const [name, times] of sends) repeatedByTemporal += Math.max(0, times - (wanted.get(name) ?? 0));
  for (const seat of seats) {
    if (standing.has(seat.stageId)) note('double commit', `two rows of stage ${seat.stageId}: ${told(seat)}`);
    standing.set(seat.stageId, { ...seat, claimed: true });
    if (!calls.some(({ call }) => call.stageId === seat.stageId || (!call.launch && isAskedFor(call, seat)))) {
      note('stray effect', `no history has claimed or made ${told(seat)}`);
    }
  }

  const made = new Map<string, number>();
  for (const effect of standing.values()) made.set(nameOf(effect), (made.get(nameOf(effect)) ?? 0) + 1);
  for (const [name, times] of made) {
    const most = wanted.get(name) ?? 0;
    if (times <= most) continue;
    const [operation] = name.split(' ');
    if (operation === 'cacheEntry') abandoned += times - most;
    // A reset makes plain Temporal send again, too.
    else if (operation === 'sendMessage' && most > 0 && times <= most * histories.length) continue;
    else note(most === 0 ? 'stray effect' : 'double commit', `${times} instead of ${most} times: ${name}`);
  }
  for (const [name, times] of wanted) {
    const has = made.get(name) ?? 0;
    if (completed && has < times) note('lost commit', `${has} instead of ${times} times: ${name}`);
  }
  for (const { call } of calls) {
    if (call.outcome !== 'completed' || call.launch) continue;
    if (call.stageId !== null && !standing.has(call.stageId))
      note('lost commit', `stage ${call.stageId} was committed`);
    const name = EFFECTS.has(call.activityType) ? nameOfCall(call) : null;
    if (name !== null && !made.has(name)) note('lost commit', `its activity had succeeded: ${name}`);
  }
  return { differences, effects: standing.size, repeatedByTemporal, abandoned };
}

const EFFECTS = new Set<string>(['reserveSeat', 'recordEntry', 'cacheEntry', 'sendMessage']);

function isAskedFor(call: HistoryCall, effect: Effect): boolean {
  return call.activityType === effect.operation && canonicalJson(call.args[0]) === canonicalJson(effect.args);
}

function nameOf({ operation, args }: Effect): string {
  return `${operation} ${canonicalJson(args)}`;
}

function nameOfCall({ activityType, args }: HistoryCall): string {
  return `${activityType} ${canonicalJson(args[0])}`;
}

function told(effect: Effect & { runId?: string; activityId?: string; attempt?: number }): string {
  const { runId = '', activityId = '', attempt = 0 } = effect;
  return `${nameOf(effect)} (${runId}/${activityId}, attempt ${attempt})`;
}
