import type { Knob } from '../../speculation/decision/knob';
import { dollars } from './figures';
import { plainTable } from './plain-table';

export function knobTable(knob: Knob): string {
  return plainTable(
    ['knob', 'value', ''],
    [
      ['alpha', String(knob.alpha), '0 cost first, 1 latency first'],
      ['lambda', `${dollars(knob.lambdaUsdPerSecond)} a second`, 'what a second of waiting is worth'],
      [
        'budget',
        knob.budgetUsd === null ? 'none' : dollars(knob.budgetUsd),
        'most that one pipeline may lose on wrong bets',
      ],
      ['enabled', String(knob.enabled), 'false: nothing is launched early'],
      ['policy', knob.policy ?? "the policy file's", 'which launches are made'],
    ],
  );
}
