import { Decimal } from 'decimal.js';
import type { Entry } from '../../speculation/ledger/ledger';
import { booksMatch, untilSettled } from '../books';
import type { MeasuredConversation } from './measured-conversation';
import type { Lane } from './stage';

/** What a contestant has spent, in all. Dollars are exact decimal strings. */
export interface LaneBooks {
  /** Everything, tools, drafts and late bills included. */
  usd: string;
  /** Part of it that bought nothing: launches that nobody claimed, copies that lost, drafts. */
  wasteUsd: string;
  /** What was booked for models, and what their meter saw. */
  bookedUsd: string;
  invoicedUsd: string;
  /** Both agree: to the last digit where usage was reported, within 2 % of what was counted locally. */
  match: boolean;
}

const SETTLE_MS = 15_000;

/** Waits until the last cancelled call has been billed, and adds up. */
export async function closeBooks(lane: Lane, conversations: readonly MeasuredConversation[]): Promise<LaneBooks> {
  const entries = conversations.flatMap(({ books }) => books?.entries ?? []);
  const bills = entries.flatMap(({ usage }) => usage);
  const ofModels = bills.filter(({ model }) => model !== 'fixed');
  const sum = (amounts: readonly string[]): Decimal => amounts.reduce((total, usd) => total.plus(usd), new Decimal(0));
  const modelUsd = sum(ofModels.map(({ costUsd }) => costUsd));
  const estimatedUsd = sum(ofModels.filter(({ estimated }) => estimated).map(({ costUsd }) => costUsd));
  let late = { all: new Decimal(0), ofModels: new Decimal(0) };
  const agrees = async (): Promise<boolean> => {
    late = await lateUsd(lane);
    const booked = modelUsd.plus(late.ofModels);
    return booksMatch(booked.toFixed(), estimatedUsd.plus(late.ofModels).toFixed(), lane.meter.totalUsd());
  };
  const match = await untilSettled(lane.meter, agrees, SETTLE_MS);
  return {
    usd: sum(conversations.map(({ books }) => books?.totals.costUsd ?? '0'))
      .plus(late.all)
      .toFixed(),
    wasteUsd: sum(entries.filter(boughtNothing).map(({ costUsd }) => costUsd))
      .plus(late.all)
      .toFixed(),
    bookedUsd: modelUsd.plus(late.ofModels).toFixed(),
    invoicedUsd: lane.meter.totalUsd(),
    match: match && entries.every(({ omittedBills }) => omittedBills === 0),
  };
}

function boughtNothing({ kind, state }: Readonly<Entry>): boolean {
  return kind === 'draft' || state === 'cancelled' || state === 'failed';
}

/** What was still running when its conversation was over. */
async function lateUsd({ books }: Lane): Promise<{ all: Decimal; ofModels: Decimal }> {
  const { totalUsd, recent } = await books.lateBills();
  const ofModels = recent
    .filter(({ operation }) => operation === 'agentStep' || operation === 'draftAgentStep')
    .reduce((total, { costUsd }) => total.plus(costUsd), new Decimal(0));
  return { all: new Decimal(totalUsd), ofModels };
}
