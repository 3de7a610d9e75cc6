import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { callModel, type ModelRequest } from '../../activities/model';
import { MODEL } from '../../activities/model-roles';
import { callResponse } from '../../activities/response-call';
import { stableHash } from '../../workers/sample-model/stable-hash';
import type { EffectArguments, EffectOperation } from './chaos-input';
import { factsOf, mind, type MindOperation } from './chaos-mind';
import type { EffectLog } from './effect-log';
import { receiptOf } from './receipt';

/** A moment in an activity at which its worker may be killed. */
export type Moment = 'asking' | 'looking' | 'preparing' | 'prepared' | 'committed' | 'written' | 'sent';

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

/** Asked over the Responses API instead of chat completions. */
const OVER_RESPONSES = new Set<MindOperation>(['studyItem', 'reviewAnswer']);

const DEAR = new Set<MindOperation>(['writeAnswer', 'listTopics']);

/** Which model answers an operation. */
export function modelOf(operation: MindOperation): string {
  return DEAR.has(operation) ? MODEL.big : MODEL.small;
}

/** All activities but the staged one, which is a stage in the policy of the workers that run ahead. */
export function chaosActivities(log: EffectLog, mark: Mark): Omit<ChaosActivities, 'reserveSeat'> {
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
  };
}

/** Takes a seat as a worker does that knows of no stages. */
export function plainSeat(log: EffectLog): ChaosActivities['reserveSeat'] {
  return async (args) => {
    await log.append('reserveSeat', args);
    return receiptOf('reserveSeat', args);
  };
}

function mindActivities(mark: Mark): MindActivities {
  const ask =
    <Operation extends MindOperation>(operation: Operation) =>
    async (input: Parameters<(typeof mind)[Operation]>[0]): Promise<ReturnType<(typeof mind)[Operation]>> => {
      mark('asking', input.run);
      const call = OVER_RESPONSES.has(operation) ? callResponse : callModel;
      const request: ModelRequest = {
        model: modelOf(operation),
        responseFormat: 'json',
        maxTokens: 400,
        messages: [
          { role: 'system', content: `${CHAOS_PROMPT}${operation}` },
          { role: 'user', content: JSON.stringify(input) },
        ],
      };
      const reply = await call(request, { fields: { as: 'json' } });
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
