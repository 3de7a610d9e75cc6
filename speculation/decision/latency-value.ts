/** L_value = lambda * seconds saved, US dollars (arXiv:2606.07846). */
export function latencyValueUsd(lambdaUsdPerSecond: number, latencySavedSeconds: number): number {
  return lambdaUsdPerSecond * latencySavedSeconds;
}
