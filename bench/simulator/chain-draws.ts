import { tokensCostUsd } from '../../speculation/decision/tokens';
import type { CallPrice, OperationSpec } from './pipeline';
import type { Random } from './random-stream';

/** What one run of a chain draws, by step. Money is US dollars, time seconds. */
export interface ChainDraws {
  latencySeconds: Float64Array;
  inputUsd: Float64Array;
  outputUsd: Float64Array;
  draftSeconds: Float64Array;
  draftInputUsd: Float64Array;
  draftOutputUsd: Float64Array;
  /** 1 where the guess is right. */
  right: Uint8Array;
  /** Share of the step's work at which a wrong guess is seen to be wrong; 1 where only its end tells. */
  refutedAtShare: Float64Array;
}

/** One call, to be filled again and again. */
export interface DrawnCall {
  latencySeconds: number;
  inputUsd: number;
  outputUsd: number;
}

export function emptyDraws(steps: number): ChainDraws {
  const amounts = (): Float64Array => new Float64Array(steps);
  return {
    latencySeconds: amounts(),
    inputUsd: amounts(),
    outputUsd: amounts(),
    draftSeconds: amounts(),
    draftInputUsd: amounts(),
    draftOutputUsd: amounts(),
    right: new Uint8Array(steps),
    refutedAtShare: amounts(),
  };
}

/** Draws what `chain` of ./pipeline draws, number by number, without making objects of it. */
export class ChainDrawer {
  private readonly call: DrawnCall = { latencySeconds: 0, inputUsd: 0, outputUsd: 0 };

  constructor(private readonly spec: Omit<OperationSpec, 'after'>) {}

  draw(into: ChainDraws, random: Random): void {
    const { call } = this;
    const { draft } = this.spec;
    for (let step = 0; step < into.right.length; step++) {
      this.drawCall(call, random);
      into.latencySeconds[step] = call.latencySeconds;
      into.inputUsd[step] = call.inputUsd;
      into.outputUsd[step] = call.outputUsd;
      if (draft === undefined) continue;
      const shared = random();
      const given = draft.hitProbabilities[0] ?? 0;
      const probability = typeof given === 'number' ? given : given.sample(random);
      const right = draft.candidates === 'independent' ? random() < probability : shared < probability;
      into.right[step] = right ? 1 : 0;
      into.refutedAtShare[step] =
        right || draft.refutedAtShare === undefined ? 1 : Math.min(1, draft.refutedAtShare.sample(random));
      priced(call, draft.price ?? FREE, draft.latency.sample(random), random);
      into.draftSeconds[step] = call.latencySeconds;
      into.draftInputUsd[step] = call.inputUsd;
      into.draftOutputUsd[step] = call.outputUsd;
    }
  }

  drawCall(into: DrawnCall, random: Random): void {
    priced(into, this.spec.price ?? FREE, this.spec.latency.sample(random), random);
  }
}

const FREE: CallPrice = { kind: 'fixed', usd: 0 };
const tokens = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

function priced(into: DrawnCall, price: CallPrice, latencySeconds: number, random: Random): void {
  into.latencySeconds = latencySeconds;
  into.inputUsd = 0;
  into.outputUsd = 0;
  if (price.kind === 'fixed') into.inputUsd = price.usd;
  else if (price.kind === 'per-second') into.outputUsd = price.usdPerSecond * latencySeconds;
  else {
    tokens.inputTokens = price.inputTokens.sample(random);
    tokens.outputTokens = 0;
    into.inputUsd = tokensCostUsd(tokens, price.rates);
    tokens.inputTokens = 0;
    tokens.outputTokens = price.outputTokens.sample(random);
    into.outputUsd = tokensCostUsd(tokens, price.rates);
  }
}
