import { runCommandLine } from '../../client/command-line';

export interface Answer {
  exitCode: number;
  output: string;
  errors: string;
}

/** Runs `runahead` in this process. */
export async function runahead(...args: string[]): Promise<Answer> {
  const answer: Answer = { exitCode: -1, output: '', errors: '' };
  answer.exitCode = await runCommandLine(args, {
    write: (text) => (answer.output += text),
    writeError: (text) => (answer.errors += text),
  });
  return answer;
}

/** Runs `runahead ... --json` in this process; fails unless that succeeded. */
export async function runaheadJson<T>(...args: string[]): Promise<T> {
  const answer = await runahead(...args, '--json');
  if (answer.exitCode !== 0) throw new Error(`runahead ${args.join(' ')}: ${answer.errors}`);
  return JSON.parse(answer.output) as T;
}
