import { Decimal } from 'decimal.js';
import { canonicalJson } from '../../speculation/forecast/canonical-json';
import type { Entry } from '../../speculation/ledger/ledger';
import { TOOL_USD } from './policy';
import type { ShapeInput, StreamingShape } from './shape';
import type { Lane, Stage } from './stage';
import { boundsOf } from './timed-calls';

/** One case of a shape on both sides. */
export interface StreamedPair {
  plainSeconds: number;
  runaheadSeconds: number;
  /** What a perfect scheduler could reach. */
  idealSeconds: number;
  /** The plain pipeline, if everything between its calls took no time. */
  scheduledPlainSeconds: number;
  identical: boolean;
  plainUsd: string;
  runaheadUsd: string;
  wasteUsd: string;
  /** Part of the waste that rested on nothing but what the stream had said to be final. */
  finalFieldWasteUsd: string;
  launched: number;
  claimed: number;
  /** Calls that the description of the shape does not have, or has and the pipeline did not make. */
  strayCalls: string[];
}

/** Runs a case on both sides, one after the other. */
export async function runPair(
  stage: Stage,
  shape: StreamingShape,
  input: ShapeInput,
  plainFirst: boolean,
): Promise<StreamedPair> {
  await Promise.all((shape.historyBefore?.(input) ?? []).map((before) => runOnce(stage.runahead, shape, before)));
  const first = await runOnce(plainFirst ? stage.plain : stage.runahead, shape, input);
  const second = await runOnce(plainFirst ? stage.runahead : stage.plain, shape, input);
  const [plain, runahead] = plainFirst ? [first, second] : [second, first];
  const { plain: scheduledPlain, ideal } = boundsOf(shape, input);
  const { totals, entries } = await stage.books.ledger(runahead.workflowId);
  return {
    plainSeconds: plain.seconds,
    runaheadSeconds: runahead.seconds,
    idealSeconds: ideal.seconds,
    scheduledPlainSeconds: scheduledPlain.seconds,
    identical: plain.result === runahead.result,
    plainUsd: plainUsd(stage, shape, input, plain.workflowId),
    runaheadUsd: totals.costUsd,
    wasteUsd: totals.wasteUsd,
    finalFieldWasteUsd: await finalFieldWaste(stage, runahead.workflowId, entries),
    launched: totals.launched,
    claimed: totals.claimed,
    strayCalls: strayCalls(shape, input, entries),
  };
}

interface OneRun {
  workflowId: string;
  seconds: number;
  result: string;
}

let runs = 0;

async function runOnce({ client, taskQueue }: Lane, shape: StreamingShape, input: ShapeInput): Promise<OneRun> {
  const workflowId = `${taskQueue}-${shape.name}-${(runs += 1)}`;
  const start = performance.now();
  const result: unknown = await client.workflow.execute(shape.name, { taskQueue, workflowId, args: [input] });
  return { workflowId, seconds: (performance.now() - start) / 1000, result: canonicalJson(result) };
}

/** What the meter saw of the pipeline's answers, and the fixed price of its tools. */
function plainUsd({ server, answers }: Stage, shape: StreamingShape, input: ShapeInput, workflowId: string): string {
  const own = new Set(answers.get(workflowId));
  const tools = shape.calls(input).filter(({ operation }) => shape.operations[operation]?.kind === 'tool');
  return server.meter
    .invoice()
    .filter(({ requestId }) => requestId !== null && own.has(requestId))
    .reduce((sum, { costUsd }) => sum.plus(costUsd), new Decimal(TOOL_USD).times(tools.length))
    .toFixed();
}

async function finalFieldWaste(stage: Stage, workflowId: string, entries: readonly Entry[]): Promise<string> {
  const wasted = entries.filter(
    ({ kind, state }) => kind === 'launch' && (state === 'cancelled' || state === 'failed'),
  );
  if (wasted.length === 0) return '0';
  const decisions = await stage.books.decisions(workflowId);
  const onStreams = new Set(
    decisions
      .flatMap((row) => (row.phase === 'launch' ? [row] : []))
      .filter(({ supports }) => supports.some((world) => world.every(({ source }) => source === 'stream')))
      .map(({ downstream, atMs }) => `${downstream} ${atMs}`),
  );
  return wasted
    .filter(({ operation, openedAtMs }) => onStreams.has(`${operation} ${openedAtMs}`))
    .reduce((sum, { costUsd }) => sum.plus(costUsd), new Decimal(0))
    .toFixed();
}

/** The pipeline and its description must have the same calls, or the ideal is that of something else. */
function strayCalls(shape: StreamingShape, input: ShapeInput, entries: readonly Entry[]): string[] {
  const counts = new Map<string, number>();
  const count = (operation: string, by: number): void => void counts.set(operation, (counts.get(operation) ?? 0) + by);
  for (const { operation } of shape.calls(input)) count(operation, -1);
  for (const { kind, state, operation } of entries) if (kind === 'plain' || state === 'claimed') count(operation, 1);
  return [...counts].filter(([, difference]) => difference !== 0).map(([operation]) => operation);
}
