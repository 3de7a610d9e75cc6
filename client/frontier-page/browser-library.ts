import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * A library as one script that a browser can run, from wherever the package is installed.
 *
 * @param file below `dist` of the package
 * @throws if the package is not installed
 */
export function browserLibrary(name: string, file: string): string {
  // The main entry is a module; the bundle lies in dist of the same package.
  const entry = createRequire(__filename).resolve(name);
  const folder = join('node_modules', name);
  const root = entry.slice(0, entry.lastIndexOf(folder) + folder.length);
  return scriptText(readFileSync(join(root, 'dist', file), 'utf8'));
}

/** Code as the content of a script element, which nothing in it may end. */
function scriptText(code: string): string {
  return code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

/** A value as the content of a script element of type application/json. Infinity becomes null, as always in JSON. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
