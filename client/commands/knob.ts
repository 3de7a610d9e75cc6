import { Option, type Command } from 'commander';
import type { Knob } from '../../speculation/decision/knob';
import type { ServerFlags } from '../connect';
import { knobChangeFrom, type KnobFlags } from '../knob-change';
import { OperatorError } from '../operator-error';
import { RunaheadClient, type KnobChangeReport } from '../runahead-client';
import { knobTable } from '../tables/knob-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface TargetFlags extends ServerFlags {
  workflowId?: string;
  query?: string;
  control?: boolean;
  pipeline?: string;
  json?: boolean;
}

const ONE_TARGET =
  'Name one target: --workflow-id for one pipeline, --query for all that match, or --control for all to come.';

/** `runahead knob get|set`: reads and turns the dial, of one pipeline, of many, or of the control plane. */
export function addKnobCommand(program: Command, terminal: Terminal): void {
  const knob = program.command('knob').description('read or turn the dial between latency and cost');
  withTarget(withServerOptions(knob.command('get')))
    .description('show the knob in force')
    .action((flags: TargetFlags) => getKnob(flags, terminal));
  withTarget(withServerOptions(knob.command('set')))
    .description('turn the knob; the next decision uses it')
    .option('--alpha <number>', '0 (cost first) to 1 (latency first)')
    .option('--lambda <dollars>', 'what a second of latency is worth')
    .option('--budget <dollars>', 'most that one pipeline may spend on launches nobody has claimed; none for no bound')
    .option('--enabled <boolean>', 'false turns early launches off')
    .option('--policy <name>', 'launch policy, as `runahead policies` lists them; none for that of the policy file')
    .addOption(new Option('--query <query>', 'every running pipeline that this visibility query matches'))
    .action((flags: TargetFlags & KnobFlags) => setKnob(flags, terminal));
}

function withTarget(command: Command): Command {
  return command
    .option('--workflow-id <id>', 'one pipeline')
    .option('--control', 'the control plane, whose knob every new pipeline starts with')
    .option('--pipeline <type>', 'with --control: only pipelines of this workflow type')
    .option('--json', 'print JSON');
}

async function getKnob(flags: TargetFlags, terminal: Terminal): Promise<void> {
  checkTarget(flags);
  await useClient(flags, async ({ client, inTime }) => {
    const runahead = new RunaheadClient(client);
    const { workflowId, pipeline } = flags;
    const knob = await inTime(() =>
      workflowId === undefined ? runahead.controlKnob(pipeline) : runahead.knob(workflowId),
    );
    terminal.result(knob, flags.json === true, knobTable);
  });
}

async function setKnob(flags: TargetFlags & KnobFlags, terminal: Terminal): Promise<void> {
  checkTarget(flags);
  const change = knobChangeFrom(flags);
  await useClient(flags, async ({ client, inTime }) => {
    const runahead = new RunaheadClient(client);
    const { workflowId, query, pipeline } = flags;
    if (query !== undefined) {
      const report = await runahead.setKnobWhere(query, change);
      terminal.result(report, flags.json === true, changedLine);
      if (report.refused.length > 0) throw new OperatorError(refusedLines(report));
      return;
    }
    const knob: Knob = await inTime(() =>
      workflowId === undefined ? runahead.setControlKnob(change, pipeline) : runahead.setKnob(workflowId, change),
    );
    terminal.result(knob, flags.json === true, knobTable);
  });
}

function checkTarget({ workflowId, query, control, pipeline }: TargetFlags): void {
  const targets = [workflowId !== undefined, query !== undefined, control === true].filter(Boolean);
  if (targets.length !== 1) throw new OperatorError(ONE_TARGET);
  if (pipeline !== undefined && control !== true) {
    throw new OperatorError(`--pipeline ${pipeline} belongs to --control; for pipelines that run use --query.`);
  }
}

function changedLine({ changed, matched }: KnobChangeReport): string {
  return `${changed.length}/${matched} pipelines changed`;
}

function refusedLines({ refused }: KnobChangeReport): string {
  return refused.map(({ workflowId, reason }) => `${workflowId} did not take it: ${reason}`).join('\n');
}
