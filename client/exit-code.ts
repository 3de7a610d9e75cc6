/** Ends a command with an exit code of its own, for commands that tell more by it than 0 and 1. */
export class ExitCode extends Error {
  override readonly name = 'ExitCode';

  constructor(
    readonly value: number,
    /** Printed on the error stream; empty when the output has said everything. */
    message = '',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
