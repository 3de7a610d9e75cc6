import { posterior } from '../speculation/estimate/beta-posterior';
import { effectiveKnob, type ControlState } from '../speculation/estimate/control-state';
import { resolveDependency } from '../speculation/estimate/dependency-type';
import { tableLine } from '../speculation/ledger/table-line';
import { budgetDetails } from './control-budgets';
import { calibrationCells } from './control-calibration';
import type { Knob } from '../speculation/decision/knob';

/** The server keeps 20,000 bytes of details. */
const MAX_ROWS = 40;
const PRIOR = resolveDependency({ type: 'unknown' });

/** The dials and what is known of each edge, as tables for the Web UI. */
export function controlDetails(state: ControlState): string {
  const knobs = [
    knobRow('(all)', state.knobs.defaults),
    ...Object.keys(state.knobs.pipelines).map((pipeline) => knobRow(pipeline, effectiveKnob(state, pipeline))),
  ];
  const edges = Object.entries(state.edges)
    .flatMap(([edge, forecasts]) =>
      Object.entries(forecasts).map(([forecast, outcomes]) => ({ edge, forecast, ...outcomes })),
    )
    .sort((left, right) => right.successes + right.failures - (left.successes + left.failures))
    .map(({ edge, forecast, ...outcomes }) => {
      const { mean } = posterior(PRIOR, outcomes);
      const count = outcomes.successes + outcomes.failures;
      const [stage, killSwitch] = calibrationCells(state, edge, forecast);
      const counts = [mean.toFixed(3), counted(outcomes.successes), counted(count)];
      return tableLine([cell(edge), cell(forecast), ...counts, stage, killSwitch]);
    });
  return [
    '### Knobs',
    tableLine(['pipeline', 'alpha', 'lambda $/s', 'budget $', 'enabled']),
    '|---|--:|--:|--:|---|',
    ...bounded(knobs),
    '',
    ...budgetDetails(state),
    '### Edges',
    tableLine(['edge', 'forecast', 'mean', 'hits', 'seen', 'stage', 'kill-switch']),
    '|---|---|--:|--:|--:|---|---|',
    ...bounded(edges),
    '',
    `Late bills: ${state.lateBills.count}, ${state.lateBills.totalUsd} dollars.`,
  ].join('\n');
}

function knobRow(pipeline: string, { alpha, lambdaUsdPerSecond, budgetUsd, enabled }: Knob): string {
  return tableLine([cell(pipeline), alpha, lambdaUsdPerSecond, budgetUsd ?? 'none', enabled ? 'yes' : 'no']);
}

/** Not whole where old outcomes are forgotten. */
function counted(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toFixed(1);
}

function bounded(rows: readonly string[]): string[] {
  if (rows.length <= MAX_ROWS) return [...rows];
  return [...rows.slice(0, MAX_ROWS), `| and ${rows.length - MAX_ROWS} more |`];
}

/** A name may hold anything, also what ends a cell. */
function cell(text: string): string {
  const line = text.replace(/[|\r\n]/g, ' ');
  return line.length > 80 ? `${line.slice(0, 77)}...` : line;
}
