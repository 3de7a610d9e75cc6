import { Agent, request as httpRequest, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';

/** Headers that belong to one connection, not to the message (RFC 9110, section 7.6.1). */
const CONNECTION_HEADERS = new Set([
  'connection',
  'host',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

/** The server behind the meter. */
export class Upstream {
  /** Path that all its calls share, for example `/v1`. */
  readonly path: string;
  private readonly url: URL;
  private readonly agent: Agent;

  constructor(baseUrl: string) {
    this.url = new URL(baseUrl);
    this.path = this.url.pathname.replace(/\/$/, '');
    this.agent = this.url.protocol === 'https:' ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  /** Passes a request on, its path unchanged. */
  send(method: string, path: string, headers: IncomingHttpHeaders, body: Buffer): ClientRequest {
    const open = this.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const passed = { ...withoutConnectionHeaders(headers), 'content-length': String(body.length) };
    // Text that is compressed cannot be counted.
    const request = open(new URL(path, this.url), {
      method,
      agent: this.agent,
      headers: { ...passed, 'accept-encoding': 'identity' },
    });
    request.end(body);
    return request;
  }

  close(): void {
    this.agent.destroy();
  }
}

export function withoutConnectionHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONNECTION_HEADERS.has(name)));
}
