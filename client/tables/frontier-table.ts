import type { FrontierPoint, Gain } from '../../speculation/frontier/evaluate-setting';
import type { Frontier } from '../../speculation/frontier/frontier';
import type { FrontPoint } from '../../speculation/frontier/pareto-front';
import type { Recommendation } from '../../speculation/frontier/recommend';
import { dollars, seconds } from './figures';
import { heldLines, loggedLines, pastLines, PIPELINES_SHOWN, recommendationText, rounded } from './frontier-words';
import { plainTable } from './plain-table';
import { scatterPlot } from './scatter-plot';

const FRONT_ROWS = 12;

/** The frontier for a terminal of 80 columns. */
export function frontierText(frontier: Frontier, recommendations: readonly Recommendation[]): string {
  const { pipelines, decisions, today, front } = frontier;
  const head = `${decisions} bets of ${pipelines} pipelines. All figures are per pipeline, dollars per ${PIPELINES_SHOWN} pipelines.`;
  const parts = [wrapped([head, ...heldLines(frontier)]), plot(frontier, recommendations)];
  parts.push(`The dial at today's lambda, ${dollars(today.lambdaUsdPerSecond)} a second:\n${dialTable(frontier)}`);
  if (front.length > 0) {
    parts.push(`Settings that nothing beats, and what their last second costs:\n${frontTable(front)}`);
  }
  parts.push(wrapped([...loggedLines(frontier), ...pastLines(frontier)]));
  for (const recommendation of recommendations) parts.push(wrapped([recommendationText(recommendation)]));
  return parts.join('\n\n');
}

function plot({ points, front, today }: Frontier, recommendations: readonly Recommendation[]): string {
  const place = ({ expected }: FrontierPoint): { x: number; y: number } => ({
    x: PIPELINES_SHOWN * expected.extraUsd,
    y: expected.secondsSaved,
  });
  const drawn = scatterPlot({
    xLabel: `expected extra dollars per ${PIPELINES_SHOWN} pipelines`,
    yLabel: 'expected seconds saved per pipeline',
    layers: [
      { mark: '.', points: points.map(place) },
      { mark: '*', points: front.map(place) },
      { mark: 'R', points: recommendations.map(({ point }) => place(point)) },
      { mark: 'O', points: [place(today)] },
    ],
  });
  const recommended = recommendations.length === 0 ? '' : '   R recommended';
  return `${drawn}\n. a setting   * one that nothing beats   O today's${recommended}`;
}

function dialTable({ points, today }: Frontier): string {
  const shown = points.filter(
    ({ alpha, lambdaUsdPerSecond }) =>
      lambdaUsdPerSecond === today.lambdaUsdPerSecond &&
      (alpha === today.alpha || Math.abs(10 * alpha - Math.round(10 * alpha)) < 1e-9),
  );
  const rows = shown.map((point) => {
    const { alpha, launchesPerPipeline, expected, standardError, realised } = point;
    return [
      `${alpha === today.alpha ? 'O ' : '  '}${rounded(alpha)}`,
      launchesPerPipeline.toFixed(2),
      seconds(expected.secondsSaved),
      standardError === null ? '' : standardError.secondsSaved.toFixed(2),
      perThousand(expected),
      standardError === null ? '' : perThousand(standardError),
      realised === null ? '' : seconds(realised.secondsSaved),
      realised === null ? '' : perThousand(realised),
      realised === null ? '' : share(realised.betsPerPipeline, launchesPerPipeline + point.draftsPerPipeline),
    ];
  });
  const head = ['  alpha', 'launches', 'saves', '+-', 'extra', '+-  ', 'it saved', 'it cost', 'known'];
  return plainTable(head, rows, head.slice(1));
}

function frontTable(front: readonly FrontPoint[]): string {
  const step = Math.max(1, (front.length - 1) / (FRONT_ROWS - 1));
  const picked = new Set(
    Array.from({ length: Math.min(FRONT_ROWS, front.length) }, (_, row) => Math.round(row * step)),
  );
  const rows = front
    .filter((_, index) => picked.has(index))
    .map(({ alpha, lambdaUsdPerSecond, launchesPerPipeline, expected, usdPerSecond }) => [
      rounded(alpha),
      dollars(lambdaUsdPerSecond),
      launchesPerPipeline.toFixed(2),
      seconds(expected.secondsSaved),
      perThousand(expected),
      dollars(usdPerSecond),
    ]);
  const head = ['alpha', 'lambda', 'launches', 'saves', 'extra', '$ per second'];
  return plainTable(head, rows, head);
}

function perThousand({ extraUsd }: Gain): string {
  return dollars(PIPELINES_SHOWN * extraUsd);
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.round((100 * part) / whole)} %`;
}

/** Sentences in lines of at most 80 columns, those that go on indented. */
function wrapped(sentences: readonly string[]): string {
  return sentences.map((sentence) => sentence.replace(/(.{1,78})(?: |$)/g, '$1\n  ').trimEnd()).join('\n');
}
