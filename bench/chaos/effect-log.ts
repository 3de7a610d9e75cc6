import { appendFile, readFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import type { Effect, EffectArguments, EffectOperation } from './chaos-input';

/** An effect that has happened, with the attempt that made it. */
export interface LoggedEffect extends Effect {
  workflowId: string;
  runId: string;
  activityId: string;
  attempt: number;
  /** The idempotency key of the call, for operations that have one. */
  key: string | null;
}

/** Where effects outside of any database happen: a file that is only ever appended to, one line an effect, by any process. */
export class EffectLog {
  constructor(
    private readonly file: string,
    /** The idempotency key of the running activity; null where it has none. */
    private readonly keyOfActivity: () => string | null,
  ) {}

  /** To be called from within an activity. */
  async append(operation: EffectOperation, args: EffectArguments): Promise<void> {
    const { workflowExecution, activityId, attempt } = Context.current().info;
    const effect: LoggedEffect = {
      operation,
      args,
      workflowId: workflowExecution?.workflowId ?? '',
      runId: workflowExecution?.runId ?? '',
      activityId,
      attempt,
      key: this.keyOfActivity(),
    };
    // One write of one short line: whole, or not at all, whoever is killed.
    await appendFile(this.file, `${JSON.stringify(effect)}\n`);
  }
}

export async function readEffects(file: string): Promise<LoggedEffect[]> {
  const lines = await readFile(file, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LoggedEffect);
}
