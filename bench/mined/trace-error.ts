/** A line of a recorded trace is not what it should be. */
export class TraceError extends Error {
  readonly code = 'RUNAHEAD_TRACE';
  override readonly name = 'TraceError';

  /** @param field such as `steps[3].role`; null where the whole line cannot be read */
  constructor(
    readonly file: string,
    readonly line: number,
    readonly field: string | null,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(
      `${file}, line ${line}${field === null ? '' : `, field ${field}`}: ${reason}. A line is one conversation: ` +
        '{task_id, trial, reward, steps}, each step {role: "user" | "assistant", content}, {role: "assistant", call, args} or {role: "tool", name, content}.',
      options,
    );
  }
}
