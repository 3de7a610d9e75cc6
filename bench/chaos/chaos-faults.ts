import { pick } from '../scenarios/seeded-random';
import { randomStream } from '../simulator/random-stream';
import type { LocalModelFault, LocalModelReply, LocalModelRequest } from '../../workers/local-model';
import { stableHash } from '../../workers/sample-model/stable-hash';
import { CHAOS_PROMPT } from './chaos-activities';
import { mind, type MindOperation } from './chaos-mind';

/** A fault as it was injected. */
export interface InjectedFault {
  run: number;
  operation: string;
  kind: string;
}

const FAULT_SHARE = 0.15;
const KINDS = [
  'disconnect before the first token',
  'disconnect after tokens',
  'no usage',
  'status 429',
  'status 500',
  'malformed chunk',
  'stall',
] as const;
/** A stall costs its run four seconds, so there are few. */
const WEIGHTS = [3, 3, 3, 2, 3, 3, 1];

/** A model that answers the pipelines of this experiment, and misbehaves as the seed says. */
export class ChaosModel {
  readonly injected: InjectedFault[] = [];

  constructor(private readonly seed: number) {}

  readonly script = (request: LocalModelRequest): LocalModelReply => {
    const { operation, input } = questionOf(request);
    const answer = mind[operation] as (input: unknown) => unknown;
    const hash = stableHash(JSON.stringify(request.messages), 1_000);
    return {
      text: JSON.stringify(answer(input)),
      ttftMs: 15 + (hash % 50),
      tokensPerSecond: 200 + (hash % 7) * 60,
    };
  };

  /** The first attempts of a request may fail, later ones do not, so that every run gets to its end. */
  readonly faults = (request: LocalModelRequest, attempt: number): LocalModelFault | null => {
    if (attempt > 1) return null;
    const random = randomStream(this.seed, 'fault', attempt, JSON.stringify(request.messages));
    if (random() >= FAULT_SHARE) return null;
    const kind = pick(random, KINDS, WEIGHTS);
    const { operation, input } = questionOf(request);
    this.injected.push({ run: input.run, operation, kind });
    return faultOf(kind, 1 + Math.floor(random() * 8));
  };
}

function faultOf(kind: (typeof KINDS)[number], afterTokens: number): LocalModelFault {
  switch (kind) {
    case 'disconnect before the first token':
      return { kind: 'disconnect', afterTokens: 0 };
    case 'disconnect after tokens':
      return { kind: 'disconnect', afterTokens };
    case 'no usage':
      return { kind: 'no-usage' };
    case 'status 429':
      return { kind: 'error', status: 429, retryAfterSeconds: 1 };
    case 'status 500':
      return { kind: 'error', status: 500 };
    case 'malformed chunk':
      return { kind: 'malformed', afterTokens };
    case 'stall':
      return { kind: 'stall', afterTokens };
  }
}

function questionOf({ messages }: LocalModelRequest): { operation: MindOperation; input: { run: number } } {
  const [prompt, question] = messages;
  const operation = prompt?.content?.slice(CHAOS_PROMPT.length) as MindOperation | undefined;
  if (operation === undefined || !(operation in mind)) throw new Error('This model knows the chaos pipelines only');
  return { operation, input: JSON.parse(question?.content ?? '{}') as { run: number } };
}
