import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { DecisionRecord } from '../decision-log/decision-record';
import { computeFrontier, type Frontier } from '../../speculation/frontier/frontier';
import { recommend, type FrontierGoal, type Recommendation } from '../../speculation/frontier/recommend';
import type { ServerFlags } from '../connect';
import { ALL_PIPELINES, exportDecisions } from '../decision-log/export-decisions';
import { readDecisionLog } from '../decision-log/read-decision-log';
import { ExitCode } from '../exit-code';
import { frontierPage } from '../frontier-page/frontier-page';
import { OperatorError } from '../operator-error';
import { frontierText } from '../tables/frontier-table';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

interface FrontierFlags extends ServerFlags {
  query?: string;
  pipeline?: string;
  budget?: string;
  saveSeconds?: string;
  alpha?: string;
  lambda?: string;
  ignoreStages?: boolean;
  keepBudgets?: boolean;
  html?: string;
  json?: boolean;
}

/** Decisions, and what of them could not be had. */
interface Gathered {
  rows: DecisionRecord[];
  problems: string[];
}

const INCOMPLETE = 2;
const PROBLEMS_SHOWN = 20;

/** `runahead frontier`: what every setting of the dial would have saved and cost. */
export function addFrontierCommand(program: Command, terminal: Terminal): void {
  withServerOptions(program.command('frontier'))
    .description(
      'what every setting of the dial would have saved and cost, from decision logs or from the pipelines of a namespace',
    )
    .argument('[files...]', 'what "runahead decisions export" wrote (default: ask the pipelines)')
    .option(
      '--query <query>',
      `without files: pipelines that this visibility query matches (default: ${ALL_PIPELINES})`,
    )
    .option('--pipeline <type>', 'only decisions of this workflow type')
    .option(
      '--budget <dollars>',
      'recommend the setting that saves most for this many extra dollars per 1000 pipelines',
    )
    .option('--save-seconds <seconds>', 'recommend the cheapest setting that saves this much per pipeline')
    .option('--alpha <number>', "today's alpha (default: that of the latest decision)")
    .option('--lambda <dollars>', "today's lambda (default: that of the latest decision)")
    .option('--ignore-stages', 'as if every edge were online; what is in the shadow counts too')
    .option('--keep-budgets', 'what budgets and the bound on open launches held back stays held back')
    .option('--html <file>', 'write a page that opens offline')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExit code: 0; 2 when some rows or pipelines could not be read and the rest was used; 1 when there is no result.',
    )
    .action((files: string[], flags: FrontierFlags) => showFrontier(files, flags, terminal));
}

async function showFrontier(files: string[], flags: FrontierFlags, terminal: Terminal): Promise<void> {
  const goals = goalsFrom(flags);
  const alpha = numberFrom('--alpha', flags.alpha, 1);
  const lambdaUsdPerSecond = numberFrom('--lambda', flags.lambda, Infinity);
  const { rows, problems } = files.length > 0 ? await fromFiles(files, flags) : await fromServer(flags);
  const ofType = rows.filter(({ workflowType }) => flags.pipeline === undefined || workflowType === flags.pipeline);
  const frontier = computeFrontier(ofType, {
    stages: flags.ignoreStages === true ? 'ignored' : 'respected',
    budgets: flags.keepBudgets === true ? 'as-logged' : 'ignored',
    today: { ...(alpha !== null && { alpha }), ...(lambdaUsdPerSecond !== null && { lambdaUsdPerSecond }) },
  });
  if (frontier.decisions === 0) throw new OperatorError(nothingIn(files, flags, problems));
  const recommendations = goals.flatMap((goal) => recommend(frontier, goal) ?? []);
  terminal.result({ ...frontier, recommendations }, flags.json === true, () => frontierText(frontier, recommendations));
  if (flags.html !== undefined) await writePage(flags.html, frontier, recommendations, terminal, flags.json === true);
  if (problems.length > 0) throw new ExitCode(INCOMPLETE, shortened(problems));
}

async function fromFiles(files: readonly string[], { query }: FrontierFlags): Promise<Gathered> {
  if (query !== undefined) throw new OperatorError('--query is for a namespace: name files or a query, not both.');
  const gathered: Gathered = { rows: [], problems: [] };
  for (const file of files) {
    const { rows, bad } = await readDecisionLog(file);
    for (const row of rows) gathered.rows.push(row);
    for (const { row, problem } of bad) gathered.problems.push(`${file}: row ${row} is left out: ${problem}`);
  }
  return gathered;
}

function fromServer(flags: FrontierFlags): Promise<Gathered> {
  return useClient(flags, async (use) => {
    const rows: DecisionRecord[] = [];
    const { unanswered } = await exportDecisions(use, flags.query ?? ALL_PIPELINES, (records) => {
      for (const record of records) rows.push(record);
      return Promise.resolve();
    });
    return { rows, problems: unanswered.map(({ workflowId, reason }) => `${workflowId} gave no answer: ${reason}`) };
  });
}

function goalsFrom({ budget, saveSeconds }: FrontierFlags): FrontierGoal[] {
  const usdPerThousandPipelines = numberFrom('--budget', budget, Infinity);
  const secondsPerPipeline = numberFrom('--save-seconds', saveSeconds, Infinity);
  return [
    ...(usdPerThousandPipelines === null ? [] : [{ kind: 'budget', usdPerThousandPipelines } as const]),
    ...(secondsPerPipeline === null ? [] : [{ kind: 'deadline', secondsPerPipeline } as const]),
  ];
}

function numberFrom(option: string, text: string | undefined, most: number): number | null {
  if (text === undefined) return null;
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value >= 0 && value <= most) return value;
  const bounds = most === Infinity ? 'a finite number of at least 0' : `a number from 0 to ${most}`;
  throw new OperatorError(`${option} is "${text}": use ${bounds}.`);
}

function nothingIn(files: readonly string[], { pipeline, query }: FrontierFlags, problems: readonly string[]): string {
  const where = files.length > 0 ? files.join(', ') : `pipelines that match ${query ?? ALL_PIPELINES}`;
  const which = pipeline === undefined ? '' : ` of "${pipeline}"`;
  const nothing = `There is no launch decision${which} in ${where}.`;
  return problems.length === 0 ? nothing : `${nothing}\n${shortened(problems)}`;
}

async function writePage(
  file: string,
  frontier: Frontier,
  recommendations: readonly Recommendation[],
  terminal: Terminal,
  json: boolean,
): Promise<void> {
  try {
    await writeFile(file, frontierPage(frontier, recommendations));
  } catch (cause) {
    throw new OperatorError(
      `--html ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
  if (json) terminal.notice(`page: ${file}`);
  else terminal.line(`\npage: ${file}`);
}

function shortened(problems: readonly string[]): string {
  const more = problems.length - PROBLEMS_SHOWN;
  return [...problems.slice(0, PROBLEMS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
