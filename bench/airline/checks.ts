import { canonicalJson } from '../../speculation/forecast/canonical-json';
import { writeTools } from '../../activities/tool-agent';
import type { Rate } from '../measure/policy-comparison';
import type { MeasuredConversation } from './measured-conversation';
import type { Lane } from './stage';

/** What must hold for every policy. */
export interface Checks {
  /** Conversations with the result of the plain run, and with the same writes and words in the same order. */
  identical: Rate;
  /** Writes and words to the user that were done ahead of their input, of all: must be none. */
  launchedEffects: Rate;
  /** Writes among them. */
  writes: number;
}

/** Holds a contestant's conversations against those of the plain worker. */
export function check(
  lane: Lane,
  conversations: readonly MeasuredConversation[],
  plainLane: Lane,
  plain: readonly MeasuredConversation[],
): Checks {
  const expected = new Map(plain.map((each) => [each.scenarioId, fingerprint(plainLane, each)]));
  const identical = conversations.filter((each) => fingerprint(lane, each) === expected.get(each.scenarioId));
  return {
    identical: { numerator: identical.length, denominator: conversations.length },
    launchedEffects: {
      numerator: lane.effects.filter(({ launched }) => launched).length,
      denominator: lane.effects.length,
    },
    writes: lane.effects.filter(({ activityType }) => Object.hasOwn(writeTools, activityType)).length,
  };
}

function fingerprint({ effects }: Lane, { workflowId, result }: MeasuredConversation): string {
  const own = effects.filter((effect) => effect.workflowId === workflowId);
  return `${result}${canonicalJson(own.map(({ activityType, input }) => [activityType, input]))}`;
}
