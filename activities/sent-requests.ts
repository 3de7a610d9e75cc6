import { AsyncResource } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Published by Node's own fetch (undici) when the head of a request goes out on a connection, and when its body has gone. */
const HEAD_SENT = 'undici:client:sendHeaders';
const BODY_SENT = 'undici:request:bodySent';

/** Tells whether a request has left this process. */
export interface Sending {
  sent: () => boolean;
  stop: () => void;
}

/**
 * Watches for the request with this header to leave. Between a call and its abort lies the question whether the provider will
 * bill it: a request that still waited for a connection costs nothing.
 *
 * @param onSent called once the whole request has gone, after whatever else the process has to do at that moment
 */
export function watchSending(header: string, value: string, onSent: () => void = () => undefined): Sending {
  let left = false;
  let watched = true;
  const isOurs = (message: unknown): boolean =>
    headersOf(message).some((text, index, all) => text === value && all[index - 1] === header);
  const onHead = (message: unknown): void => {
    if (isOurs(message)) left = true;
  };
  // The event comes from the connection, which others use too: what belongs to this activity has to be told.
  const report = AsyncResource.bind(() => {
    if (watched) onSent();
  });
  const onBody = (message: unknown): void => {
    if (isOurs(message)) setImmediate(report);
  };
  subscribe(HEAD_SENT, onHead);
  subscribe(BODY_SENT, onBody);
  return {
    sent: () => left,
    stop: () => {
      watched = false;
      unsubscribe(HEAD_SENT, onHead);
      unsubscribe(BODY_SENT, onBody);
    },
  };
}

/** Names and values in turn. Node 20 gives them as a list, as one text before that. */
function headersOf(message: unknown): string[] {
  const request = typeof message === 'object' && message !== null && 'request' in message ? message.request : null;
  const headers = typeof request === 'object' && request !== null && 'headers' in request ? request.headers : null;
  if (Array.isArray(headers)) return headers.map(String);
  return typeof headers === 'string' ? headers.split(/: |\r\n/) : [];
}
