import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addAttributesCommand } from './commands/attributes';
import { addAuditCommand } from './commands/audit';
import { addBenchCommand } from './commands/bench';
import { addBookCommands } from './commands/books';
import { addBudgetCommand } from './commands/budget';
import { addCalibrationCommand } from './commands/calibration';
import { addChaosCommand } from './commands/chaos';
import { addDecisionsCommand } from './commands/decisions';
import { addDevCommand } from './commands/dev';
import { addDoctorCommand } from './commands/doctor';
import { addFaultsCommand } from './commands/faults';
import { addFrontierCommand } from './commands/frontier';
import { addKnobCommand } from './commands/knob';
import { addMineCommand } from './commands/mine';
import { addPoliciesCommand } from './commands/policies';
import { addReconcileCommand } from './commands/reconcile';
import { addStartCommand } from './commands/start';
import { addValidateCommand } from './commands/validate';
import { addWorkerCommand } from './commands/worker';
import { ExitCode } from './exit-code';
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
 * @returns the exit code: 0, or 1 after exactly one message on the error stream; commands that tell more by it say so in their help
 */
export async function runCommandLine(args: readonly string[], { write, writeError }: Streams): Promise<number> {
  const terminal = new Terminal(write, writeError);
  const program = new Command('runahead')
    .description('Cost-aware speculative execution for LLM pipelines on Temporal')
    .version(packageVersion())
    .exitOverride()
    // An option belongs to the command that it stands behind, also where a subcommand has one of the same name.
    .enablePositionalOptions()
    .configureOutput({ writeOut: write, writeErr: writeError })
    .showHelpAfterError('(add --help for the options)')
    .showSuggestionAfterError();
  addDevCommand(program, terminal);
  addWorkerCommand(program, terminal);
  addStartCommand(program, terminal);
  addKnobCommand(program, terminal);
  addPoliciesCommand(program, terminal);
  addBudgetCommand(program, terminal);
  addBookCommands(program, terminal);
  addReconcileCommand(program, terminal);
  addDecisionsCommand(program, terminal);
  addAuditCommand(program, terminal);
  addFrontierCommand(program, terminal);
  addCalibrationCommand(program, terminal);
  addMineCommand(program, terminal);
  addAttributesCommand(program, terminal);
  addDoctorCommand(program, terminal);
  addValidateCommand(program, terminal);
  addBenchCommand(program, terminal);
  addChaosCommand(program, terminal);
  addFaultsCommand(program, terminal);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (error instanceof ExitCode && error.message === '') return error.value;
    terminal.notice(`runahead: ${messageOf(error)}`);
    return error instanceof ExitCode ? error.value : 1;
  }
}

/** By the package's own name, because this file lies elsewhere once it is compiled. */
function packageVersion(): string {
  return (createRequire(__filename)('runahead/package.json') as { version: string }).version;
}

/** Errors with a code of their own say what is wrong and what to do; a stack would only hide that. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (
    error instanceof OperatorError ||
    error instanceof ExitCode ||
    ('code' in error && typeof error.code === 'string')
  )
    return error.message;
  return `unexpected: ${error.message}`;
}
