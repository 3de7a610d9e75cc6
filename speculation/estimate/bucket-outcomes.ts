import { entryOf, ownEntry, setOwnEntry } from '../forecast/own-entry';
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
/** Many are dropped at a time: finding the rarest means to look at all. */
const KEPT_BYTES = 135_000;
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
    if (Object.keys(buckets).length >= MOST_BUCKETS_OF_AN_EDGE) {
      dropRarest(known, { [edge]: buckets }, (dropped) => dropped >= 1);
    }
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
  if (known.bytes > MOST_BYTES) dropRarest(known, known.edges, () => known.bytes <= KEPT_BYTES, forecasts);
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

/** Drops the buckets that were seen least until `enough`, but not the one that is `kept`. */
function dropRarest(
  known: BucketOutcomes,
  edges: BucketOutcomes['edges'],
  enough: (dropped: number) => boolean,
  kept: Record<string, Outcomes> | null = null,
): void {
  const buckets = Object.values(edges).flatMap((ofEdge) =>
    Object.entries(ofEdge).map(([key, forecasts]) => ({ ofEdge, key, forecasts, seen: seenIn(forecasts) })),
  );
  let dropped = 0;
  for (const { ofEdge, key, forecasts } of buckets.sort((left, right) => left.seen - right.seen)) {
    if (enough(dropped)) return;
    if (forecasts === kept) continue;
    known.bytes -= sentBytes(key) + BUCKET_OVERHEAD_BYTES + Object.keys(forecasts).length * FORECAST_BYTES;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- a record, because this is plain JSON
    delete ofEdge[key];
    dropped += 1;
  }
}

function seenIn(forecasts: Record<string, Outcomes>): number {
  return Object.values(forecasts).reduce((sum, { successes, failures }) => sum + successes + failures, 0);
}
