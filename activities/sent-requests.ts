import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Published by Node's own fetch (undici) when the head of a request goes out on a connection. */
const CHANNEL = 'undici:client:sendHeaders';

/** Tells whether a request has left this process. */
export interface Sending {
  sent: () => boolean;
  stop: () => void;
}

/**
 * Watches for the request with this header to leave. Between a call and its abort lies the question whether the provider will
 * bill it: a request that still waited for a connection costs nothing.
 */
export function watchSending(header: string, value: string): Sending {
  let left = false;
  const onSend = (message: unknown): void => {
    if (headersOf(message).some((text, index, all) => text === value && all[index - 1] === header)) left = true;
  };
  subscribe(CHANNEL, onSend);
  return { sent: () => left, stop: () => unsubscribe(CHANNEL, onSend) };
}

/** Names and values in turn. Node 20 gives them as a list, as one text before that. */
function headersOf(message: unknown): string[] {
  const request = typeof message === 'object' && message !== null && 'request' in message ? message.request : null;
  const headers = typeof request === 'object' && request !== null && 'headers' in request ? request.headers : null;
  if (Array.isArray(headers)) return headers.map(String);
  return typeof headers === 'string' ? headers.split(/: |\r\n/) : [];
}
