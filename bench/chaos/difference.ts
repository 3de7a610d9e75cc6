/** What must never happen; each is counted, and any of them makes the experiment fail. */
export const DIFFERENCE_KINDS = [
  'result',
  'stray effect',
  'double commit',
  'lost commit',
  'undecided stage',
  'unbooked',
  'booked twice',
  'wrong amount',
  'estimate out of bounds',
  'booked without a request',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** One thing that is not as it must be, with all that is needed to see it again. */
export interface Difference {
  kind: DifferenceKind;
  workflowId: string;
  what: string;
}

export const BOOK_DIFFERENCES: readonly DifferenceKind[] = [
  'unbooked',
  'booked twice',
  'wrong amount',
  'estimate out of bounds',
  'booked without a request',
];
