import type { Context, Info } from '@temporalio/activity';
import type { UsageRecord } from '../ledger/usage';
import type { BilledDetail, BilledHeartbeatDetails } from '../runtime/protocol';

type Writable<T> = { -readonly [Property in keyof T]: T[Property] };

/** What earlier attempts left to this one. */
export interface HandedOver {
  usage: UsageRecord[];
  /** Attempts up to this one are accounted for; 0 when nothing was left. */
  accountedAttempts: number;
}

/**
 * Takes the bills of earlier attempts out of what the last heartbeat of the previous attempt left behind, so that the activity
 * finds only its own details there. A heartbeat sent just before a failure reaches the next attempt: the SDK and the server
 * both flush it.
 */
export function takeHandedOver(info: Info): HandedOver {
  const details: unknown = info.heartbeatDetails;
  if (!isBilled(details)) return { usage: [], accountedAttempts: 0 };
  (info as Writable<Info>).heartbeatDetails = details.user[0];
  return { usage: details.usage, accountedAttempts: details.accountedAttempts ?? info.attempt - 1 };
}

function isBilled(details: unknown): details is BilledHeartbeatDetails {
  return typeof details === 'object' && details !== null && (details as Partial<BilledDetail>).__runahead === 1;
}

/**
 * Lets every heartbeat of an activity carry its bills, so that they outlive a timeout, a retry and a killed worker.
 */
export class BilledHeartbeat {
  readonly #send: (details?: unknown) => void;
  #user: unknown;
  #accountedAttempts: number;

  constructor(
    private readonly options: {
      context: Context;
      usage: () => UsageRecord[];
      /** Whether a value means the same inside of a JSON object; the activity's own details must not suffer. */
      fitsInJson: (value: unknown) => boolean;
    },
  ) {
    const { context } = options;
    this.#send = context.heartbeat;
    this.#user = context.info.heartbeatDetails;
    this.#accountedAttempts = context.info.attempt - 1;
    (context as Writable<Context>).heartbeat = (details?: unknown) => {
      this.#user = details;
      this.beat();
    };
  }

  /** Sends the latest bills together with the activity's own latest details. */
  beat(): void {
    const usage = this.options.usage();
    const accountedAttempts = this.#accountedAttempts;
    const hasNothingToSay = usage.length === 0 && accountedAttempts === 0;
    if (hasNothingToSay || !this.options.fitsInJson(this.#user)) {
      this.#send(this.#user);
      return;
    }
    const user: BilledHeartbeatDetails['user'] = this.#user === undefined ? [] : [this.#user];
    this.#send({ __runahead: 1, usage, user, accountedAttempts } satisfies BilledHeartbeatDetails);
  }

  /** The last beat of an attempt that says itself what it consumed, perhaps nothing. */
  beatLast(): void {
    this.#accountedAttempts = this.options.context.info.attempt;
    this.beat();
  }
}
