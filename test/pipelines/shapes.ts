import {
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  executeChild,
  isCancellation,
  patched,
  proxyActivities,
  setHandler,
  sleep,
  upsertMemo,
  uuid4,
} from '@temporalio/workflow';
import { log } from '@temporalio/workflow';

interface Steps {
  first(input: string): Promise<string>;
  second(input: string): Promise<string>;
  third(input: string): Promise<string>;
  cleanUp(input: string): Promise<string>;
}

const steps = proxyActivities<Steps>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '10ms', maximumAttempts: 3 },
});

/** An agent loop: how many rounds there are is known only when the model says `stop`. */
export async function loop(start: string): Promise<string[]> {
  const seen: string[] = [];
  for (let said = start; said !== 'stop' && seen.length < 10;) {
    said = await steps.first(said);
    seen.push(await steps.second(said));
  }
  return seen;
}

export async function parallel(input: string): Promise<string[]> {
  const head = await steps.first(input);
  const both = await Promise.all([steps.second(`${head}/a`), steps.second(`${head}/b`), steps.second(`${head}/a`)]);
  return [...both, await steps.third(both.join('+'))];
}

export async function throwing(input: string): Promise<string> {
  const head = await steps.first(input);
  if (head === 'bad') throw new TypeError(`cannot go on with ${head}`);
  return steps.second(head);
}

/** Fails as a workflow, not as a task. */
export async function failing(input: string): Promise<string> {
  const { ApplicationFailure } = await import('@temporalio/workflow');
  const head = await steps.first(input);
  if (head === 'bad') throw ApplicationFailure.nonRetryable(`cannot go on with ${head}`, 'Refused');
  return steps.second(head);
}

export async function recovering(input: string): Promise<string> {
  let head: string;
  try {
    head = await steps.first(input);
  } catch {
    head = 'fallback';
  }
  return `${await steps.second(head)} after ${await steps.third(head)}`;
}

export async function withTimer(input: string): Promise<string> {
  await sleep(20);
  const head = await steps.first(input);
  const tail = await steps.second(head);
  await sleep(20);
  return steps.third(tail);
}

/** `second` takes too long and is given up by the pipeline itself. */
export async function impatient(input: string): Promise<string> {
  const head = await steps.first(input);
  try {
    return await CancellationScope.withTimeout('1500ms', () => steps.second(head));
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(() => steps.cleanUp(head));
  }
}

export async function parent(input: string): Promise<string> {
  const head = await steps.first(input);
  const grown = await executeChild(child, { args: [head] });
  return steps.third(grown);
}

export async function child(input: string): Promise<string> {
  return steps.second(input);
}

/** Continues as new and only then starts a child. */
export async function growing(left: number, input: string, childId: string): Promise<string> {
  const head = await steps.first(input);
  if (left > 0) return continueAsNew<typeof growing>(left - 1, head, childId);
  return executeChild(child, { args: [head], workflowId: childId });
}

export const approve = defineSignal<[string]>('approve');

export async function approval(input: string): Promise<string> {
  let approvedBy = '';
  setHandler(approve, (name) => {
    approvedBy = name;
  });
  const head = await steps.first(input);
  const tail = await steps.second(head);
  await condition(() => approvedBy !== '');
  return steps.third(`${tail} approved by ${approvedBy}`);
}

/** Sets its handler and is approved before it starts to run ahead. */
export async function approvedFirst(input: string): Promise<string> {
  let approvedBy = '';
  setHandler(approve, (name) => {
    approvedBy = name;
  });
  await condition(() => approvedBy !== '');
  const head = await steps.first(input);
  return steps.second(`${head} for ${approvedBy}`);
}

export async function rounds(left: number, total: string): Promise<string> {
  const head = await steps.first(`${total}${left}`);
  const tail = await steps.second(head);
  if (left > 0) return continueAsNew<typeof rounds>(left - 1, tail);
  return tail;
}

/** Uses what a workflow has only once, between the operation that is forecast and the one that is launched. */
export async function busy(input: string): Promise<string> {
  const name = uuid4();
  const at = Date.now();
  log.info('starting');
  const head = await steps.first(input);
  upsertMemo({ head });
  log.info('got the head');
  const suffix = patched('suffix') ? '!' : '?';
  return steps.second(`${head}-${name}-${at}-${Math.random()}${suffix}`);
}

export async function waitsForever(input: string): Promise<string> {
  const head = await steps.first(input);
  return steps.second(head);
}

/** Something else keeps the workers busy. */
export async function queued(input: string): Promise<string> {
  const background = steps.third('background');
  await sleep(50);
  const head = await steps.first(input);
  const tail = await steps.second(head);
  return `${tail} ${await background}`;
}

export async function cleansUp(input: string): Promise<string> {
  try {
    const head = await steps.first(input);
    return await steps.second(head);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => steps.cleanUp(input));
    throw error;
  }
}
