import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addAttributesCommand } from './commands/attributes';
import { addBookCommands } from './commands/books';
import { addBudgetCommand } from './commands/budget';
import { addCalibrationCommand } from './commands/calibration';
import { addDevCommand } from './commands/dev';
import { addKnobCommand } from './commands/knob';
import { addStartCommand } from './commands/start';
import { addWorkerCommand } from './commands/worker';
import { OperatorError } from './operator-error';
import { Terminal } from './terminal';

/** Streams of one run of the command line. */
export interface Streams {
  write: (text: string) => void;
  writeError: (text: string) => void;
}

/**
 * Runs `runahead` with the arguments that follow its name.
 *
 * @returns the exit code: 0, or 1 after exactly one message on the error stream
 */
export async function runCommandLine(args: readonly string[], { write, writeError }: Streams): Promise<number> {
  const terminal = new Terminal(write, writeError);
  const program = new Command('runahead')
    .description('Cost-aware speculative execution for LLM pipelines on Temporal')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: writeError })
    .showHelpAfterError('(add --help for the options)')
    .showSuggestionAfterError();
  addDevCommand(program, terminal);
  addWorkerCommand(program, terminal);
  addStartCommand(program, terminal);
  addKnobCommand(program, terminal);
  addBudgetCommand(program, terminal);
  addBookCommands(program, terminal);
  addCalibrationCommand(program, terminal);
  addAttributesCommand(program, terminal);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    terminal.notice(`runahead: ${messageOf(error)}`);
    return 1;
  }
}

/** By the package's own name, because this file lies elsewhere once it is compiled. */
function packageVersion(): string {
  return (createRequire(__filename)('runahead/package.json') as { version: string }).version;
}

/** Errors with a code of their own say what is wrong and what to do; a stack would only hide that. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof OperatorError || ('code' in error && typeof error.code === 'string')) return error.message;
  return `unexpected: ${error.message}`;
}
