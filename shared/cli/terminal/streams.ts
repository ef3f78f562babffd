// What becomes of stdout and stderr when nobody reads them any more, or the disk under them is full.

import { writeSync } from 'node:fs';

let lost = false;
let broken = false;

/** How standard output fares. */
export const stdoutFate = {
  /** The reader has gone, as `head` does; or nothing can be written any more. */
  get lost(): boolean {
    return lost;
  },
  /** Something could not be written, and not because the reader had enough. */
  get broken(): boolean {
    return broken;
  },
};

/** Listens from now on: a reader that has gone is no error, a full disk under a redirected stream is. */
export function watchStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    lost = true;
    if (error.code === 'EPIPE' || broken) return;
    broken = true;
    process.exitCode = 1;
    writeSync(2, `nigaoe: Expected to write to standard output but it fails: ${error.message}\n`);
  });
  // There is nobody left to tell.
  process.stderr.on('error', () => undefined);
}
