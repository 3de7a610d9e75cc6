import type { RecordedConversation } from '../activities/recorded-conversations';
import type { TravelRequest } from '../workflows/tool-agent';
import { researchQuestions } from './scenarios/research-questions';
import { seededRandom } from './scenarios/seeded-random';
import { supportMessages } from './scenarios/support-messages';
import { travelRequests } from './scenarios/travel-requests';

/** One row of the comparison. */
export interface Workload {
  /** Shown in the table and the report. */
  name: string;
  /** Workflow type. */
  pipeline: 'autoReply' | 'toolAgent' | 'research';
  /** Requests that fill the history before anything is measured. */
  warmUp: readonly unknown[];
  measured: readonly unknown[];
}

/** Warm-up requests for a number of measured ones. */
export function warmUpSize(requests: number): number {
  return Math.max(2, Math.min(24, requests));
}

/** The requests of the three pipelines: the same for the same seed. */
export function sampleWorkloads(requests: number, seed: number): Workload[] {
  const warm = warmUpSize(requests);
  const total = warm + requests;
  const cut = (name: Workload['pipeline'], inputs: readonly unknown[]): Workload => ({
    name,
    pipeline: name,
    warmUp: inputs.slice(0, warm),
    measured: inputs.slice(warm),
  });
  return [
    cut('autoReply', supportMessages(total, seededRandom(seed))),
    cut('toolAgent', travelRequests(total, seededRandom(seed + 1))),
    cut('research', researchQuestions(total, seededRandom(seed + 2))),
  ];
}

/** Conversations are long: at most this many are replayed. */
const MOST_CONVERSATIONS = 8;

/**
 * Recorded conversations as a workload of their own: of each task, one trial warms up and another is measured, so that no
 * conversation is forecast from itself.
 */
export function recordedWorkload(conversations: readonly RecordedConversation[], requests: number): Workload {
  const size = Math.min(requests, MOST_CONVERSATIONS);
  const trials = [...new Set(conversations.map(({ trial }) => trial))].sort((left, right) => left - right);
  const ofTrial = (trial: number | undefined): TravelRequest[] =>
    conversations
      .filter((conversation) => conversation.trial === trial)
      .slice(0, size)
      .map(({ scenarioId, goal, rounds }) => ({ scenarioId, goal, maxSteps: rounds.length + 2 }));
  const [first] = trials;
  const last = trials.at(-1);
  return {
    name: 'toolAgent (recorded)',
    pipeline: 'toolAgent',
    warmUp: first === last ? [] : ofTrial(first),
    measured: ofTrial(last),
  };
}
