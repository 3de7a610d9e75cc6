import type { Decision } from '../../speculation/decision/decision';
import { launchPolicy } from '../../speculation/policies/by-name';
import type { TimelineBar } from '../measure/policy-comparison';
import { costUsd } from '../simulator/books';
import type { EndedCall } from '../simulator/options';
import { simulate } from '../simulator/simulate';
import type { ChessPolicy } from './chess-policy';
import type { GameRun } from './game-run';
import { gameWorkload, guessCallOf, type TaughtGame } from './game-workload';
import { callPrice } from './model-price';
import { PublishedTally } from './published-tally';
import type { RecordedCall, RecordedStep } from './recorded-game';

/** Plays a recorded game under a policy, in virtual time. */
export function simulateGame(taught: TaughtGame, row: ChessPolicy, onDecision?: (row: Decision) => void): GameRun {
  const steps = taught.game.steps.slice(0, taught.length);
  const policy = launchPolicy(row.policy);
  const asksNothing = policy.drafts === 'never' || row.policy === 'sequential';
  const tally = new PublishedTally(
    steps.map((step) => ({ actorTokens: step.actor.totalTokens, guessTokens: guessCallOf(step, row).totalTokens })),
  );
  const bars: TimelineBar[] = [];
  let billedTokens = 0;
  const { total } = simulate(gameWorkload(taught, row), {
    seed: 1,
    runs: 1,
    policy,
    knob: { lambdaUsdPerSecond: row.lambdaUsdPerSecond },
    maxDepth: row.maxDepth,
    ...(row.maxOpenLaunches !== undefined && { maxOpenLaunches: row.maxOpenLaunches }),
    depth: row.window === 'closed' ? 'block' : 'open',
    // Every policy that follows guesses asks always.
    drafts: asksNothing ? 'never' : 'always',
    observer: {
      ...(onDecision !== undefined && { onDecision }),
      onCallEnd: (call) => {
        tally.ended(call);
        billedTokens += tokensOf(call, steps, row);
        bars.push(barOf(call));
      },
    },
  });
  const opensAll = row.window === 'open' || row.maxDepth > 1;
  const sequentialTokens = sum(steps, ({ actor }) => actor.totalTokens);
  return {
    game: taught.game.id,
    sequentialSeconds: sum(steps, ({ actor }) => actor.seconds),
    seconds: total.seconds,
    stepSeconds: tally.knownSeconds.map((known, index) => known - (tally.knownSeconds[index - 1] ?? 0)),
    sequentialStepSeconds: steps.map(({ actor }) => actor.seconds),
    sequentialTokens,
    publishedExtraTokens: tally.extraTokens(asksNothing ? 'never' : opensAll ? 'always' : 'unless-launched'),
    billedExtraTokens: billedTokens - sequentialTokens,
    usd: costUsd(total),
    wasteUsd: total.wasteUsd + total.draftUsd,
    hits: total.windows,
    claimed: { numerator: total.claimed, denominator: total.launched },
    bars,
  };
}

/** Input in full, and output as far as it was paid. */
function tokensOf(call: EndedCall, steps: readonly RecordedStep[], row: ChessPolicy): number {
  const [at, beside] = [steps[call.operation], steps[call.operation - 1]];
  if (at === undefined) return 0;
  if (call.outcome === 'draft') return tokensFor(guessCallOf(at, row), call.costUsd);
  if (call.outcome === 'plain' || call.outcome === 'claimed') return at.actor.totalTokens;
  if (call.outcome === 'copy') return tokensFor(at.actor, call.costUsd);
  return tokensFor((beside ?? at).actor, call.costUsd);
}

function tokensFor(call: RecordedCall, paidUsd: number): number {
  const { inputUsd, outputUsd } = callPrice(call);
  const share = outputUsd === 0 ? 0 : Math.min(1, (paidUsd - inputUsd) / outputUsd);
  return call.inputTokens + share * call.outputTokens;
}

function barOf({ operation, outcome, startSeconds, endSeconds }: EndedCall): TimelineBar {
  const kind = outcome === 'plain' || outcome === 'claimed' || outcome === 'draft' ? outcome : 'wasted';
  const label = kind === 'draft' ? `guess at move ${operation + 1}` : `move ${operation + 1}`;
  return { lane: `move ${operation + 1}`, label, startSeconds, endSeconds, kind };
}

function sum(steps: readonly RecordedStep[], of: (step: RecordedStep) => number): number {
  return steps.reduce((total, step) => total + of(step), 0);
}
