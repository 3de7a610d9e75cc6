import { escapeHtml } from '../../client/frontier-page/browser-library';
import { dollars } from '../../client/tables/figures';
import { percentText } from '../measure/comparison-figures';
import type { PolicyComparison, PolicyRow } from '../measure/policy-comparison';
import { breakable, captioned, firstColumn, scrolling } from './html-table';
import { knowsTheFuture } from './knows-the-future';

const CAPTION = 'Policies by benchmark: share of the sequential time that is saved, and dollars of a unit';
/** A comparison and where on the page it is. */
export interface PlacedComparison {
  id: string;
  comparison: PolicyComparison;
}

/** Every policy against every benchmark that compares policies; the best of each column is marked. */
export function overviewTable(placed: readonly PlacedComparison[]): string {
  const columns = placed.filter(({ comparison }) => comparison.rows.length > 0);
  if (columns.length === 0) return '<p>No benchmark that ran compares policies.</p>';
  const tables = columns.map(({ comparison }) => keyedRows(comparison.rows));
  const winners = tables.map(bestOf);
  const head = columns
    .map(
      ({ id, comparison }) =>
        `<th scope="col"><a href="#${id}"><code>${escapeHtml(comparison.benchmark)}</code></a><span class="sub">${escapeHtml(comparison.title)}</span><span class="sub">${comparison.measuredOn}</span></th>`,
    )
    .join('');
  const rowLabels = labels(tables);
  const body = [...rowLabels].map(([key, label]) => {
    const cells = tables.map((rows, index) => cell(rows.get(key), key, winners[index]));
    return `<tr><th scope="row">${breakable(label)}</th>${cells.join('')}</tr>`;
  });
  return `${scrolling(
    CAPTION,
    `<table class="overview"${firstColumn([...rowLabels.values()])}>${captioned(CAPTION)}<thead><tr><th scope="col">policy</th>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>`,
  )}
<p class="quiet"><span class="mark">▲</span> saves most in its column. <span class="mark">◆</span> fewest dollars of those that save time. An
oracle knows what nobody can know, and wins nothing. – was not measured. Intervals, tails and hit rates are in the sections.</p>`;
}

/** Which rows of a column win, by key. */
export function bestOf(rows: ReadonlyMap<string, PolicyRow>): { saved: Set<string>; usd: Set<string> } {
  const fair = [...rows].filter(([, { policy, saved }]) => !knowsTheFuture(policy) && saved.value > 0);
  const most = Math.max(...fair.map(([, { saved }]) => saved.value));
  const least = Math.min(...fair.map(([, { usd }]) => Number(usd)));
  const keys = (wins: (row: PolicyRow) => boolean): Set<string> =>
    new Set(fair.filter(([, row]) => wins(row)).map(([key]) => key));
  return { saved: keys(({ saved }) => saved.value === most), usd: keys(({ usd }) => Number(usd) === least) };
}

/** By policy; a second row of the same policy, such as with its predictor uncharged, is one of its own. */
export function keyedRows(rows: readonly PolicyRow[]): Map<string, PolicyRow> {
  const keyed = new Map<string, PolicyRow>();
  for (const row of rows) keyed.set(keyed.has(row.policy) ? `${row.policy} ${row.label}` : row.policy, row);
  return keyed;
}

/** All keys with the label of their first row; one family of policies after the other, an oracle last. */
function labels(tables: readonly ReadonlyMap<string, PolicyRow>[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const rows of tables) for (const [key, { label }] of rows) if (!found.has(key)) found.set(key, label);
  const familyOf = (key: string): string => key.split(/[: ]/)[0] ?? key;
  const families = [...new Set([...found.keys()].map(familyOf))];
  const place = ([key]: [string, string]): number =>
    knowsTheFuture(key) ? families.length : families.indexOf(familyOf(key));
  return new Map([...found].sort((one, other) => place(one) - place(other)));
}

function cell(row: PolicyRow | undefined, key: string, winners: ReturnType<typeof bestOf> | undefined): string {
  if (row === undefined) return '<td><span aria-label="not measured">–</span></td>';
  const saves = winners?.saved.has(key) === true ? mark('▲', 'saves most') : '';
  const cheap = winners?.usd.has(key) === true ? mark('◆', 'fewest dollars of those that save time') : '';
  return `<td><strong>${saves}${percentText(row.saved.value)}</strong><span class="sub">${cheap}${dollars(row.usd)}</span></td>`;
}

function mark(sign: string, meaning: string): string {
  return `<span class="mark" role="img" aria-label="${meaning}: " title="${meaning}">${sign}</span> `;
}
