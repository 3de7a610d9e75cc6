import type { Command } from 'commander';
import { registerSearchAttributes } from '../../speculation/plugin/search-attributes';
import { SEARCH_ATTRIBUTE } from '../../speculation/runtime/protocol';
import type { ServerFlags } from '../connect';
import type { Terminal } from '../terminal';
import { useClient, withServerOptions } from './server-options';

/** `runahead attributes register`: makes Runahead's search attributes known to a namespace. */
export function addAttributesCommand(program: Command, terminal: Terminal): void {
  const attributes = program.command('attributes').description('search attributes, which the workflow list filters by');
  withServerOptions(attributes.command('register'))
    .description('make the search attributes known to a namespace; may be run again')
    .option('--json', 'print JSON')
    .action((flags: ServerFlags & { json?: boolean }) =>
      useClient(flags, async ({ connection, namespace, inTime }) => {
        const added = await inTime(() => registerSearchAttributes(connection, namespace));
        const present = Object.values(SEARCH_ATTRIBUTE).filter((name) => !added.includes(name));
        terminal.result({ namespace, added, present }, flags.json === true, () =>
          [
            ...added.map((name) => `${name} added to ${namespace}`),
            ...present.map((name) => `${name} was there already`),
          ].join('\n'),
        );
      }),
    );
}
