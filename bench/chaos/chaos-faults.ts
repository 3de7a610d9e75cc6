import { faultPlan, type PlannedFault } from '../../workers/fault-plan';
import type { LocalModelReply } from '../../workers/local-model';
import type { LocalModelRequest } from '../../workers/local-model-request';
import { stableHash } from '../../workers/sample-model/stable-hash';
import { CHAOS_PROMPT } from './chaos-activities';
import { mind, type MindOperation } from './chaos-mind';

/** A fault as it was injected. */
export interface InjectedFault {
  run: number;
  operation: string;
  kind: PlannedFault;
}

/** Together 0.2. A stall costs its run four seconds, so there are few. */
const RATES: Record<PlannedFault, number> = {
  'disconnect-after-request': 0.02,
  'disconnect-after-head': 0.02,
  'disconnect-mid-stream': 0.025,
  'no-usage': 0.025,
  'rate-limit-seconds': 0.01,
  'rate-limit-date': 0.01,
  'server-error': 0.02,
  'malformed-chunk': 0.02,
  'error-frame': 0.015,
  stall: 0.005,
  'slow-drip': 0.01,
  'duplicate-end': 0.02,
};

/** A model that answers the pipelines of this experiment, and misbehaves as the seed says. */
export class ChaosModel {
  readonly injected: InjectedFault[] = [];

  /** The first two attempts of a request may fail, later ones do not, so that every run gets to its end. */
  readonly faults: ReturnType<typeof faultPlan>;

  constructor(seed: number) {
    this.faults = faultPlan({
      seed,
      rates: RATES,
      dripIntervalMs: 40,
      onFault: (kind, request) => {
        const { operation, input } = questionOf(request);
        this.injected.push({ run: input.run, operation, kind });
      },
    });
  }

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
}

function questionOf({ messages }: LocalModelRequest): { operation: MindOperation; input: { run: number } } {
  const [prompt, question] = messages;
  const operation = prompt?.content?.slice(CHAOS_PROMPT.length) as MindOperation | undefined;
  if (operation === undefined || !(operation in mind)) throw new Error('This model knows the chaos pipelines only');
  return { operation, input: JSON.parse(question?.content ?? '{}') as { run: number } };
}
