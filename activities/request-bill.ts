import { dropRunningUsage, recordUsage, reportRunningUsage, type Usage } from '../speculation/plugin/usage-meter';
import type { ReceivedAnswer } from './model-protocol';

/**
 * The bill of one request, from the moment on at which it has been sent. Until the provider's id is known it is kept under the client's;
 * the books know both for one.
 */
export class RequestBill {
  constructor(
    private readonly request: {
      clientRequestId: string;
      model: string;
      received: ReceivedAnswer;
      /** Whether the request has left this process. */
      sent: () => boolean;
    },
  ) {}

  /** Whether the provider may bill it. */
  get open(): boolean {
    const { sent, received } = this.request;
    return sent() || received.chunks > 0;
  }

  /** Says what has been consumed by now, for the next heartbeat to carry. */
  report(): void {
    if (this.open) reportRunningUsage(this.#usage());
  }

  book(): void {
    recordUsage(this.#usage());
  }

  /** The provider refused the request: nothing was produced, nothing is billed. */
  drop(): void {
    const { clientRequestId } = this.request;
    dropRunningUsage({ requestId: clientRequestId });
  }

  #usage(): Usage {
    const { clientRequestId, model, received } = this.request;
    return { requestId: received.id ?? clientRequestId, clientRequestId, model, ...received.usage() };
  }
}
