import type { TokenCounts } from '../../../speculation/decision/tokens';
import { DEFAULT_KNOB } from '../../../speculation/decision/knob';
import { definePolicy, type Policy } from '../../../speculation/plugin/policy-file';
import type { CostInput } from '../../../speculation/plugin/operation-policy';
import type { ChessPolicy } from '../chess-policy';
import { CHESS_MODEL } from '../model-price';
import type { TrainingProfile } from '../training-profile';
import type { LiveScale } from './model-script';

/**
 * What the owner of the games would declare. There are fewer seconds and fewer tokens, so a second is worth as many tokens as it was.
 *
 * @param profile what other games teach about calls
 */
export function livePolicy(
  row: ChessPolicy,
  profile: TrainingProfile,
  { compression, fewerTokens }: LiveScale,
): Policy {
  const draft = profile.draft[row.asking.breadth];
  const mean = (points: readonly number[]): number => points.reduce((sum, point) => sum + point, 0) / points.length;
  const costOf = ({ inputTokens, outputTokens }: TokenCounts): CostInput => ({
    kind: 'model',
    model: CHESS_MODEL,
    inputTokens: Math.max(1, Math.round(inputTokens / fewerTokens)),
    outputTokens: Math.max(1, Math.round(outputTokens / fewerTokens)),
  });
  return definePolicy({
    launchPolicy: row.policy,
    knob: { alpha: DEFAULT_KNOB.alpha, lambdaUsdPerSecond: (row.lambdaUsdPerSecond * compression) / fewerTokens },
    limits: {
      maxDepth: Math.max(1, row.maxDepth),
      maxBreadth: 3,
      maxOpenLaunches: row.maxOpenLaunches ?? 32,
      maxFibers: 64,
    },
    // Each policy is to be itself to the end.
    calibration: { killSwitch: false },
    activities: {
      move: {
        effect: 'none',
        forecast: [{ kind: 'draft', activity: 'guessMove', several: true }],
        cost: costOf(profile.cost.expected),
        expectedSeconds: mean(profile.latencySeconds) / compression,
      },
      guessMove: {
        effect: 'none',
        cost: costOf(draft.expected),
        expectedSeconds: mean(draft.latencySeconds) / compression,
      },
    },
  });
}
