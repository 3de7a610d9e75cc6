/** Where a command writes, and whether it writes for people or for programs. */
export class Terminal {
  constructor(
    private readonly write: (text: string) => void,
    private readonly writeError: (text: string) => void,
  ) {}

  /** One line of progress or result. */
  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** One line on the error stream, which stays out of `--json` output. */
  notice(text: string): void {
    this.writeError(`${text}\n`);
  }

  /** A result: JSON when asked for, otherwise as `render` shows it. */
  result<T>(value: T, json: boolean, render: (value: T) => string): void {
    this.line(json ? JSON.stringify(value, null, 2) : render(value));
  }
}
