import { browserLibrary, scriptJson } from '../../client/frontier-page/browser-library';
import type { ExperimentOutcome } from './experiment';

/**
 * All experiments on one page that opens offline: the libraries are in it. The page draws with d3 and Observable Plot.
 *
 * @throws if the libraries are not installed
 */
export function plotPage(outcomes: readonly ExperimentOutcome[], seed: number): string {
  const figures = outcomes.map(({ name, title, pass, expected, observed, worstError, tolerance, planted, plot }) => ({
    name,
    title,
    pass,
    expected,
    observed,
    worstError: String(worstError),
    tolerance,
    planted: planted.map(({ rule, caught }) => `${rule} (${caught ? 'caught' : 'NOT caught'})`),
    plot: withoutGaps(plot),
  }));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runahead validation</title>
<style>
  body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1400px; padding: 0 1rem; color: #1b1e23; }
  main { display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 2rem 1.5rem; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 0; } p { margin: 0.2rem 0; } .quiet { color: #5b6470; }
  .verdict { font-weight: 600; } .pass { color: #147a3d; } .fail { color: #b3261e; }
</style>
<h1>Runahead validation, seed ${seed}</h1>
<p class="quiet">One plot for each experiment of <code>runahead validate</code>. What each one checks is in docs/validation.md.</p>
<main></main>
<script>${browserLibrary('d3', 'd3.min.js')}</script>
<script>${browserLibrary('@observablehq/plot', 'plot.umd.min.js')}</script>
<script type="application/json" id="figures">${scriptJson(figures)}</script>
<script>${DRAW}</script>
</html>
`;
}

/** JSON turns NaN and Infinity into null, which a plot would draw as 0. */
function withoutGaps(plot: ExperimentOutcome['plot']): ExperimentOutcome['plot'] {
  return {
    ...plot,
    series: plot.series.map((each) => ({
      ...each,
      points: each.points.filter((point) => point.every(Number.isFinite)),
    })),
  };
}

const DRAW = `
const main = document.querySelector('main');
const figures = JSON.parse(document.getElementById('figures').textContent);
const add = (parent, tag, text, className) => {
  const element = parent.appendChild(document.createElement(tag));
  if (text !== undefined) element.textContent = text;
  if (className !== undefined) element.className = className;
  return element;
};
for (const { name, title, pass, expected, observed, worstError, tolerance, planted, plot } of figures) {
  const article = add(main, 'article');
  article.id = name;
  add(article, 'h2', name);
  add(article, 'p', title, 'quiet');
  const rows = plot.series.flatMap(({ name, mark, points }) => points.map(([x, y]) => ({ series: name, mark, x, y })));
  const of = (mark) => rows.filter((row) => row.mark === mark);
  const names = plot.series.map((series) => series.name);
  const scale = (axis) => (plot.logarithmic === axis || plot.logarithmic === 'both' ? 'log' : 'linear');
  const [low, high] = d3.extent(rows.flatMap(({ x, y }) => [x, y]));
  article.appendChild(Plot.plot({
    width: 420, height: 300, marginLeft: 62,
    x: { label: plot.x, type: scale('x') }, y: { label: plot.y, type: scale('y'), grid: true },
    color: { domain: names, legend: names.length > 1 },
    marks: [
      plot.diagonal && low !== undefined ? Plot.line([[low, low], [high, high]], { stroke: '#b5bcc6', strokeDasharray: '4' }) : null,
      Plot.line(of('line'), { x: 'x', y: 'y', stroke: 'series', sort: 'x' }),
      Plot.dot(of('dot'), { x: 'x', y: 'y', fill: 'series', r: 3, fillOpacity: 0.7, tip: true }),
    ],
  }));
  add(article, 'p', 'expected ' + expected + '; observed ' + observed);
  add(article, 'p', 'worst error ' + worstError + ', tolerance ' + tolerance);
  add(article, 'p', 'planted: ' + planted.join(', '), 'quiet');
  add(article, 'p', pass ? 'pass' : 'FAIL', 'verdict ' + (pass ? 'pass' : 'fail'));
}
`;
