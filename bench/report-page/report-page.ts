import { stripVTControlCharacters } from 'node:util';
import { escapeHtml } from '../../client/frontier-page/browser-library';
import type { BenchContext, BenchResult } from './bench-result';
import { checkedComparison } from './checked-comparison';
import { comparisonSection } from './comparison-section';
import { scrolling } from './html-table';
import { overviewTable, type PlacedComparison } from './overview-table';
import { REPORT_STYLE } from './report-style';
import { BAR_PATTERNS } from './timeline-figure';

const NO_NETWORK = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/**
 * All benchmarks as one page that opens offline and needs no script: style and drawings are in it, and it may load nothing.
 *
 * @throws InvalidComparisonError for a comparison with a figure that cannot be drawn
 */
export function reportPage(results: readonly BenchResult[], context: BenchContext): string {
  const placed = results.flatMap(({ name, comparisons }) =>
    comparisons.map((comparison) => checkedComparison(comparison, name)),
  );
  const comparisons = placed.map((comparison, index): PlacedComparison => ({
    id: `comparison-${index + 1}`,
    comparison,
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${NO_NETWORK}">
<title>Runahead: benchmarks</title>
<link rel="icon" href="data:,">
<style>${REPORT_STYLE}</style>
</head>
<body>
${BAR_PATTERNS}
<header>
<h1>Every policy, on equal work</h1>
${SCHEME_SWITCH}
</header>
<p>Each benchmark draws its work once and gives the same to every policy: how long each call takes, what it costs, which guess is right.
So the rows of a table differ by the policy alone.</p>
<main>
<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">Policies by benchmark</h2>
${overviewTable(comparisons)}
</section>
${contents(results, comparisons)}
${comparisons.map(comparisonSection).join('\n')}
${otherBenches(results)}
${provenance(context)}
</main>
</body>
</html>
`;
}

const SCHEME_SWITCH = `<fieldset class="scheme"><legend>Colours</legend>
<label><input type="radio" name="scheme" id="scheme-auto" checked> system</label>
<label><input type="radio" name="scheme" id="scheme-light"> light</label>
<label><input type="radio" name="scheme" id="scheme-dark"> dark</label>
</fieldset>`;

const STATUS: Record<BenchResult['status'], string> = {
  held: 'all targets held',
  missed: 'targets missed',
  'no data': 'not run: its recorded texts are not there',
  failed: 'failed',
};

/** What ran, what held, and where on the page it is. */
function contents(results: readonly BenchResult[], comparisons: readonly PlacedComparison[]): string {
  const entries = results.map(({ name, summary, status, problems }) => {
    const links = comparisons
      .filter(({ comparison }) => comparison.benchmark === name)
      .map(({ id, comparison }) => `<li><a href="#${id}">${escapeHtml(comparison.title)}</a></li>`);
    const lines = [...links, ...problems.map((problem) => `<li class="problem">${escapeHtml(problem)}</li>`)];
    const below = lines.length === 0 ? '' : `<ul>${lines.join('')}</ul>`;
    return `<li><code>${escapeHtml(name)}</code> <span class="status ${status.replace(' ', '-')}">${STATUS[status]}</span>
<span class="quiet">${escapeHtml(summary)}</span>${below}</li>`;
  });
  return `<section aria-labelledby="contents-title"><h2 id="contents-title">What ran</h2><ul class="contents">${entries.join('\n')}</ul></section>`;
}

/** Benchmarks that compare no policies have their tables as a terminal shows them. */
function otherBenches(results: readonly BenchResult[]): string {
  return results
    .filter(({ comparisons, text }) => comparisons.length === 0 && text !== '')
    .map(
      ({ name, summary, text }) => `<section aria-label="${escapeHtml(name)}"><h2><code>${escapeHtml(name)}</code></h2>
<p class="setting">${escapeHtml(summary)}</p>
${scrolling(`Tables of ${name}`, `<pre>${escapeHtml(stripVTControlCharacters(text))}</pre>`)}</section>`,
    )
    .join('\n');
}

function provenance({ date, command, seed, machine, versions }: BenchContext): string {
  const entries = [
    ['command', command],
    ['seed', String(seed)],
    ['date', date],
    ['machine', machine],
    ...Object.entries(versions),
  ];
  return `<section aria-labelledby="provenance-title"><h2 id="provenance-title">Where this comes from</h2>
<dl class="knew">${entries.map(([name = '', value = '']) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>
<p class="quiet">The predictor, be it a forecast or a draft, is charged to every policy alike. Intervals are 95 % bootstrap intervals over
independent units. Rates are printed with what they are a rate of.</p></section>`;
}
