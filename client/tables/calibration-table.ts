import pc from 'picocolors';
import { gateInWords, type GateResult } from '../../speculation/estimate/calibration-gate';
import type { EdgeReport, ReliabilityReport } from '../../speculation/estimate/calibration-report';
import type { CalibrationStage } from '../../speculation/estimate/calibration-stage';
import type { OfflineReplay, ReplayedEdge } from '../../speculation/estimate/offline-replay';
import { dollars } from './figures';
import { plainTable } from './plain-table';

const HEAD = ['edge', 'stage', 'seen', 'Brier', 'ECE', 'EV of', 'predicted', 'realised', 'kill-switch', 'gate'];
const RIGHT = ['seen', 'Brier', 'ECE', 'EV of', 'predicted', 'realised', 'kill-switch'];
const BAR_WIDTH = 20;

/** How far each edge is trusted, since it entered its stage. */
export function calibrationTable({ edges }: { edges: readonly EdgeReport[] }): string {
  if (edges.length === 0) return 'No forecast was compared with a real output yet.';
  return plainTable(HEAD, edges.map(row), RIGHT);
}

/** One edge: its line, its reliability diagrams, what lacks for the next stage, and how it came to stand where it does. */
export function edgeTable(report: EdgeReport): string {
  const { forecasts, launched, gate, transitions } = report;
  return [
    calibrationTable({ edges: [report] }),
    diagram('forecasts', forecasts),
    diagram('launches', launched),
    gate === null ? null : `Gate to ${gate.to}: ${gateInWords(gate)}`,
    transitions.length === 0
      ? null
      : plainTable(
          ['when', 'from', 'to', 'by', 'reason'],
          transitions.map(({ atMs, revision, from, to, by, reason }) => [
            atMs === null ? `revision ${revision}` : new Date(atMs).toISOString(),
            from,
            stageCell(to),
            by,
            reason,
          ]),
        ),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
}

/** What logged decisions show. */
export function replayTable({ edges, rows, skipped }: OfflineReplay): string {
  const counted = `${rows} decisions replayed, ${skipped} rows tell nothing about a forecast.`;
  if (edges.length === 0) return counted;
  const head = ['edge', 'seen', 'Brier', 'ECE', 'EV of', 'predicted', 'realised', 'mismatches', 'to shadow'];
  const table = plainTable(head, edges.map(replayRow), head.slice(1, -1));
  return `${table}\n\n${counted}`;
}

function row(report: EdgeReport): string[] {
  return [
    report.edge.replace('>', ' > '),
    stageCell(report.stage),
    String(report.observations),
    ...figures(report),
    killSwitchCell(report),
    report.gate === null ? '' : gateCell(report.gate),
  ];
}

function replayRow(report: ReplayedEdge): string[] {
  return [
    report.edge.replace('>', ' > '),
    String(report.observations),
    ...figures(report),
    String(report.mismatches),
    report.passes ? pc.green('passes') : report.gate === null ? '' : lacking(report.gate, report.mismatches),
  ];
}

/** Real dollars where there were launches, else what they would have been. */
function figures({ forecasts, wanted, launches }: EdgeReport): string[] {
  const real = launches.count > 0;
  const { predictedUsd, realisedUsd } = real ? launches : wanted;
  const cases = real ? `${launches.count} launches` : `${wanted.count} wanted`;
  return [
    figure(forecasts.brier),
    figure(forecasts.calibrationError),
    cases,
    dollars(predictedUsd),
    dollars(realisedUsd),
  ];
}

function lacking({ checks }: GateResult, mismatches: number): string {
  const failing = checks.filter(({ passes }) => !passes).map(({ name }) => name);
  return ['lacks', [...failing, ...(mismatches > 0 ? ['rows that follow from their inputs'] : [])].join(', ')].join(
    ' ',
  );
}

function gateCell(gate: GateResult): string {
  return gate.passes ? pc.green(`to ${gate.to}: passes`) : `to ${gate.to}: ${lacking(gate, 0)}`;
}

function killSwitchCell({ killSwitch, stage }: EdgeReport): string {
  if (stage === 'killed') return pc.red('tripped');
  if (killSwitch === null) return 'off';
  const nearest = Math.max(0, ...killSwitch.map(({ evidence }) => evidence));
  return `${Math.round(100 * nearest)} %`;
}

function stageCell(stage: CalibrationStage): string {
  if (stage === 'killed') return pc.red(stage);
  return stage === 'online' ? pc.green(stage) : pc.yellow(stage);
}

function diagram(what: string, { count, bins, brier, calibrationError }: ReliabilityReport): string | null {
  if (count === 0) return null;
  const rows = bins.map(({ from, to, count: inBin, meanPredicted, cameTrue }) => [
    `${from.toFixed(1)} to ${to.toFixed(1)}`,
    String(inBin),
    figure(meanPredicted),
    figure(cameTrue),
    bar(meanPredicted, cameTrue),
  ]);
  const head = [what, 'count', 'predicted', 'came true', '|: as predicted'];
  return `${plainTable(head, rows, head.slice(1, 4))}\nBrier ${figure(brier)}, ECE ${figure(calibrationError)}`;
}

/** What came true as a bar, and a mark where it was predicted to end. */
function bar(predicted: number, cameTrue: number): string {
  const length = Math.round(cameTrue * BAR_WIDTH);
  const mark = Math.min(BAR_WIDTH - 1, Math.round(predicted * BAR_WIDTH));
  return Array.from({ length: BAR_WIDTH }, (_, index) => (index === mark ? '|' : index < length ? '#' : ' '))
    .join('')
    .trimEnd();
}

function figure(value: number | null): string {
  return value === null ? '' : value.toFixed(3);
}
