import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { useTemporal } from './support/temporal';

const run = promisify(execFile);

describe('a worker that is stopped as soon as it was started', () => {
  const temporal = useTemporal();

  test('beside another one on the same connection leaves nothing behind: control goes on, the process ends by itself', async () => {
    const { server } = await temporal.start();
    const hook = join(__dirname, 'support', 'typescript-hook.cjs');
    const script = join(__dirname, 'support', 'brief-worker.ts');
    // Killed after a while, which rejects: it did not end by itself.
    const { stdout, stderr } = await run(process.execPath, ['--require', hook, script, server.address], {
      timeout: 45_000,
      killSignal: 'SIGKILL',
    });
    expect(stdout.trim().split('\n')).toEqual([
      'the first has stopped',
      'the control workflow answers: alpha 0.5',
      'the second has stopped',
    ]);
    expect(stderr).not.toMatch(/cannot run beside this worker/);
  });
});
