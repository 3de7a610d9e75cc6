import type { WriteStream } from 'node:tty';

/** Says how far a run is. */
export interface Progress {
  /** A line that stays. */
  say: (line: string) => void;
  /** The state of the moment: overwritten on a terminal, otherwise a line now and then. */
  update: (line: string) => void;
}

const PLAIN_INTERVAL_MS = 5_000;

/** Progress goes to the error stream, so that the result can be piped. */
export function progressOn(stream: WriteStream | NodeJS.WriteStream): Progress {
  let shown = false;
  let lastMs = 0;
  const clear = (): void => {
    if (shown) stream.write('\r\u001b[K');
    shown = false;
  };
  return {
    say: (line) => {
      clear();
      stream.write(`${line}\n`);
    },
    update: (line) => {
      if (stream.isTTY) {
        clear();
        stream.write(line.slice(0, stream.columns - 1));
        shown = true;
        return;
      }
      const nowMs = performance.now();
      if (nowMs - lastMs < PLAIN_INTERVAL_MS) return;
      lastMs = nowMs;
      stream.write(`${line}\n`);
    },
  };
}
