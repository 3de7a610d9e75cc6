import { stableHash } from '../../workers/sample-model/stable-hash';
import { ROUTES, type Route, type Topic } from './chaos-input';

/** Requests that the pipelines make of a model, with what it answers: functions of the request and nothing else. */
export const mind = {
  chooseRoute: ({ topic, text }: { run: number; topic: Topic; text: string }): { route: Route; reason: string } => {
    // Mostly what is usual for the topic, so that histories are worth something and still often wrong.
    const usual = stableHash(text, 4) > 0;
    const route = ROUTES[stableHash(usual ? topic : text, ROUTES.length)] ?? 'lookup';
    return { route, reason: sentence(route, 8) };
  },
  writeAnswer: (input: { run: number; route: string; facts: string[]; advice: string }): { text: string } => ({
    text: sentence(JSON.stringify(input), 14 + stableHash(input.route, 14)),
  }),
  reviewAnswer: ({ text }: { run: number; text: string }): { verdict: 'pass' | 'revise'; advice: string } =>
    stableHash(text, 10) < 7 ? { verdict: 'pass', advice: '' } : { verdict: 'revise', advice: sentence(text, 5) },
  listTopics: (input: {
    run: number;
    topic: Topic;
    text: string;
    size: number;
  }): { title: string; items: string[]; closing: string } => ({
    title: sentence(input.topic, 3),
    items: Array.from({ length: input.size }, (_, index) => `${input.topic} ${sentence(`${input.text}${index}`, 2)}`),
    closing: sentence(`${input.text} closing`, 8),
  }),
  studyItem: ({ item }: { run: number; item: string }): { note: string } => ({ note: sentence(`note ${item}`, 12) }),
  nextStep: (input: AgentQuestion): AgentStep => {
    const round = input.seen.length;
    if (round >= input.rounds) return { kind: 'reply', text: sentence(input.seen.join(), 10) };
    const key = `${input.topic}-${stableHash(`${input.text}${round}`, 3)}`;
    return stableHash(`${input.text}/${round}`, 3) === 0 ? { kind: 'record', key } : { kind: 'look', key };
  },
};

export type MindOperation = keyof typeof mind;

export interface AgentQuestion {
  run: number;
  topic: Topic;
  text: string;
  rounds: number;
  /** What every round so far found. */
  seen: string[];
}

export type AgentStep = { kind: 'look' | 'record'; key: string } | { kind: 'reply'; text: string };

/** What a look-up finds. */
export function factsOf({ key }: { run: number; key: string }): string[] {
  return [sentence(`fact ${key}`, 3), sentence(`other ${key}`, 3)];
}

const WORDS = (
  'amber basin cobalt delta ember fathom granite harbour island jasper kettle lantern meadow nectar orchard pebble quarry ' +
  'river saddle timber umbra valley willow xenon yonder zephyr'
).split(' ');

/** A text of that many words, always the same for the same key. */
export function sentence(key: string, words: number): string {
  return Array.from({ length: words }, (_, at) => WORDS[stableHash(`${key}#${at}`, WORDS.length)] ?? '').join(' ');
}
