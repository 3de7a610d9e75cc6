import { Decimal } from 'decimal.js';
import type { UsageRecord } from '../../speculation/ledger/usage';
import type { InvoiceLine } from '../../workers/invoice';
import type { Difference, DifferenceKind } from './difference';

/** A bill as somebody has booked it. */
export interface Booking extends UsageRecord {
  workflowId: string;
  /** The run that has it in its ledger; null for the control workflow. */
  runId: string | null;
  activityId: string;
}

export interface BooksCheck {
  differences: Difference[];
  requests: {
    /** That reached the model and that it charges for. */
    invoiced: number;
    /** Booked as the provider reported it. */
    reported: number;
    /** Counted by us, because the provider did not say. */
    estimated: number;
    /** Set aside, because the worker died before it could say. */
    lost: number;
    /** Set aside for a request that was about to be sent and never was. */
    neverSent: number;
    /** Of all, those that the control workflow has, because their pipeline was gone. */
    late: number;
    /** Without a bill, and the books say so: it died with a worker that was killed, and the pipeline was over before another could tell. */
    knownMissing: number;
  };
  invoiceUsd: string;
  bookedUsd: string;
  /** Part of `bookedUsd` that is estimated, lost ones included. */
  estimatedUsd: string;
}

/** When what was killed; milliseconds since 1970. */
export interface Kills {
  workersMs: readonly number[];
  /** From when to when the server was away. */
  outages: readonly { fromMs: number; toMs: number }[];
}

/** What is known of a call beyond its bills. */
export interface CallInBooks {
  workflowId: string;
  /** A few words for whoever looks for the cause of a difference. */
  words: string;
  /** The run is over, and its books have the call as open or left behind: they say themselves that a bill is missing. */
  saidToBeMissing: boolean;
  /** When the run was over, milliseconds since 1970; null while it is not. */
  overAtMs: number | null;
}

/**
 * Compares what was booked with what the meter saw, request by request.
 *
 * @param tellCall what is known of a call by its run and activity id
 * @param kills when workers were killed: only they may take a bill along
 */
export function checkBooks(
  invoice: readonly InvoiceLine[],
  bookings: readonly Booking[],
  tellCall: (runId: string, activityId: string) => CallInBooks,
  kills: Kills,
): BooksCheck {
  const differences: Difference[] = [];
  const byId = new Map<string, Booking[]>();
  for (const booking of bookings.filter(({ model }) => model !== 'fixed')) {
    for (const id of idsOf(booking)) byId.set(id, [...(byId.get(id) ?? []), booking]);
  }
  const requests = { invoiced: 0, reported: 0, estimated: 0, lost: 0, neverSent: 0, late: 0, knownMissing: 0 };
  let [invoiceUsd, bookedUsd, estimatedUsd] = [new Decimal(0), new Decimal(0), new Decimal(0)];
  const seen = new Set<Booking>();
  const count = (booking: Booking): void => {
    bookedUsd = bookedUsd.plus(booking.costUsd);
    if (booking.estimated) estimatedUsd = estimatedUsd.plus(booking.costUsd);
  };

  for (const line of invoice) {
    const found = new Set(idsOf(line).flatMap((id) => byId.get(id) ?? []));
    for (const booking of found) seen.add(booking);
    const best = bestOf([...found]);
    const [runId = '', activityId = ''] = (line.clientRequestId ?? '').split('/');
    const { workflowId, words, saidToBeMissing, overAtMs } = tellCall(runId, activityId);
    const note = (kind: DifferenceKind, what: string): void => {
      const books = [...found].map(told).join(' and ');
      differences.push({ kind, workflowId, what: `${what}: invoice ${shown(line)}; books ${books}; ${words}` });
    };
    const charged = line.inputTokens + line.outputTokens > 0;
    if (charged) requests.invoiced += 1;
    invoiceUsd = invoiceUsd.plus(line.costUsd);
    if (best === undefined) {
      if (charged && saidToBeMissing && diedWithWorker(line, overAtMs, kills)) requests.knownMissing += 1;
      else if (charged) note('unbooked', `nobody has booked it (${nearestKill(line, kills)})`);
      continue;
    }
    count(best);
    if (best.runId === null) requests.late += 1;
    if (best.lost === true) requests.lost += 1;
    else if (best.estimated) requests.estimated += 1;
    else requests.reported += 1;
    const twice = bookedTwice([...found]);
    if (twice !== null) note('booked twice', twice);
    const wrong = amountProblem(best, line);
    if (wrong !== null) note(best.estimated ? 'estimate out of bounds' : 'wrong amount', wrong);
  }
  const unsent = new Map<string, Booking>();
  for (const booking of bookings) {
    if (booking.model !== 'fixed' && !seen.has(booking))
      unsent.set(booking.clientRequestId ?? booking.requestId, booking);
  }
  for (const booking of unsent.values()) {
    count(booking);
    requests.neverSent += 1;
    if (booking.estimated) continue;
    const what = `no request of the meter: books ${told(booking)}`;
    differences.push({ kind: 'booked without a request', workflowId: booking.workflowId, what });
  }
  return {
    differences,
    requests,
    invoiceUsd: invoiceUsd.toFixed(),
    bookedUsd: bookedUsd.toFixed(),
    estimatedUsd: estimatedUsd.toFixed(),
  };
}

