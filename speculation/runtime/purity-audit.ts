import { ApplicationFailure, log } from '@temporalio/workflow';
import { canonicalJson, firstDifference } from '../forecast/canonical-json';
import { Fiber } from './fiber';
import { runFiber } from './fork';
import type { Operation } from './operation';
import type { Pipeline } from './pipeline';
import { nextRound } from './rounds';

/**
 * Strict mode: a pipeline function must be pure apart from its calls, because fibers run it again. When it has finished it is run
 * once more with every call answered from the journal. It must make the same calls and return the same value; global
 * state, the wall clock or a private random source show as a difference, which is named.
 */
export class PurityAudit {
  readonly findings: string[] = [];

  constructor(private readonly journal: ReadonlyMap<string, Operation>) {}

  unexpected(call: string, args: unknown[]): void {
    const sameType = [...this.journal.values()].filter(({ activityType }) => activityType === call);
    const closest = sameType.at(-1);
    const where = closest === undefined ? null : firstDifference(closest.args, args);
    const detail =
      closest === undefined || where === null
        ? `asked for with ${shown(args)}`
        : `its arguments differ at ${where}, ${shown(closest.args)} and then ${shown(args)}`;
    this.findings.push(`${call} is not the call that the first run made: ${detail}`);
  }

  returned(first: unknown, second: unknown): void {
    const where = firstDifference(first, second);
    if (where !== null) this.findings.push(`the result differs at ${where}`);
  }
}

const ROUNDS = 4;

export function isAudited({ settings }: Pipeline): boolean {
  return settings !== null && settings.strict !== 'off';
}

/** @throws ApplicationFailure of type `ImpurePipeline`, when strict mode is set to fail */
export async function auditPurity(pipeline: Pipeline, result: unknown): Promise<void> {
  if (!isAudited(pipeline)) return;
  const audit = new PurityAudit(pipeline.journal);
  const fiber = new Fiber([], pipeline.startedAtMs, audit);
  pipeline.fibers.add(fiber);
  void runFiber(pipeline, fiber).then(
    (repeated) => audit.returned(result, repeated),
    () => undefined,
  );
  // All answers are there, so the repeat is over within a few rounds, or waits for something that is no call.
  for (let round = 0; round < ROUNDS; round++) await nextRound();
  fiber.end();
  if (audit.findings.length === 0) return;
  pipeline.findings.push(...audit.findings);
  const message =
    `Pipeline ${pipeline.type} is not pure apart from its calls: ${audit.findings.join('; ')}. State outside of the function, a clock or a ` +
    'random source outside the workflow API make a second run differ; move it into an activity or into the function.';
  if (pipeline.settings?.strict === 'fail') throw ApplicationFailure.nonRetryable(message, 'ImpurePipeline');
  log.warn(message);
}

function shown(args: unknown[]): string {
  return canonicalJson(args).slice(0, 200);
}
