import { spawn } from 'node:child_process';
import { Socket } from 'node:net';

/** Waits until its input closes, ends the process, gives it five seconds, and clears up behind it. */
const WATCH = `
  read -r _
  kill "$1"
  tries=0
  while kill -0 "$1" 2>/dev/null && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  rm -rf "$2"
`;

/**
 * Ends a process when this one is gone, however it went: by a signal, a crash or SIGKILL, which no handler of our own would see.
 * A shell waits at the other end of a pipe that the system closes. And nothing happens before: on Ctrl-C the workers leave in an
 * orderly way and still find their server.
 *
 * @param pid the process to end
 * @param folder its temporary files, removed after that
 * @returns forgets the process again
 */
export function endWithParent(pid: number, folder: string): () => void {
  const watcher = spawn('sh', ['-c', WATCH, 'sh', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // In a process group of its own, out of reach of Ctrl-C.
    detached: true,
  });
  // Where there is no shell, the server has to be ended by hand after a crash.
  watcher.once('error', () => undefined);
  watcher.unref();
  if (watcher.stdin instanceof Socket) watcher.stdin.unref();
  return () => watcher.kill('SIGKILL');
}
