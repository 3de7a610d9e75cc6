import { tokensCostUsd, type TokenCounts } from '../../speculation/decision/tokens';
import type { CostBriefing } from '../../speculation/forecast/briefing';
import { empirical } from '../simulator/distribution';
import { CHESS_MODEL, CHESS_RATES } from './model-price';
import type { Breadth, RecordedCall, RecordedGame } from './recorded-game';

/** What games teach about calls: what decisions about another game are told. */
export interface TrainingProfile {
  /** Equally likely durations of the slow agent, seconds. */
  latencySeconds: number[];
  cost: CostBriefing & { kind: 'tokens' };
  draft: Record<Breadth, { expected: TokenCounts; usd: number; latencySeconds: number[] }>;
}

export function trainingProfile(training: readonly RecordedGame[]): TrainingProfile {
  const steps = training.flatMap((game) => game.steps);
  const actors = steps.map(({ actor }) => actor);
  const draft = (breadth: Breadth): TrainingProfile['draft'][Breadth] => {
    const calls = steps.map(({ guesses }) => guesses[breadth]);
    const expected = meanTokens(calls);
    return { expected, usd: tokensCostUsd(expected, CHESS_RATES), latencySeconds: durations(calls) };
  };
  return {
    latencySeconds: durations(actors),
    cost: { kind: 'tokens', model: CHESS_MODEL, expected: meanTokens(actors), rates: CHESS_RATES },
    draft: { 1: draft(1), 2: draft(2), 3: draft(3) },
  };
}

function durations(calls: readonly RecordedCall[]): number[] {
  return empirical(calls.map(({ seconds }) => seconds)).points();
}

function meanTokens(calls: readonly RecordedCall[]): TokenCounts {
  const mean = (of: (call: RecordedCall) => number): number =>
    calls.reduce((sum, call) => sum + of(call), 0) / calls.length;
  return {
    inputTokens: mean(({ inputTokens }) => inputTokens),
    cachedInputTokens: 0,
    outputTokens: mean(({ outputTokens }) => outputTokens),
  };
}
