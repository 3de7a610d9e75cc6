import type { Command } from 'commander';
import { gateInWords } from '../../speculation/estimate/calibration-gate';
import { DEFAULT_CALIBRATION } from '../../speculation/estimate/calibration-settings';
import { replayDecisions, type LoggedRow, type OfflineReplay } from '../../speculation/estimate/offline-replay';
import type { ServerFlags } from '../connect';
import { readDecisionLog, type BadRow } from '../decision-log/read-decision-log';
import { ExitCode } from '../exit-code';
import { operatorName } from '../operator-name';
import { RunaheadClient } from '../runahead-client';
import { replayTable } from '../tables/calibration-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface ReplayFlags extends ServerFlags {
  promote?: boolean;
  by?: string;
  json?: boolean;
}

const BAD_ROWS = 2;
const SHOWN_BAD_ROWS = 5;

/** What came of an edge that passed the gate. */
interface Promotion {
  edge: string;
  promoted: boolean;
  /** Where it stands now. */
  stage: string;
}

/** `runahead calibration replay`: the offline stage, which asks no server unless it is to promote. */
export function addReplayCommand(calibration: Command, terminal: Terminal): void {
  withServerOptions(calibration.command('replay'))
    .description('what logged decisions show about each edge, and whether it may go on to the shadow')
    .argument('<file>', 'decision log, from "runahead decisions export"')
    .option(
      '--promote',
      'put edges that pass and are offline into the shadow; asked by the gates of the control workflow',
    )
    .option('--by <name>', 'who decided it (default: your user name)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code: 0 every row was used; 2 some row could not be read, and the others were used.')
    .action((file: string, flags: ReplayFlags) => replay(file, flags, terminal));
}

/** @throws ExitCode after everything else is done, when rows could not be read */
async function replay(file: string, flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const { rows, bad } = await readDecisionLog(file);
  if (flags.promote === true) await replayAndPromote(file, rows, flags, terminal);
  else terminal.result(replayDecisions(rows, DEFAULT_CALIBRATION), flags.json === true, replayTable);
  if (bad.length > 0) throw new ExitCode(BAD_ROWS, badRows(file, bad));
}

async function replayAndPromote(
  file: string,
  rows: Iterable<LoggedRow>,
  flags: ReplayFlags,
  terminal: Terminal,
): Promise<void> {
  await useClient(flags, async ({ client, inTime }) => {
    const runahead = new RunaheadClient(client);
    const { settings, edges } = await inTime(() => runahead.calibration());
    const replayed = replayDecisions(rows, settings);
    const promotions: Promotion[] = [];
    for (const { edge, passes, gate } of replayed.edges) {
      if (!passes || gate === null) continue;
      const stage = edges.find((known) => known.edge === edge)?.stage ?? settings.start;
      if (stage !== 'offline') {
        promotions.push({ edge, promoted: false, stage });
        continue;
      }
      const reason = `replay of ${file}: ${gateInWords(gate)}`;
      const by = flags.by ?? operatorName();
      const moved = await inTime(() => runahead.setStage({ edge, stage: 'shadow', from: 'offline', reason, by }));
      promotions.push({ edge, promoted: true, stage: moved.stage });
    }
    terminal.result({ ...replayed, promotions }, flags.json === true, promotedTable);
  });
}

function promotedTable({ promotions, ...replayed }: OfflineReplay & { promotions: readonly Promotion[] }): string {
  const lines = promotions.map(({ edge, promoted, stage }) =>
    promoted ? `${edge}: offline -> ${stage}` : `${edge}: stays where it is, ${stage}`,
  );
  return [replayTable(replayed), ...(lines.length > 0 ? ['', ...lines] : ['', 'No edge was promoted.'])].join('\n');
}

function badRows(file: string, bad: readonly BadRow[]): string {
  const named = bad.slice(0, SHOWN_BAD_ROWS).map(({ row, problem }) => `${file}, row ${row}: ${problem}`);
  const more = bad.length > SHOWN_BAD_ROWS ? [`and ${bad.length - SHOWN_BAD_ROWS} more`] : [];
  return [`${bad.length} rows could not be used; the rest was.`, ...named, ...more].join('\n');
}
