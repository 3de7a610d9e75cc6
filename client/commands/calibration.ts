import type { Command } from 'commander';
import { nearestNames } from '../../speculation/decision/nearest-names';
import type { EdgeReport } from '../../speculation/estimate/calibration-report';
import type { ServerFlags } from '../connect';
import { OperatorError } from '../operator-error';
import { operatorName } from '../operator-name';
import { RunaheadClient } from '../runahead-client';
import { stageMove, type StageCommand } from '../stage-move';
import { calibrationTable, edgeTable } from '../tables/calibration-table';
import type { Terminal } from '../terminal';
import { addReplayCommand } from './calibration-replay';
import { useClient, withServerOptions } from './server-options';

interface ShowFlags extends ServerFlags {
  edge?: string;
  json?: boolean;
}

interface MoveFlags extends ServerFlags {
  to?: string;
  reason: string;
  by?: string;
  force?: boolean;
  json?: boolean;
}

const DESCRIPTIONS: Readonly<Record<StageCommand, string>> = {
  promote: 'one stage up, or --to a later one',
  demote: 'one stage down at once, or --to an earlier one; --to killed stops it until it is reset',
  reset: 'back into the shadow, with nothing shown yet; the only way out of killed',
};

/** `runahead calibration`: how far each edge is trusted, and the word of an operator about it. */
export function addCalibrationCommand(program: Command, terminal: Terminal): void {
  const calibration = withServerOptions(program.command('calibration'))
    // Its own options are those before a subcommand; the same names after it belong to that.
    .enablePositionalOptions()
    .description('how well forecasts are calibrated, and how far each edge is trusted')
    .option('--edge <edge>', 'one edge, such as "classify>draft", with its reliability diagram and history')
    .option('--json', 'print JSON')
    .action((flags: ShowFlags) => show(flags, terminal));
  for (const command of ['promote', 'demote', 'reset'] as const) {
    const subcommand = withServerOptions(calibration.command(command))
      .description(DESCRIPTIONS[command])
      .argument('<edge>', 'such as "classify>draft"')
      .option('--to <stage>', 'offline, shadow, canary, online or killed')
      .requiredOption('--reason <text>', 'kept with the transition')
      .option('--by <name>', 'who decided it (default: your user name)')
      .option('--json', 'print JSON')
      .action((edge: string, flags: MoveFlags) => move(command, edge, flags, terminal));
    if (command === 'promote') subcommand.option('--force', 'also where the gate is not passed');
  }
  addReplayCommand(calibration, terminal);
}

async function show(flags: ShowFlags, terminal: Terminal): Promise<void> {
  await useClient(flags, async ({ client, inTime }) => {
    const report = await inTime(() => new RunaheadClient(client).calibration());
    const { edge } = flags;
    if (edge === undefined) terminal.result(report, flags.json === true, calibrationTable);
    else terminal.result(edgeIn(report.edges, edge), flags.json === true, edgeTable);
  });
}

async function move(command: StageCommand, edge: string, flags: MoveFlags, terminal: Terminal): Promise<void> {
  await useClient(flags, async ({ client, inTime }) => {
    const runahead = new RunaheadClient(client);
    const current = edgeIn((await inTime(() => runahead.calibration())).edges, edge);
    const { to, reason, by = operatorName() } = flags;
    const stage = stageMove(command, current, { to, force: flags.force === true });
    const moved = await inTime(() => runahead.setStage({ edge, stage, from: current.stage, reason, by }));
    terminal.result(moved, flags.json === true, ({ stage: now }) => `${edge}: ${current.stage} -> ${now}`);
  });
}

function edgeIn(edges: readonly EdgeReport[], name: string): EdgeReport {
  const report = edges.find(({ edge }) => edge === name);
  if (report !== undefined) return report;
  const nearest = nearestNames(
    name,
    edges.map(({ edge }) => edge),
  );
  throw new OperatorError(
    `Nothing is known of an edge "${name}".${nearest === '' ? '' : ` Did you mean ${nearest}?`} ` +
      'An edge is written "upstream>downstream", in quotes; "runahead calibration" lists them.',
  );
}
