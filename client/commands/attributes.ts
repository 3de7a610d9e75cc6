import type { Command } from 'commander';
import { registerSearchAttributes } from '../../speculation/plugin/search-attributes';
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
        const registered = await inTime(() => registerSearchAttributes(connection, namespace));
        terminal.result({ namespace, ...registered }, flags.json === true, ({ added, present }) =>
          [
            ...added.map((name) => `${name} added to ${namespace}`),
            ...present.map((name) => `${name} was there already`),
          ].join('\n'),
        );
      }),
    );
}
