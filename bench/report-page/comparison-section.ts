import { escapeHtml } from '../../client/frontier-page/browser-library';
import { percentText, rateText, timeAndMoney } from '../measure/comparison-figures';
import type { PolicyComparison, PolicyRow } from '../measure/policy-comparison';
import { frontierFigure } from './frontier-figure';
import { htmlTable } from './html-table';
import type { PlacedComparison } from './overview-table';
import { reliabilityFigure } from './reliability-figure';
import { timelineFigure, timelineLegend } from './timeline-figure';

/** Timelines that are open from the start; with all of them a page of many steps would be endless. */
const OPEN_TIMELINES = 3;

/** Rows of a table that is folded, so that a phone can get past it. */
const LONG_TABLE = 20;

/** Everything about one comparison. */
export function comparisonSection({ id, comparison }: PlacedComparison): string {
  const { benchmark, title, setting, measuredOn, rows, frontier, reliability = [], tables = [], notes } = comparison;
  const parts = [
    rows.length === 0 ? '' : rowTable(title, rows),
    frontier === undefined ? '' : frontierFigure(`${id}-frontier`, title, frontier),
    timelines(id, comparison),
    ...reliability.map((each, index) => reliabilityFigure(`${id}-reliability-${index + 1}`, each)),
    rows.length === 0 ? '' : knewList(rows),
    ...tables.map(otherTable),
    notes.length === 0 ? '' : `<h3>Notes</h3><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`,
  ];
  return `<section class="comparison" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title"><code>${escapeHtml(benchmark)}</code> ${escapeHtml(title)}</h2>
<p class="setting"><span class="badge">${measuredOn}</span> ${escapeHtml(setting)}</p>
${parts.filter((part) => part !== '').join('\n')}
</section>`;
}

function otherTable({ title, columns, rows }: NonNullable<PolicyComparison['tables']>[number]): string {
  const table = htmlTable({ caption: title, columns, rows });
  if (rows.length <= LONG_TABLE) return table;
  return `<details><summary>${escapeHtml(title)} (${rows.length} rows)</summary>${table}</details>`;
}

function rowTable(title: string, rows: readonly PolicyRow[]): string {
  const countsTokens = rows.some(({ extraTokens }) => extraTokens !== undefined);
  return htmlTable({
    caption: `${title}: figures of a unit`,
    columns: [
      'policy',
      'time saved',
      '95 % interval',
      'mean\u00a0s',
      'p95\u00a0s',
      'dollars',
      'of it waste',
      ...(countsTokens ? ['extra tokens'] : []),
      'forecasts right',
      'launches claimed',
    ],
    rows: rows.map((row) => [
      ...timeAndMoney(row),
      ...(countsTokens ? [row.extraTokens === undefined ? '–' : percentText(row.extraTokens.value)] : []),
      rateText(row.hits),
      rateText(row.claimed),
    ]),
  });
}

/** What several knew alike is said once. */
function knewList(rows: readonly PolicyRow[]): string {
  const alike = new Map<string, PolicyRow[]>();
  for (const row of rows) alike.set(row.knew, [...(alike.get(row.knew) ?? []), row]);
  const named = ({ label, policy }: PolicyRow): string =>
    `${escapeHtml(label)}${label === policy ? '' : ` <code>${escapeHtml(policy)}</code>`}`;
  const entries = [...alike].map(([knew, group]) => {
    const names = group.map((row) => `<dt>${named(row)}</dt>`).join('');
    return `<div>${names}<dd>${escapeHtml(knew)}</dd></div>`;
  });
  return `<h3>What each policy knew, and what it was charged for</h3><dl class="alike">${entries.join('')}</dl>`;
}

function timelines(id: string, { title, rows, timelines: all = [] }: PolicyComparison): string {
  const drawn = all.filter(({ bars }) => bars.length > 0);
  if (drawn.length === 0) return '';
  const longest = Math.max(...drawn.flatMap(({ bars }) => bars.map(({ endSeconds }) => endSeconds)));
  const each = drawn.map(({ policy, bars }, index) => {
    const name = rows.find((row) => row.policy === policy)?.label ?? policy;
    const figures = htmlTable({
      caption: `Bars of ${name}`,
      columns: ['lane', 'what', 'kind', 'start s', 'end s'],
      rows: bars.map((bar) => [bar.lane, bar.label, bar.kind, bar.startSeconds.toFixed(2), bar.endSeconds.toFixed(2)]),
    });
    return `<details class="run"${index < OPEN_TIMELINES ? ' open' : ''}><summary>${escapeHtml(name)}</summary>
${timelineFigure(`${id}-run-${index + 1}`, `${title}: one run of ${name}`, bars, longest)}
<details><summary>The bars in figures</summary>${figures}</details></details>`;
  });
  return `<h3>One run of each policy</h3>
<figure class="runs"><figcaption>Who waited for whom, and what was thrown away. All runs have the same time scale.</figcaption>
${timelineLegend()}
${each.join('\n')}</figure>`;
}
