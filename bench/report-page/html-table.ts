import { escapeHtml } from '../../client/frontier-page/browser-library';

export interface HtmlTable {
  caption: string;
  columns: readonly string[];
  /** The first cell of a row is its heading. */
  rows: readonly (readonly string[])[];
}

/** A table that scrolls by itself where it is too wide, also by the keyboard. Everything in it is text. */
export function htmlTable({ caption, columns, rows }: HtmlTable): string {
  const words = columns.map((_, index) => areWords(rows.map((row) => row[index] ?? '')));
  const kind = (index: number): string => (words[index] === true ? ' class="words"' : '');
  const head = columns.map((name, index) => `<th scope="col"${kind(index)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map((cell, index) => `<td${kind(index + 1)}>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${breakable(first)}</th>${cells}</tr>`;
  });
  return scrolling(
    caption,
    `<table${firstColumn(rows.map(([first = '']) => first))}>${captioned(caption)}<thead><tr>${head}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>`,
  );
}

/** Words are aligned to the left, figures to the right. */
function areWords(cells: readonly string[]): boolean {
  const said = cells.filter((cell) => cell !== '');
  return said.filter((cell) => /^[-+$≤≥<>~]?\s?[\d.]|^–$/.test(cell)).length < said.length / 2;
}

/** The name of a policy as HTML, which may be broken between its parameters. */
export function breakable(name: string): string {
  return escapeHtml(name).replace(/[:,]/g, (sign) => `${sign}<wbr>`);
}

/** A caption that stays in sight when its table is scrolled. */
export function captioned(caption: string): string {
  return `<caption><span>${escapeHtml(caption)}</span></caption>`;
}

/** As wide as its longest text, up to what the style allows: a heading of a row is broken late. */
export function firstColumn(texts: readonly string[]): string {
  return ` style="--first: ${Math.max(0, ...texts.map((text) => Array.from(text).length))}ch"`;
}

/** Something wide in a box of its own, which the keyboard can scroll. */
export function scrolling(name: string, content: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(name)}">${content}</div>`;
}
