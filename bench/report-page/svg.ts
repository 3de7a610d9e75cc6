import { escapeHtml } from '../../client/frontier-page/browser-library';

/** Pixels with one digit: more would only make the page larger. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export interface SvgImage {
  /** Unique on the page. */
  id: string;
  width: number;
  height: number;
  title: string;
  /** What a reader who cannot see it should know. */
  description: string;
  className?: string;
}

/** A drawing that names itself to screen readers. */
export function svgImage({ id, width, height, title, description, className = '' }: SvgImage, content: string): string {
  return `<svg id="${id}" class="${className}" role="img" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" aria-labelledby="${id}-t ${id}-d">
<title id="${id}-t">${escapeHtml(title)}</title><desc id="${id}-d">${escapeHtml(description)}</desc>
${content}
</svg>`;
}

export function svgText(
  x: number,
  y: number,
  text: string,
  { anchor = 'start', className = '' }: { anchor?: 'start' | 'middle' | 'end'; className?: string } = {},
): string {
  const end = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  const named = className === '' ? '' : ` class="${className}"`;
  return `<text x="${px(x)}" y="${px(y)}"${end}${named}>${escapeHtml(text)}</text>`;
}

export function svgLine(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<line class="${className}" x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}"/>`;
}
