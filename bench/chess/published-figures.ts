import { fixedBreadth, replayPublished, statedConfidence, type OfferAt, type Replayed } from './published-replay';
import type { RecordedGame } from './recorded-game';

/** The lengths for which there are figures, in steps. */
export const LENGTHS = [20, 30, 40, 50] as const;
export type Length = (typeof LENGTHS)[number];

interface PublishedRow {
  policy: string;
  offerAt: OfferAt;
  /** Percent by length; null where there is no figure. */
  saved: Record<Length, string | null>;
  extraTokens: Record<Length, string | null>;
}

const CONFIDENCE = 0.5;

/**
 * arXiv:2510.04371 prints 11.8, 15.0 and 19.5 % for 30 steps. The other figures are those of an independent replay of the same
 * recordings (peers.md 6.1), to as many digits as it gives.
 */
const PUBLISHED: readonly PublishedRow[] = [
  row('speculative-actions:k=1', fixedBreadth(1), '11.33 11.80 11.61 10.20', '85.4 85.4 85.7 86.8'),
  row('speculative-actions:k=2', fixedBreadth(2), '14.57 14.99 14.59 13.06', '142.6 145.0 148.1 152.5'),
  row('speculative-actions:k=3', fixedBreadth(3), '19.75 19.54 18.01 16.38', '180.3 189.2 197.1 202.7'),
  row(
    'confidence > 50, its call free',
    statedConfidence(CONFIDENCE, 'free'),
    '17.55 16.78 15.23 14.53',
    '108.5 106.4 100.6 98.1',
  ),
  row('confidence > 50, its call charged', statedConfidence(CONFIDENCE, 'charged'), '- 11.6 - 9.7', '- 106.3 - 98.0'),
];

/** A published figure beside the one that the replay gives. Percent. */
export interface Reproduced {
  policy: string;
  length: Length;
  saved: { published: string | null; replayed: number };
  extraTokens: { published: string | null; replayed: number };
}

/** Replays every published row: means over the games, in percent. */
export function reproducePublished(games: readonly RecordedGame[]): Reproduced[] {
  return PUBLISHED.flatMap(({ policy, offerAt, saved, extraTokens }) =>
    LENGTHS.map((length) => {
      const replayed = games.map((game) => replayPublished(game, length, offerAt));
      return {
        policy,
        length,
        saved: { published: saved[length], replayed: 100 * mean(replayed, savedShare) },
        extraTokens: { published: extraTokens[length], replayed: 100 * mean(replayed, extraShare) },
      };
    }),
  );
}

/** What is not reproduced to its last digit, one line each. */
export function notReproduced(rows: readonly Reproduced[]): string[] {
  return rows.flatMap(({ policy, length, saved, extraTokens }) => [
    ...deviation(`${policy}, ${length} steps: time saved`, saved),
    ...deviation(`${policy}, ${length} steps: extra tokens`, extraTokens),
  ]);
}

function savedShare({ seconds, sequentialSeconds }: Replayed): number {
  return 1 - seconds / sequentialSeconds;
}

function extraShare({ extraTokens, sequentialTokens }: Replayed): number {
  return extraTokens / sequentialTokens;
}

function deviation(what: string, { published, replayed }: { published: string | null; replayed: number }): string[] {
  if (published === null) return [];
  const decimals = published.split('.')[1]?.length ?? 0;
  // Half a unit of the last digit, and what rounding to it may have hidden.
  if (Math.abs(replayed - Number(published)) <= 0.51 * 10 ** -decimals) return [];
  return [`${what}: ${replayed.toFixed(decimals + 1)} %, published ${published} %`];
}

function mean(replayed: readonly Replayed[], of: (each: Replayed) => number): number {
  return replayed.reduce((sum, each) => sum + of(each), 0) / replayed.length;
}

function row(policy: string, offerAt: OfferAt, saved: string, extraTokens: string): PublishedRow {
  return { policy, offerAt, saved: byLength(saved), extraTokens: byLength(extraTokens) };
}

function byLength(text: string): Record<Length, string | null> {
  const [n20 = '-', n30 = '-', n40 = '-', n50 = '-'] = text.split(' ').map((each) => each.trim());
  const figure = (each: string): string | null => (each === '-' ? null : each);
  return { 20: figure(n20), 30: figure(n30), 40: figure(n40), 50: figure(n50) };
}
