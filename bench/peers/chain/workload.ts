import { tokensCostUsd } from '../../../speculation/decision/tokens';
import { empirical, gamma, type Distribution } from '../../simulator/distribution';
import { READS_ONLY } from '../../simulator/pipeline';
import { randomStream, type Random } from '../../simulator/random-stream';
import type { CallDraw, DraftDraw, OperationDraw, Workload } from '../../simulator/run-draw';
import { GPT_4_1_MINI } from '../model-prices';

/*
 * peers.md 1.2 and 10, H5: chains as Dynamic Speculative Planning's public log has them. Published there: 6 to 11 steps of 5 to 19 s for the
 * target agent (mean about 10 s), 1 to 3.7 s for the approximation agent, which is right in 36 to 57 % of the steps of a task. Prices are
 * those of GPT-4.1-mini. Tokens are ours. So is that steps are of kinds whose drafts are not equally good: the premise of a depth that is
 * predicted from the state. Over all kinds the accuracy of a task stays within the published bounds on average.
 */

const STEPS = [10, 10, 7, 11, 6] as const;
const TARGET_SECONDS = empirical([5, 6.5, 8, 9, 10, 11, 12.5, 15, 19]);
const DRAFT_SECONDS = empirical([1, 1.5, 2, 2.6, 3.7]);
const TARGET_TOKENS = { input: gamma({ mean: 3_000, shape: 12 }), output: gamma({ mean: 500, shape: 8 }) };
const DRAFT_TOKENS = { input: gamma({ mean: 1_000, shape: 12 }), output: gamma({ mean: 60, shape: 8 }) };
/** Accuracy of a task, before its kinds of steps make it better or worse. */
const TASK_ACCURACY = empirical([0.36, 0.4, 0.5, 0.57]);

/** Kinds of steps: how often they come, and how much better or worse than the task's their drafts are. */
const KINDS = [
  { name: 'look-up', share: 0.3, factor: 1.6 },
  { name: 'compare', share: 0.4, factor: 1 },
  { name: 'revise', share: 0.3, factor: 0.4 },
] as const;

/** Seconds that a predictor of the depth takes, from the same log: while it is trained, and afterwards. */
const PREDICTOR_SECONDS = { early: empirical([4.14, 4.35, 4.56]), later: empirical([0.16, 0.38, 0.59]) };
const EARLY_TASKS = 10;

const points = { target: TARGET_SECONDS.points(), draft: DRAFT_SECONDS.points() };
const expected = {
  target: {
    inputTokens: TARGET_TOKENS.input.mean,
    cachedInputTokens: 0,
    outputTokens: TARGET_TOKENS.output.mean,
  },
  draftUsd: tokensUsd(DRAFT_TOKENS.input.mean, DRAFT_TOKENS.output.mean).usd,
};

/** @param predictor whether each block of drafts waits for a predictor of its depth */
export function chainWorkload(predictor: boolean): Workload {
  return {
    name: 'chain',
    draw: (run, random) => {
      const accuracy = TASK_ACCURACY.sample(random);
      // Drawn whether or not it is charged, so that the rest of the draws stays the same.
      const predict = randomStream(run, 'predictor', Math.floor(random() * 2 ** 32));
      const predictorSeconds = run < EARLY_TASKS ? PREDICTOR_SECONDS.early : PREDICTOR_SECONDS.later;
      const steps = STEPS[Math.floor(random() * STEPS.length)] ?? STEPS[0];
      return {
        operations: Array.from({ length: steps }, (_, index) =>
          step(index, accuracy, predictor ? predictorSeconds.sample(predict) : 0, random),
        ),
      };
    },
  };
}

function step(index: number, accuracy: number, predictorSeconds: number, random: Random): OperationDraw {
  const { name, factor } = kindOf(random());
  const trueProbability = Math.min(0.95, accuracy * factor);
  const call = { ...drawCall(TARGET_SECONDS, TARGET_TOKENS, random), copies: [TARGET_SECONDS.sample(random)] };
  const draft = drawCall(DRAFT_SECONDS, DRAFT_TOKENS, random);
  const guess: DraftDraw = {
    ...draft,
    // A block waits for its predictor once, and its later drafts do not.
    latencySeconds: draft.latencySeconds + predictorSeconds,
    launchedLatencySeconds: draft.latencySeconds,
    source: 'draft',
    candidates: [{ rank: 0, right: random() < trueProbability, trueProbability }],
    expected: { usd: expected.draftUsd, latencySeconds: points.draft },
  };
  return {
    name,
    after: index === 0 ? [] : [index - 1],
    call,
    astray: (anew) => drawCall(TARGET_SECONDS, TARGET_TOKENS, anew),
    drafts: [guess],
    candidates: 'exclusive',
    declared: READS_ONLY,
    expected: {
      latencySeconds: points.target,
      cost: { kind: 'tokens', model: 'gpt-4.1-mini', expected: expected.target, rates: GPT_4_1_MINI },
    },
  };
}

function kindOf(share: number): (typeof KINDS)[number] {
  let below = 0;
  return KINDS.find((kind) => share < (below += kind.share)) ?? KINDS[0];
}

function drawCall(
  seconds: Distribution,
  tokens: { input: Distribution; output: Distribution },
  random: Random,
): CallDraw {
  const latencySeconds = seconds.sample(random);
  const { inputUsd, outputUsd } = tokensUsd(tokens.input.sample(random), tokens.output.sample(random));
  return { latencySeconds, inputUsd, outputUsd };
}

function tokensUsd(inputTokens: number, outputTokens: number): { inputUsd: number; outputUsd: number; usd: number } {
  const nothing = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };
  const inputUsd = tokensCostUsd({ ...nothing, inputTokens }, GPT_4_1_MINI);
  const outputUsd = tokensCostUsd({ ...nothing, outputTokens }, GPT_4_1_MINI);
  return { inputUsd, outputUsd, usd: inputUsd + outputUsd };
}
