import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { callModel } from '../../activities/model';
import { MODEL } from '../../activities/model-roles';
import { stableHash } from '../../workers/sample-model/stable-hash';
import type { EffectArguments, EffectOperation } from './chaos-input';
import { factsOf, mind, type MindOperation } from './chaos-mind';
import type { EffectLog } from './effect-log';
import { receiptOf } from './receipt';

/** A moment in an activity at which its worker may be killed. */
export const MOMENTS = ['asking', 'looking', 'preparing', 'prepared', 'committed', 'written', 'sent'] as const;
export type Moment = (typeof MOMENTS)[number];

/** Tells the process that kills; the activity does not wait. */
export type Mark = (moment: Moment, run: number) => void;

type MindActivities = {
  [Operation in MindOperation]: (
    input: Parameters<(typeof mind)[Operation]>[0],
  ) => Promise<ReturnType<(typeof mind)[Operation]>>;
};

export interface ChaosActivities
  extends MindActivities, Record<EffectOperation, (args: EffectArguments) => Promise<string>> {
  gatherFacts(input: { run: number; key: string }): Promise<string[]>;
}

const DEAR = new Set<MindOperation>(['writeAnswer', 'listTopics']);

/** Which model answers an operation. */
export function modelOf(operation: MindOperation): string {
  return DEAR.has(operation) ? MODEL.big : MODEL.small;
}

export function chaosActivities(log: EffectLog, mark: Mark): ChaosActivities {
  const write = (operation: EffectOperation, moment: Moment) => async (args: EffectArguments) => {
    await pause(durationMs(operation, args));
    await log.append(operation, args);
    mark(moment, args.run);
    // Between the effect and the answer that it has happened.
    await pause(15);
    return receiptOf(operation, args);
  };
  return {
    ...mindActivities(mark),
    gatherFacts: async (input) => {
      mark('looking', input.run);
      await beating(durationMs('gatherFacts', input));
      return factsOf(input);
    },
    recordEntry: write('recordEntry', 'written'),
    cacheEntry: write('cacheEntry', 'written'),
    sendMessage: write('sendMessage', 'sent'),
    reserveSeat: write('reserveSeat', 'committed'),
  };
}

function mindActivities(mark: Mark): MindActivities {
  const ask =
    <Operation extends MindOperation>(operation: Operation) =>
    async (input: Parameters<(typeof mind)[Operation]>[0]): Promise<ReturnType<(typeof mind)[Operation]>> => {
      mark('asking', input.run);
      const reply = await callModel({
        model: modelOf(operation),
        responseFormat: 'json',
        maxTokens: 400,
        messages: [
          { role: 'system', content: `${CHAOS_PROMPT}${operation}` },
          { role: 'user', content: JSON.stringify(input) },
        ],
      });
      return JSON.parse(reply.text) as ReturnType<(typeof mind)[Operation]>;
    };
  return {
    chooseRoute: ask('chooseRoute'),
    writeAnswer: ask('writeAnswer'),
    reviewAnswer: ask('reviewAnswer'),
    listTopics: ask('listTopics'),
    studyItem: ask('studyItem'),
    nextStep: ask('nextStep'),
  };
}

/** First message of every request; the operation follows. */
export const CHAOS_PROMPT = 'You take part in an experiment. Answer as JSON what the operation answers: ';

function durationMs(operation: string, args: unknown): number {
  return 20 + stableHash(`${operation} ${JSON.stringify(args)}`, 130);
}

/** Some work that is in touch with the server, so that a cancellation ends it. */
async function beating(ms: number): Promise<void> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 50);
  try {
    await context.sleep(ms);
  } finally {
    clearInterval(beat);
  }
}
