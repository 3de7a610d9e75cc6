import { ownEntry, setOwnEntry } from '../forecast/own-entry';
import { sentBytes } from '../forecast/sent-bytes';
import { countOutcome, type Outcomes } from './beta-posterior';
import { shortHash } from './short-hash';

/**
 * What became of forecasts by part of the traffic, such as a tenant: by edge, then bucket, then `source#rank`. Everything here is counted
 * for the edge as a whole too, so a bucket that has to give way is folded back into its edge by being dropped.
 */
export interface BucketOutcomes {
  edges: Record<string, Record<string, Record<string, Outcomes>>>;
  /** About what this adds to a payload, in bytes. */
  bytes: number;
}

const MOST_BUCKETS_OF_AN_EDGE = 64;
const MOST_BYTES = 150_000;
const LONGEST_NAME = 40;
/** JSON around a bucket, and a forecast with its counts. */
const BUCKET_OVERHEAD_BYTES = 6;
const FORECAST_BYTES = 60;

export function noBucketOutcomes(): BucketOutcomes {
  return { edges: {}, bytes: 0 };
}

/** What was seen in a bucket of an edge, by `source#rank`; undefined when nothing was, or when it gave way. */
export function bucketOutcomes(
  { edges }: BucketOutcomes,
  edge: string,
  bucket: string,
): Record<string, Outcomes> | undefined {
  const buckets = ownEntry(edges, edge);
  return buckets === undefined ? undefined : ownEntry(buckets, bucketKey(bucket));
}

/** Counts one outcome, in place. The bucket of the edge that was seen least gives way to a new one; at last the rarest of all edges. */
export function countInBucket(
  known: BucketOutcomes,
  at: { edge: string; bucket: string; forecast: string },
  success: boolean,
  halfLife?: number,
): void {
  const { edge, forecast } = at;
  const key = bucketKey(at.bucket);
  const buckets = entryOf(known.edges, edge, (): Record<string, Record<string, Outcomes>> => ({}));
  let forecasts = ownEntry(buckets, key);
  if (forecasts === undefined) {
    if (Object.keys(buckets).length >= MOST_BUCKETS_OF_AN_EDGE) dropRarest(known, { [edge]: buckets });
    forecasts = {};
    setOwnEntry(buckets, key, forecasts);
    known.bytes += sentBytes(key) + BUCKET_OVERHEAD_BYTES;
  }
  let outcomes = ownEntry(forecasts, forecast);
  if (outcomes === undefined) {
    outcomes = { successes: 0, failures: 0 };
    setOwnEntry(forecasts, forecast, outcomes);
    known.bytes += FORECAST_BYTES;
  }
  countOutcome(outcomes, success, halfLife);
  // The newcomer is rare itself, and stays: otherwise nothing new would ever be learned.
  while (known.bytes > MOST_BYTES && dropRarest(known, known.edges, forecasts));
}

/** Forgets what every bucket of an edge has counted of one forecast. */
export function forgetForecast(known: BucketOutcomes, edge: string, forecast: string): void {
  for (const forecasts of Object.values(ownEntry(known.edges, edge) ?? {})) {
    if (ownEntry(forecasts, forecast) === undefined) continue;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because this is plain JSON
    delete forecasts[forecast];
    known.bytes -= FORECAST_BYTES;
  }
}

/** A long name is replaced by its hash: tenants may be called anything. */
function bucketKey(bucket: string): string {
  return bucket.length <= LONGEST_NAME ? bucket : `#${shortHash(bucket)}`;
}

function dropRarest(
  known: BucketOutcomes,
  edges: BucketOutcomes['edges'],
  kept: Record<string, Outcomes> | null = null,
): boolean {
  let rarest: { edge: string; key: string; seen: number } | null = null;
  for (const [edge, buckets] of Object.entries(edges)) {
    for (const [key, forecasts] of Object.entries(buckets)) {
      const seen = seenIn(forecasts);
      if (forecasts !== kept && (rarest === null || seen < rarest.seen)) rarest = { edge, key, seen };
    }
  }
  if (rarest === null) return false;
  const { edge, key } = rarest;
  const buckets = ownEntry(known.edges, edge) ?? {};
  const count = Object.keys(ownEntry(buckets, key) ?? {}).length;
  known.bytes -= sentBytes(key) + BUCKET_OVERHEAD_BYTES + count * FORECAST_BYTES;
  /* eslint-disable @typescript-eslint/no-dynamic-delete -- records, because this is plain JSON */
  delete buckets[key];
  if (Object.keys(buckets).length === 0) delete known.edges[edge];
  return true;
}

function seenIn(forecasts: Record<string, Outcomes>): number {
  return Object.values(forecasts).reduce((sum, { successes, failures }) => sum + successes + failures, 0);
}

function entryOf<T>(record: Record<string, T>, key: string, empty: () => T): T {
  const known = ownEntry(record, key);
  if (known !== undefined) return known;
  const created = empty();
  setOwnEntry(record, key, created);
  return created;
}
