import { definePolicy, type OperationInput, type Policy } from '../../../speculation/plugin';
import { LIVE_GRAPH, pricesOf, SECONDS_PER_SECOND } from './graph';
import type { VerifiedInput } from './activities';

/** The value of a second of the work, times how much of it happens in a second of the server. */
const LAMBDA_USD_PER_SECOND = 0.01 * SECONDS_PER_SECOND;

/** What an owner of the pipeline would declare, with one of the launch policies. */
export function livePolicy(launchPolicy: string): Policy {
  return definePolicy({
    launchPolicy,
    knob: { alpha: 0.5, lambdaUsdPerSecond: LAMBDA_USD_PER_SECOND },
    limits: { maxDepth: 10, maxOpenLaunches: 16, maxFibers: 64 },
    // A verifier that is hardly ever content is part of what is compared.
    calibration: { killSwitch: false },
    activities: Object.fromEntries(
      LIVE_GRAPH.flatMap((node): [string, OperationInput][] => {
        const { stepUsd, verifierUsd } = pricesOf(node);
        const seconds = node.seconds / SECONDS_PER_SECOND;
        return [
          [node.name, { effect: 'none', cost: { kind: 'fixed', usd: stepUsd }, expectedSeconds: seconds }],
          [
            `verify ${node.name}`,
            {
              effect: 'none',
              dependency: { type: 'verifier' },
              forecast: [{ kind: 'verify', pass: ({ text }: VerifiedInput) => ({ text }) }],
              cost: { kind: 'fixed', usd: verifierUsd },
              expectedSeconds: seconds * node.verifierTimes,
            },
          ],
        ];
      }),
    ),
  });
}
