import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The repository's root folder. */
export const root = join(__dirname, '..', '..');

/** Compiles the sources into `dist`, so that a test runs what is there and not what was there at the last build. */
export async function build(): Promise<void> {
  const compiler = createRequire(__filename).resolve('typescript/bin/tsc');
  await run(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root }).catch((error: unknown) => {
    const { stdout } = error as { stdout: string };
    throw new Error(`The sources do not compile:\n${stdout}`);
  });
}
