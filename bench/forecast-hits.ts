import type { EstimatorAnswer } from '../speculation/runtime/control-protocol';

/** Forecasts that came true, of those that a launch depended on. */
export interface ForecastHits {
  hits: number;
  total: number;
}

/** All forecasts that the control plane has seen the end of. */
export function forecastHits({ edges }: EstimatorAnswer): ForecastHits {
  return edges.reduce(
    ({ hits, total }, { successes, failures }) => ({ hits: hits + successes, total: total + successes + failures }),
    { hits: 0, total: 0 },
  );
}
