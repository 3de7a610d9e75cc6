import type { LaunchQuantities, PolicyParameter } from './launch-policy';

/** Share of the places for launches that mined launches leave alone. */
export const THROTTLE: PolicyParameter = {
  default: 0,
  least: 0,
  most: 1,
  meaning: 'share of the places for launches that stays free; 1 launches nothing',
};

/** Whether a launch would take up nothing but slack: a place that the throttle leaves to it. */
export function isWithinSlack({ openLaunches, maxOpenLaunches }: LaunchQuantities, throttle: number): boolean {
  return throttle < 1 && openLaunches < (1 - throttle) * maxOpenLaunches;
}

/** Forecasts that were learned from earlier runs. */
export function isMined({ source }: LaunchQuantities): boolean {
  return source === 'mined' || source === 'history';
}
