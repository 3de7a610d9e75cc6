import { addRecentEntry, noRecentEntries, recentEntry, takeRecentEntry, type RecentEntries } from './recent-entries';

/**
 * Which batches of each sender were taken in: by sender, the highest number. A sender numbers its batches upwards, sends one at a time
 * and sends it again, unchanged and with its number, until it is acknowledged; so all up to the highest number have been here.
 */
export type Senders = RecentEntries<number>;

/** Senders that are remembered for certain; one that was silent while so many others were heard may be forgotten. */
const SENDERS = 1_000;

export function noSenders(): Senders {
  return noRecentEntries(SENDERS);
}

/** Takes note of a batch, in place. Returns whether it is new; one that is not has been counted already. */
export function isNewBatch(senders: Senders, sender: string, number: number): boolean {
  const highest = takeRecentEntry(senders, sender) ?? 0;
  // Puts it among the senders heard most recently, whatever comes of the batch.
  addRecentEntry(senders, sender, Math.max(highest, number));
  return number > highest;
}

/** The highest number of a sender's batches, all of which were counted; 0 for one that is not known. */
export function highestNumber(senders: Senders | undefined, sender: string): number {
  return senders === undefined ? 0 : (recentEntry(senders, sender) ?? 0);
}
