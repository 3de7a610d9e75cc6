import { continueAsNew, proxyActivities } from '@temporalio/workflow';
import type { ChaosActivities } from './chaos-activities';
import type { ChaosInput, ChaosResult } from './chaos-input';

const RETRY = { initialInterval: '50ms', backoffCoefficient: 1.5, maximumInterval: '500ms' } as const;

const model = proxyActivities<ChaosActivities>({ startToCloseTimeout: '4s', heartbeatTimeout: '1500ms', retry: RETRY });
const world = proxyActivities<ChaosActivities>({ startToCloseTimeout: '3s', heartbeatTimeout: '1500ms', retry: RETRY });

/** A chain behind a router: what follows depends on what was chosen, and a check may send it back once. */
export async function chaosRouter({ run, shape, topic, text }: ChaosInput): Promise<ChaosResult> {
  const { route } = await model.chooseRoute({ run, topic, text });
  const facts = await world.gatherFacts({ run, key: route });
  const draft = await model.writeAnswer({ run, route, facts, advice: '' });
  const { verdict, advice } = await model.reviewAnswer({ run, text: draft.text });
  const answer = verdict === 'pass' ? draft : await model.writeAnswer({ run, route, facts, advice });
  const entry = await world.recordEntry({ run, name: route, text: answer.text });
  const sent = await world.sendMessage({ run, name: route, text: answer.text });
  return { shape, said: [route, ...facts, draft.text, verdict, answer.text, entry, sent] };
}

/** A list, and the same for each of its elements at the same time. */
export async function chaosMapper({ run, shape, topic, text, size }: ChaosInput): Promise<ChaosResult> {
  const { items } = await model.listTopics({ run, topic, text, size });
  const notes = await Promise.all(items.map((item) => model.studyItem({ run, item })));
  const cached = [];
  for (const { note } of notes) cached.push(await world.cacheEntry({ run, name: 'note', text: note }));
  const { text: summary } = await model.writeAnswer({
    run,
    route: topic,
    facts: notes.map(({ note }) => note),
    advice: '',
  });
  const sent = await world.sendMessage({ run, name: topic, text: summary });
  return { shape, said: [...items, ...notes.map(({ note }) => note), ...cached, summary, sent] };
}

/** A loop whose next step depends on what all steps before it found; some of them write. */
export async function chaosAgent({ run, shape, topic, text, size }: ChaosInput): Promise<ChaosResult> {
  const seen: string[] = [];
  for (;;) {
    const step = await model.nextStep({ run, topic, text, rounds: size, seen: [...seen] });
    if (step.kind === 'reply') {
      const seat = await world.reserveSeat({ run, name: topic, text: step.text });
      return {
        shape,
        said: [...seen, step.text, seat, await world.sendMessage({ run, name: topic, text: step.text })],
      };
    }
    if (step.kind === 'look') seen.push((await world.gatherFacts({ run, key: step.key })).join());
    else seen.push(await world.recordEntry({ run, name: step.key, text: step.key }));
  }
}

/** A list whose elements are final before the answer ends, and a field that comes last. */
export async function chaosStreamed({ run, shape, topic, text, size }: ChaosInput): Promise<ChaosResult> {
  const list = await model.listTopics({ run, topic, text, size });
  const facts = await Promise.all(list.items.map((item) => world.gatherFacts({ run, key: item })));
  const cached = await world.cacheEntry({ run, name: list.title, text: facts.join() });
  const seat = await world.reserveSeat({ run, name: 'list', text: list.closing });
  const sent = await world.sendMessage({ run, name: 'list', text: list.closing });
  return { shape, said: [list.title, ...list.items, ...facts.flat(), list.closing, cached, seat, sent] };
}

/** Effects behind a check, twice the same: two calls that are alike are two effects. */
export async function chaosStaged({ run, shape, topic, text }: ChaosInput): Promise<ChaosResult> {
  const { text: draft } = await model.writeAnswer({ run, route: topic, facts: [text], advice: '' });
  const { verdict } = await model.reviewAnswer({ run, text: draft });
  const said = [draft, verdict];
  if (verdict === 'pass') {
    said.push(await world.reserveSeat({ run, name: 'window', text: topic }));
    said.push(await world.reserveSeat({ run, name: 'window', text: topic }));
  } else {
    said.push(await world.recordEntry({ run, name: 'refused', text: draft }));
    said.push(await world.recordEntry({ run, name: 'refused', text: draft }));
  }
  const facts = await world.gatherFacts({ run, key: topic });
  said.push(...facts, await world.sendMessage({ run, name: 'window', text: facts.join() }));
  return { shape, said };
}

/** Goes on as a new run after each leg; the legs make calls that are alike. */
export async function chaosRelay(input: ChaosInput): Promise<ChaosResult> {
  const { run, shape, topic, text, legs, leg, carried } = input;
  const { route } = await model.chooseRoute({ run, topic, text: `${text} ${leg}` });
  const facts = await world.gatherFacts({ run, key: route });
  const seat = await world.reserveSeat({ run, name: 'aisle', text: topic });
  const entry = await world.recordEntry({ run, name: 'leg', text: topic });
  const said = [...carried, route, ...facts, seat, entry];
  if (leg < legs) await continueAsNew<typeof chaosRelay>({ ...input, leg: leg + 1, carried: said });
  return { shape, said: [...said, await world.sendMessage({ run, name: 'aisle', text: route })] };
}
