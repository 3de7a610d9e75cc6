import { escapeHtml } from '../../client/frontier-page/browser-library';

export interface HtmlTable {
  caption: string;
  columns: readonly string[];
  /** The first cell of a row is its heading. */
  rows: readonly (readonly string[])[];
  /** Columns of words, which are aligned to the left; the first one is always. */
  words?: readonly string[];
}

/** A table that scrolls by itself where it is too wide, also by the keyboard. Everything in it is text. */
export function htmlTable({ caption, columns, rows, words = [] }: HtmlTable): string {
  const kind = (index: number): string => (words.includes(columns[index] ?? '') ? ' class="words"' : '');
  const head = columns.map((name, index) => `<th scope="col"${kind(index)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, index) => `<td${kind(index + 1)}>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
  });
  return scrolling(
    caption,
    `<table><caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>`,
  );
}

/** Something wide in a box of its own, which the keyboard can scroll. */
export function scrolling(name: string, content: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(name)}">${content}</div>`;
}
