import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Decimal } from 'decimal.js';
import type { TokenRates } from '../speculation/decision/tokens';
import { hasRate, invoiceLine, type InvoiceLine } from './invoice';
import { MeteredExchange } from './metered-exchange';
import { Upstream } from './meter-upstream';

export type { InvoiceLine } from './invoice';

export interface MeterOptions {
  /** Base URL of the model behind the meter, for example `http://127.0.0.1:4010/v1`. */
  upstreamUrl: string;
  /** US dollars per million tokens, by model name. */
  rates: Readonly<Record<string, TokenRates>>;
  /** @default a free one */
  port?: number;
}

/** An independent count of what a model delivered: a reverse proxy that shares no book-keeping with the pipelines. */
export interface Meter {
  /** For OPENAI_BASE_URL: same path as the upstream. */
  baseUrl: string;
  /** One line for every request that reached the model, oldest first; lines of open requests show what they cost so far. */
  invoice: () => InvoiceLine[];
  /** Sum of the invoice in US dollars, an exact decimal string. */
  totalUsd: () => string;
  stop: () => Promise<void>;
}

const HOST = '127.0.0.1';

/**
 * Starts a meter in front of a model. A client that goes away ends its request to the model at once.
 */
export async function startMeter(options: MeterOptions): Promise<Meter> {
  const upstream = new Upstream(options.upstreamUrl);
  // In order of arrival. What has ended is kept as its line alone: prompts are long.
  const entries = new Map<number, MeteredExchange | InvoiceLine>();
  let arrivals = 0;
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    const exchange = new MeteredExchange(upstream, incoming, response);
    const arrival = (arrivals += 1);
    entries.set(arrival, exchange);
    void exchange.run().then((reached) => {
      if (!reached) entries.delete(arrival);
      else if (hasRate(exchange, options.rates)) entries.set(arrival, invoiceLine(exchange, options.rates));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const invoice = (): InvoiceLine[] =>
    [...entries.values()].flatMap((entry) => {
      if (!(entry instanceof MeteredExchange)) return [entry];
      return entry.prompt === null ? [] : [invoiceLine(entry, options.rates)];
    });
  return {
    baseUrl: `http://${HOST}:${port}${upstream.path}`,
    invoice,
    totalUsd: () =>
      invoice()
        .reduce((total, line) => total.plus(line.costUsd), new Decimal(0))
        .toFixed(),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      upstream.close();
    },
  };
}
