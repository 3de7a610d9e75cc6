import pc from 'picocolors';
import type { PolicyFamily, PolicyParameter } from '../../speculation/policies/launch-policy';
import { plainTable } from './plain-table';

/** Every family with what it does and where it comes from, and a line for each of its parameters. */
export function policiesTable(families: readonly Omit<PolicyFamily, 'with'>[]): string {
  const width = Math.max(...families.flatMap(({ parameters }) => Object.keys(parameters).map((name) => name.length)));
  return families
    .map(({ name, summary, source, parameters }) => {
      const rows = Object.entries(parameters).map(([parameter, each]) => [
        `  ${parameter.padEnd(width)}`,
        shown(each.default),
        boundsOf(each),
        each.meaning,
      ]);
      const table = rows.length === 0 ? [] : [plainTable(['  parameter', 'default', 'values', 'meaning'], rows)];
      return [`${pc.bold(name)}: ${summary} (${source})`, ...table].join('\n');
    })
    .join('\n\n');
}

function boundsOf({ least, most, whole }: PolicyParameter): string {
  const kind = whole === true ? 'whole, ' : '';
  return most === Infinity ? `${kind}from ${shown(least)}` : `${kind}${shown(least)} to ${shown(most)}`;
}

function shown(value: number): string {
  return value === Infinity ? 'no bound' : String(value);
}
