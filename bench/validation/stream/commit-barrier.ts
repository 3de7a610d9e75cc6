import { always } from '../../../speculation/policies/always';
import { Barrier, type EffectBarrier } from '../../simulator/barrier';
import { constant } from '../../simulator/distribution';
import { pipeline } from '../../simulator/pipeline';
import { simulate } from '../../simulator/simulate';
import { experiment } from '../experiment';

const RUNS = 800;
const RUN_SPACING_SECONDS = 20;
/** Index of the operation whose effect is staged. */
const STAGED = 1;

/** Notes how often an effect was visible when its check came, and what became of each key. */
class Witness implements EffectBarrier {
  readonly early: string[] = [];
  readonly keys = new Map<string, 'staged' | 'claimed' | 'discarded'>();

  constructor(private readonly inner: EffectBarrier) {}

  stage(key: string): void {
    this.inner.stage(key);
    if (!this.keys.has(key)) this.keys.set(key, 'staged');
  }

  claim(key: string): void {
    if (this.keys.get(key) === 'staged') {
      if (this.inner.visible(key) > 0) this.early.push(key);
      this.keys.set(key, 'claimed');
    }
    this.inner.claim(key);
  }

  release(key: string): void {
    this.inner.release(key);
  }

  discard(key: string): void {
    if (this.keys.get(key) === 'staged') this.keys.set(key, 'discarded');
    this.inner.discard(key);
  }

  visible(prefix: string): number {
    return this.inner.visible(prefix);
  }
}

class ReleasesWhenStaged extends Barrier {
  override stage(key: string): void {
    super.stage(key);
    super.claim(key);
    super.release(key);
  }
}

class ForgetsWhatWasReleased extends Barrier {
  override release(key: string): void {
    super.release(key);
    this.effectsOf(key);
  }

  private effectsOf(key: string): void {
    this.released.set(key, (this.released.get(key) ?? 0) + 1);
  }

  private readonly released = new Map<string, number>();

  override visible(prefix: string): number {
    let count = 0;
    for (const [key, times] of this.released) if (key.startsWith(prefix)) count += times;
    return count;
  }
}

class LosesClaims extends Barrier {
  override release(key: string): void {
    if (!key.endsWith('0')) super.release(key);
  }
}

/**
 * Method 4 and 11, "barrier": a staged operation is prepared early on a guess; the guess is right, wrong, or seen to be wrong in the middle
 * of the stream, and workers die at every phase, also between a release and the news of it.
 */
export const commitBarrier = experiment<() => EffectBarrier>({
  name: 'commit-barrier',
  title: 'staged effects under pass, fail, cancel and crash: 0 before the check, 1 after it, 0 otherwise',
  origin: 'method',
  tolerance: 0,
  subject: () => new Barrier(),
  planted: {
    'visible as soon as it is staged': () => new ReleasesWhenStaged(),
    'released again after a crash': () => new ForgetsWhatWasReleased(),
    'a claimed effect may be lost': () => new LosesClaims(),
  },
  prepare:
    ({ seed }) =>
    (makeBarrier) => {
      const counts = { early: 0, missing: 0, twice: 0, discardedVisible: 0 };
      let cases = 0;
      const witness = new Witness(makeBarrier());
      const { total } = simulate(
        pipeline('staged', [
          {
            name: 'check',
            latency: constant(2),
            draft: { source: 'verify', latency: constant(0), hitProbabilities: [0.5], refutedAtShare: constant(0.7) },
          },
          {
            name: 'prepare',
            latency: constant(1),
            declared: { effect: 'staged', disclosure: 'public', abandonSafe: true },
          },
          { name: 'after', latency: constant(0.5) },
        ]),
        {
          seed,
          runs: RUNS,
          policy: always,
          barrier: witness,
          arrivals: (run) => run * RUN_SPACING_SECONDS,
          // Every other run loses its workers once, each a little later than the one before.
          crashes: Array.from(
            { length: RUNS / 2 },
            (_, run) => 2 * run * RUN_SPACING_SECONDS + (run * 4.2) / (RUNS / 2),
          ),
        },
      );
      counts.early = witness.early.length;
      for (let run = 0; run < RUNS; run++) {
        const visible = witness.visible(`${run}/${STAGED}/`);
        cases += 1;
        if (visible === 0) counts.missing += 1;
        if (visible > 1) counts.twice += 1;
      }
      for (const [key, state] of witness.keys) {
        cases += 1;
        if (state !== 'claimed' && witness.visible(key) > 0) counts.discardedVisible += 1;
      }
      const mismatches = counts.early + counts.missing + counts.twice + counts.discardedVisible;
      return {
        cases,
        mismatches,
        worstError: mismatches,
        expected: `${RUNS} effects`,
        observed: `${RUNS - counts.missing} once or more, ${counts.early} early, ${counts.twice} twice; ${total.failed} launches crashed`,
        plot: {
          x: '0: early, 1: missing, 2: twice, 3: dropped and visible',
          y: 'effects',
          series: [
            {
              name: 'violations',
              mark: 'dot',
              points: [
                [0, counts.early],
                [1, counts.missing],
                [2, counts.twice],
                [3, counts.discardedVisible],
              ],
            },
          ],
        },
      };
    },
});
