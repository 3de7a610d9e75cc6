import type { ChaosInput, ChaosResult, Effect, EffectOperation } from './chaos-input';
import { factsOf, mind } from './chaos-mind';
import { receiptOf } from './receipt';

/** What a pipeline returns and does to the world when nothing goes wrong and nothing runs ahead. */
export interface ExpectedOutcome {
  result: ChaosResult;
  /** In the order in which they happen. */
  effects: Effect[];
}

/** Works it out from the input, without Temporal and without the pipelines' own code. */
export function expectedOutcome(input: ChaosInput): ExpectedOutcome {
  const effects: Effect[] = [];
  const { run } = input;
  const act = (operation: EffectOperation, name: string, text: string): string => {
    const args = { run, name, text };
    effects.push({ operation, args });
    return receiptOf(operation, args);
  };
  return { result: { shape: input.shape, said: SAID[input.shape](input, act) }, effects };
}

type Act = (operation: EffectOperation, name: string, text: string) => string;

const SAID: Record<ChaosInput['shape'], (input: ChaosInput, act: Act) => string[]> = {
  router: ({ run, topic, text }, act) => {
    const { route } = mind.chooseRoute({ run, topic, text });
    const facts = factsOf({ run, key: route });
    const draft = mind.writeAnswer({ run, route, facts, advice: '' }).text;
    const review = mind.reviewAnswer({ run, text: draft });
    const passes = review.verdict === 'pass';
    const answer = passes ? draft : mind.writeAnswer({ run, route, facts, advice: review.advice }).text;
    const receipts = [act('recordEntry', route, answer), act('sendMessage', route, answer)];
    return [route, ...facts, draft, review.verdict, answer, ...receipts];
  },
  mapper: ({ run, topic, text, size }, act) => {
    const { items } = mind.listTopics({ run, topic, text, size });
    const notes = items.map((item) => mind.studyItem({ run, item }).note);
    const cached = notes.map((note) => act('cacheEntry', 'note', note));
    const summary = mind.writeAnswer({ run, route: topic, facts: notes, advice: '' }).text;
    return [...items, ...notes, ...cached, summary, act('sendMessage', topic, summary)];
  },
  agent: ({ run, topic, text, size }, act) => {
    const seen: string[] = [];
    let step = mind.nextStep({ run, topic, text, rounds: size, seen });
    while (step.kind !== 'reply') {
      const { kind, key } = step;
      seen.push(kind === 'look' ? factsOf({ run, key }).join() : act('recordEntry', key, key));
      step = mind.nextStep({ run, topic, text, rounds: size, seen });
    }
    return [...seen, step.text, act('reserveSeat', topic, step.text), act('sendMessage', topic, step.text)];
  },
  streamed: ({ run, topic, text, size }, act) => {
    const { title, items, closing } = mind.listTopics({ run, topic, text, size });
    const facts = items.map((item) => factsOf({ run, key: item }));
    const receipts = [
      act('cacheEntry', title, facts.join()),
      act('reserveSeat', 'list', closing),
      act('sendMessage', 'list', closing),
    ];
    return [title, ...items, ...facts.flat(), closing, ...receipts];
  },
  staged: ({ run, topic, text }, act) => {
    const draft = mind.writeAnswer({ run, route: topic, facts: [text], advice: '' }).text;
    const { verdict } = mind.reviewAnswer({ run, text: draft });
    const [operation, name, body] =
      verdict === 'pass' ? (['reserveSeat', 'window', topic] as const) : (['recordEntry', 'refused', draft] as const);
    const receipts = [act(operation, name, body), act(operation, name, body)];
    const facts = factsOf({ run, key: topic });
    return [draft, verdict, ...receipts, ...facts, act('sendMessage', 'window', facts.join())];
  },
  relay: ({ run, topic, text, legs }, act) => {
    const said: string[] = [];
    let route = '';
    for (let leg = 1; leg <= legs; leg += 1) {
      ({ route } = mind.chooseRoute({ run, topic, text: `${text} ${leg}` }));
      said.push(route, ...factsOf({ run, key: route }));
      said.push(act('reserveSeat', 'aisle', topic), act('recordEntry', 'leg', topic));
    }
    return [...said, act('sendMessage', 'aisle', route)];
  },
};
