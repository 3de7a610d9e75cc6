import { gamma, lognormal, type Distribution } from '../../simulator/distribution';
import { READS_ONLY } from '../../simulator/pipeline';
import type { Random } from '../../simulator/random-stream';
import type { CandidateDraw, OperationDraw, Workload } from '../../simulator/run-draw';

/**
 * A public reproduction of PASTE, peers.md 4.1: of 88 held-out targets the best guess was exact in 19.3 %, one of three in 43.2 %, one of
 * five in 55.7 %. What ranks 2, 3, 4 and 5 add is not published one by one; between the figures that are it falls evenly.
 */
export const PUBLISHED_COVERAGE = { top1: 0.193, top3: 0.432, top5: 0.557 } as const;
const MEAN_HIT_RATES = [0.193, 0.131, 0.108, 0.071, 0.054] as const;

/** Its curve: stall reduction, where so much of the speculative work is throttled. */
export const PUBLISHED_CURVE = [
  { throttle: 0, coverage: 0.557, reduction: 0.49 },
  { throttle: 0.5, coverage: 0.393, reduction: 0.397 },
  { throttle: 0.75, coverage: 0.232, reduction: 0.267 },
  { throttle: 0.9, coverage: 0.099, reduction: 0.121 },
  { throttle: 1, coverage: 0, reduction: 0 },
] as const;

/** Contexts in which a pattern was seen, and how much better or worse than the mean it predicts there. On average 1. Ours. */
export const SPREAD = [0.25, 0.6, 1, 1.4, 1.75] as const;
/** The same context over and over: nothing sets one step apart from another but its tool. */
export const NO_SPREAD = [1] as const;
/** How often a context was seen when the pattern was mined. */
const SEEN = 40;

export const TARGETS = 11;
/** Until the model has written its next call: long against the tool, as in the run of the trace, where stalls are 3 % of a task. */
const MODEL_SECONDS = gamma({ mean: 6, shape: 6 });
/** Mean 0.438 s, the stall of a target in the reproduction (38.514 s over 88). What the kinds take is ours. */
const TOOLS: readonly { name: string; share: number; latency: Distribution; usd: number }[] = [
  { name: 'search', share: 0.5, latency: lognormal({ mean: 0.2, sigma: 0.5 }), usd: 0.0002 },
  { name: 'fetch', share: 0.4, latency: lognormal({ mean: 0.5, sigma: 0.5 }), usd: 0.0002 },
  { name: 'render', share: 0.1, latency: lognormal({ mean: 1.38, sigma: 0.5 }), usd: 0.0002 },
];
const tools = TOOLS.map((tool) => ({ ...tool, points: tool.latency.points() }));
const modelPoints = MODEL_SECONDS.points();

/** Sessions of a model and its tools: while the model writes, five mined candidates for its next call are known, and free. */
export function throttleWorkload(spread: readonly number[]): Workload {
  return {
    name: 'throttle',
    draw: (_run, random) => ({
      operations: Array.from({ length: TARGETS }, (_, target) => turn(target, spread, random)).flat(),
    }),
  };
}

function turn(target: number, spread: readonly number[], random: Random): OperationDraw[] {
  const tool = toolOf(random());
  const better = spread[Math.floor(random() * spread.length)] ?? 1;
  const free = { inputUsd: 0, outputUsd: 0 };
  const model: OperationDraw = {
    name: 'model',
    after: target === 0 ? [] : [2 * target - 1],
    call: { latencySeconds: MODEL_SECONDS.sample(random), ...free, copies: [MODEL_SECONDS.sample(random)] },
    drafts: [{ source: 'mined', latencySeconds: 0, ...free, candidates: candidatesOf(better, random) }],
    candidates: 'exclusive',
    // Only tools are run ahead.
    declared: null,
    expected: { latencySeconds: modelPoints, cost: { kind: 'fixed', usd: 0 } },
  };
  const { name, latency, usd, points } = tool;
  const draw = (anew: Random) => ({ latencySeconds: latency.sample(anew), inputUsd: usd, outputUsd: 0 });
  const called: OperationDraw = {
    name,
    after: [2 * target],
    call: draw(random),
    astray: draw,
    drafts: [],
    candidates: 'exclusive',
    declared: READS_ONLY,
    expected: { latencySeconds: points, cost: { kind: 'fixed', usd } },
  };
  return [model, called];
}

/** Five guesses, of which at most one is right, and how often each was right when the pattern was mined. */
function candidatesOf(better: number, random: Random): CandidateDraw[] {
  const shared = random();
  let below = 0;
  return MEAN_HIT_RATES.map((mean, rank) => {
    const trueProbability = mean * better;
    const right = shared >= below && shared < below + trueProbability;
    below += trueProbability;
    let hits = 0;
    for (let time = 0; time < SEEN; time++) if (random() < trueProbability) hits += 1;
    return { rank, right, trueProbability, counts: { hits, total: SEEN } };
  });
}

function toolOf(share: number): (typeof tools)[number] {
  let below = 0;
  return tools.find((tool) => share < (below += tool.share)) as (typeof tools)[number];
}
