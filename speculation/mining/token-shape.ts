/** What values at one place look like, so that new ones can be found in a text. */
export interface TokenShape {
  type: 'string' | 'number';
  /** Kinds of characters: U upper case, L lower case, D digit, any other as itself. In all values, and in some. */
  always: string;
  allowed: string;
  shortest: number;
  longest: number;
  /** Most frequent year, where values are days such as 2026-05-20: what a text that says "May 20" leaves out. */
  year?: string;
}

/** Kinds of the characters of a text, as in a shape. */
export function kindsOf(text: string): ReadonlySet<string> {
  const kinds = new Set<string>();
  for (const character of text) {
    if (character >= '0' && character <= '9') kinds.add('D');
    else if (character >= 'A' && character <= 'Z') kinds.add('U');
    else if (character >= 'a' && character <= 'z') kinds.add('L');
    else kinds.add(character);
  }
  return kinds;
}

/** Texts that are longer, or have spaces, are no tokens. */
const LONGEST_TOKEN = 64;

/** Null where the values are no tokens. */
export function shapeOf(values: readonly unknown[]): TokenShape | null {
  const type = typeof values[0];
  if (type !== 'string' && type !== 'number') return null;
  const texts = new Set<string>();
  for (const value of values) {
    if (typeof value !== type) return null;
    const text = String(value);
    if (text.length === 0 || text.length > LONGEST_TOKEN || /\s/.test(text)) return null;
    texts.add(text);
  }
  const kinds = [...texts].map(kindsOf);
  const allowed = [...new Set(kinds.flatMap((each) => [...each]))].sort();
  const lengths = [...texts].map((text) => text.length);
  return {
    type,
    always: allowed.filter((kind) => kinds.every((each) => each.has(kind))).join(''),
    allowed: allowed.join(''),
    ...lengthsOf(Math.min(...lengths), Math.max(...lengths)),
    ...yearOf([...texts]),
  };
}

/** Where lengths differ, those seen are not all there are. */
function lengthsOf(shortest: number, longest: number): { shortest: number; longest: number } {
  if (shortest === longest) return { shortest, longest };
  return { shortest: Math.floor(shortest * 0.75), longest: Math.ceil(longest * 1.25) };
}

export function hasShape(text: string, kinds: ReadonlySet<string>, shape: TokenShape): boolean {
  if (text.length < shape.shortest || text.length > shape.longest) return false;
  for (const kind of kinds) if (!shape.allowed.includes(kind)) return false;
  for (const kind of shape.always) if (!kinds.has(kind)) return false;
  return true;
}

function yearOf(texts: readonly string[]): { year?: string } {
  if (!texts.every((text) => /^\d{4}-\d{2}-\d{2}$/.test(text))) return {};
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text.slice(0, 4), (counts.get(text.slice(0, 4)) ?? 0) + 1);
  return {
    year: [...counts].sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))[0]?.[0] as string,
  };
}