/** How long after both have ended a bill, or the news that nobody has booked it, may be on its way to the control workflow. */
const ON_ITS_WAY_MS = 2_000;

/** A worker tries again after at most ten seconds what it could not report while the server was away. */
const LONGEST_RETRY_MS = 10_000;

/** What a worker has sent when it is killed may reach the meter a little later. */
const ON_THE_WIRE_MS = 500;

function diedWithWorker(
  { startedAtMs, closedAtMs }: InvoiceLine,
  overAtMs: number | null,
  { workersMs, outages }: Kills,
): boolean {
  let untilMs = Math.max(closedAtMs ?? 0, overAtMs ?? 0) + ON_ITS_WAY_MS;
  for (const { fromMs, toMs } of outages) {
    if (fromMs <= untilMs && toMs >= startedAtMs) untilMs = Math.max(untilMs, toMs + LONGEST_RETRY_MS);
  }
  return workersMs.some((killMs) => killMs >= startedAtMs - ON_THE_WIRE_MS && killMs <= untilMs);
}

function nearestKill({ closedAtMs }: InvoiceLine, { workersMs }: Kills): string {
  const after = workersMs.map((killMs) => Math.round(killMs - (closedAtMs ?? Date.now())));
  const [nearest] = after.sort((left, right) => Math.abs(left) - Math.abs(right));
  return nearest === undefined ? 'no worker was killed' : `a worker was killed ${nearest} ms after its end`;
}

function idsOf({
  requestId,
  clientRequestId,
}: {
  requestId: string | null;
  clientRequestId?: string | null;
}): string[] {
  return [...new Set([requestId, clientRequestId].filter((id): id is string => typeof id === 'string' && id !== ''))];
}

/** A run that was reset or continued as new has the same bill in several ledgers: then the one that knows most counts. */
function bestOf(bookings: readonly Booking[]): Booking | undefined {
  const certainty = ({ estimated, lost }: Booking): number => (!estimated ? 2 : lost === true ? 0 : 1);
  return [...bookings].sort((left, right) => certainty(right) - certainty(left))[0];
}

/** In one ledger a request stands once; and what a ledger has, the control workflow has not. */
function bookedTwice(bookings: readonly Booking[]): string | null {
  const inRun = new Map<string, number>();
  for (const { runId } of bookings) inRun.set(runId ?? 'control', (inRun.get(runId ?? 'control') ?? 0) + 1);
  const twice = [...inRun].find(([, times]) => times > 1);
  if (twice !== undefined) return `${twice[1]} times in the books of ${twice[0]}`;
  return inRun.has('control') && inRun.size > 1 ? 'by its pipeline and by the control workflow' : null;
}

function amountProblem(booking: Booking, line: InvoiceLine): string | null {
  const { tokens, costUsd } = booking;
  if (!booking.estimated) return new Decimal(costUsd).eq(line.costUsd) ? null : `booked as ${costUsd} dollars`;
  // Nobody knows what the model said to a worker that was killed, or that it refused when nobody listened any more.
  if (booking.lost === true) return null;
  if (line.status !== null && line.status >= 400 && tokens.outputTokens === 0) return null;
  if (tokens.inputTokens !== line.inputTokens) return `estimated with ${tokens.inputTokens} tokens of input`;
  if (tokens.outputTokens > line.outputTokens) return `estimated with ${tokens.outputTokens} tokens of output`;
  return null;
}

function shown({
  requestId,
  clientRequestId,
  inputTokens,
  outputTokens,
  costUsd,
  complete,
  status,
}: InvoiceLine): string {
  const state = `status ${String(status)}, ${complete ? 'complete' : 'incomplete'}`;
  return `${requestId ?? '-'} (${clientRequestId ?? '-'}), ${inputTokens}+${outputTokens} tokens, ${costUsd} dollars, ${state}`;
}

function told({ runId, activityId, tokens, costUsd, estimated, lost, attempt }: Booking): string {
  const certainty = lost === true ? 'lost' : estimated ? 'estimated' : 'reported';
  const { inputTokens, outputTokens } = tokens;
  return `${runId ?? 'control'}/${activityId}/${attempt}: ${inputTokens}+${outputTokens} tokens, ${costUsd} dollars, ${certainty}`;
}
