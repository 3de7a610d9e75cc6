import Table from 'cli-table3';
import type { Row } from './compare';
import { minusUsd } from './books';

const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const dollars = (usd: string): string => Number(usd).toFixed(6);

/** The comparison for a reader. */
export function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    head: [
      'pipeline',
      'p50 s\nplain',
      'p50 s\nahead',
      'ratio',
      'p95 s\nplain',
      'p95 s\nahead',
      'cost $\nplain',
      'cost $\nahead',
      'of it\nwaste $',
      'launched / claimed /\ncancelled / failed',
      'forecasts\nright',
      'identical\nresults',
    ],
    style: { head: [], border: [] },
  });
  for (const { report, identical, forecasts } of rows) {
    const { plain, runahead } = report;
    table.push([
      report.name,
      seconds(plain.p50Ms),
      seconds(runahead.p50Ms),
      (runahead.p50Ms / plain.p50Ms).toFixed(2),
      seconds(plain.p95Ms),
      seconds(runahead.p95Ms),
      dollars(plain.costUsd),
      dollars(runahead.costUsd),
      dollars(runahead.wasteUsd),
      `${runahead.launched} / ${runahead.claimed} / ${runahead.cancelled} / ${runahead.failed}`,
      `${forecasts.hits}/${forecasts.total}`,
      `${identical}/${report.requests}`,
    ]);
  }
  return table.toString();
}

/** The books against the meter. */
export function renderBooks(books: {
  bookedUsd: string;
  estimatedUsd: string;
  invoiceUsd: string;
  reported: { exact: number; total: number };
}): string {
  const { bookedUsd, estimatedUsd, invoiceUsd, reported } = books;
  return [
    `Books of the run-ahead side: ${bookedUsd} $; invoice of the meter: ${invoiceUsd} $; difference ${minusUsd(bookedUsd, invoiceUsd)} $.`,
    `Usage reported by the provider: ${reported.exact}/${reported.total} requests booked to the last digit.`,
    `Cut off before it was reported, counted locally: ${estimatedUsd} $; the difference must stay within 2 % of that.`,
  ].join('\n');
}
