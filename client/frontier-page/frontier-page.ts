import type { Frontier } from '../../speculation/frontier/frontier';
import type { Recommendation } from '../../speculation/frontier/recommend';
import { dollars, seconds } from '../tables/figures';
import { heldLines, loggedLines, pastLines, recommendationText } from '../tables/frontier-words';
import { browserLibrary, escapeHtml, scriptJson } from './browser-library';
import { PAGE_SCRIPT } from './page-script';
import { PAGE_STYLE } from './page-style';

/**
 * The frontier as one page that opens offline: data, style, code and libraries are in it. It is drawn with Observable Plot; tables and
 * words are there without a script too.
 *
 * @throws if d3 or Plot are not installed
 */
export function frontierPage(frontier: Frontier, recommendations: readonly Recommendation[]): string {
  const { pipelines, decisions, today } = frontier;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runahead: the dial</title>
<link rel="icon" href="data:,">
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>What the dial would have done</h1>
<p class="quiet">${decisions} logged bets of ${pipelines} pipelines, each decided again for every setting.
${paragraphs(heldLines(frontier))}</p>
<p>Every dot is a setting of alpha and lambda: further up saves more time, further right costs more money. A second is saved when a launch
runs while the pipeline still waits for the operation before it; a dollar is extra when a launch is not used, or a draft is asked for. On the
solid line are the settings that no other beats. The dashed line is the dial from alpha 0 to 1 at the chosen lambda.</p>
<section class="dial" aria-label="The dial">
  <div>
    <div id="plot" role="img" aria-label="Plot of seconds saved against extra dollars"></div>
    <p class="key"><span class="today" data-mark="&#9633;">today</span><span class="chosen" data-mark="&#9679;">chosen, with standard errors</span>
    <span class="goal" data-mark="&#9671;">recommended</span><span class="front" data-mark="&#9473;">nothing beats these</span></p>
    <noscript><p>The plot needs JavaScript; the tables do not.</p></noscript>
  </div>
  <div>
    <label for="alpha">alpha <output id="alpha-value" for="alpha" style="display:inline"></output></label>
    <input type="range" id="alpha" min="0" step="1">
    <p class="quiet">0: only bets twice as likely as breaking even needs. 1: every bet that breaks even.</p>
    <label for="lambda">lambda <output id="lambda-value" for="lambda" style="display:inline"></output></label>
    <input type="range" id="lambda" min="0" step="1">
    <p class="quiet">What a second of waiting is worth to you.</p>
    <output aria-live="polite"><dl id="numbers"></dl></output>
    <button type="button" id="back">Back to today</button>
    <p><code id="command"></code></p>
    <label for="budget">At most, extra dollars per 1000 pipelines</label>
    <input type="number" id="budget" min="0" step="any">
    <label for="deadline">At least, seconds saved per pipeline</label>
    <input type="number" id="deadline" min="0" step="any">
    <p><output id="advice" aria-live="polite">${escapeHtml(recommendations.map(recommendationText).join(' '))}</output></p>
    <button type="button" id="take">Turn the dial there</button>
  </div>
</section>
<h2>The dial at lambda <span id="table-lambda">${escapeHtml(dollars(today.lambdaUsdPerSecond))}</span> a second</h2>
<div class="scroll"><table>
<thead><tr><th>alpha</th><th>launches</th><th>saves</th><th>&plusmn;</th><th>extra per 1000</th><th>&plusmn;</th>
<th>known: saved</th><th>known: cost per 1000</th></tr></thead>
<tbody id="rows">${dialRows(frontier)}</tbody>
</table></div>
<p class="quiet">Expected values come from the probabilities that were logged, with the standard error over pipelines. <em>Known</em> counts only
launches whose outcome the log tells, or would have told had they been made.</p>
<h2>Settings that nothing beats</h2>
<div class="scroll"><table>
<thead><tr><th>alpha</th><th>lambda</th><th>launches</th><th>saves</th><th>extra per 1000</th><th>price of the last second</th></tr></thead>
<tbody>${frontRows(frontier)}</tbody>
</table></div>
<h2>What was chosen so far</h2>
${[...loggedLines(frontier), ...pastLines(frontier)].map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
<p class="quiet">Budgets are ${frontier.assumptions.budgets === 'ignored' ? 'left out: this is what the dial alone does' : 'kept as they were when each bet was decided'};
calibration stages are ${frontier.assumptions.stages}. Deeper launches behind one that was held were never logged, so bolder settings may
do a little more than is shown.</p>
<script>${browserLibrary('d3', 'd3.min.js')}</script>
<script>${browserLibrary('@observablehq/plot', 'plot.umd.min.js')}</script>
<script type="application/json" id="data">${scriptJson({ frontier, recommendations })}</script>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function paragraphs(lines: readonly string[]): string {
  return escapeHtml(lines.join(' '));
}

function dialRows({ points, today }: Frontier): string {
  return points
    .filter(({ lambdaUsdPerSecond }) => lambdaUsdPerSecond === today.lambdaUsdPerSecond)
    .map(({ alpha, launchesPerPipeline, expected, standardError, realised }) =>
      tableRow([
        String(alpha),
        launchesPerPipeline.toFixed(2),
        seconds(expected.secondsSaved),
        standardError === null ? '' : standardError.secondsSaved.toFixed(2),
        dollars(1000 * expected.extraUsd),
        standardError === null ? '' : dollars(1000 * standardError.extraUsd),
        realised === null ? '' : seconds(realised.secondsSaved),
        realised === null ? '' : dollars(1000 * realised.extraUsd),
      ]),
    )
    .join('\n');
}

function frontRows({ front }: Frontier): string {
  return front
    .map(({ alpha, lambdaUsdPerSecond, launchesPerPipeline, expected, usdPerSecond }) =>
      tableRow([
        String(alpha),
        dollars(lambdaUsdPerSecond),
        launchesPerPipeline.toFixed(2),
        seconds(expected.secondsSaved),
        dollars(1000 * expected.extraUsd),
        `${dollars(usdPerSecond)} a second`,
      ]),
    )
    .join('\n');
}

function tableRow(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}
