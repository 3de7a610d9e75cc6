/** One line of a table for the Web UI, which draws no space between columns; one that does not break is kept. */
export function tableLine(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => `\u00a0${cell}\u00a0`).join(' | ')} |`;
}
