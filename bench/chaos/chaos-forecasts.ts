import { stableHash } from '../../workers/sample-model/stable-hash';
import { mind, sentence, type MindOperation } from './chaos-mind';

/** How good a forecast is; decided by the call alone, so that the same seed makes the same forecasts. */
type Quality = 'right' | 'random' | 'swapped' | 'stale' | 'wrong type';

const QUALITIES: readonly Quality[] = ['right', 'right', 'right', 'random', 'swapped', 'stale', 'wrong type'];

const WRONG_TYPES: readonly unknown[] = [
  null,
  17,
  '',
  [],
  'text',
  { kind: 7, items: 'none', text: {}, route: null },
  [[1]],
];

/**
 * A forecaster that is right less than half of the time. Otherwise it says what is right for another input (random), what another
 * operation would say (swapped), what was right before the latest news (stale), or something that is no answer at all (wrong type).
 */
export function unreliable<Operation extends MindOperation>(
  operation: Operation,
): (input: Parameters<(typeof mind)[Operation]>[0]) => unknown {
  const answer = mind[operation] as (input: unknown) => unknown;
  return (input) => {
    const call = `${operation} ${JSON.stringify(input)}`;
    const quality = QUALITIES[stableHash(call, QUALITIES.length)] ?? 'right';
    switch (quality) {
      case 'random':
        return answer({ ...input, ...changed(input, sentence(call, 3)) });
      case 'stale':
        return answer({ ...input, ...('seen' in input ? { seen: input.seen.slice(0, -1) } : { run: input.run - 1 }) });
      case 'swapped':
        return operation === 'writeAnswer' ? { note: sentence(call, 4) } : { text: sentence(call, 4) };
      case 'wrong type':
        return WRONG_TYPES[stableHash(`${call}!`, WRONG_TYPES.length)];
      case 'right':
        return answer(input);
    }
  };
}

function changed(input: object, text: string): Record<string, unknown> {
  return 'text' in input ? { text } : 'topic' in input ? { topic: text } : { route: text };
}
