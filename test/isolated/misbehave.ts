// Preloaded into a drawing process: makes it misbehave at its start, in the middle of a job, or when it shall end.

import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** What can go wrong; all but `start` and `close` happen when the process reports progress for the first time. */
export type Misbehaviour = 'start' | 'exit' | 'abort' | 'stuck' | 'noise' | 'close';

const BAD_DEEDS: Record<string, () => void> = {
  exit: () => {
    writeSync(2, 'these are its last words\n');
    process.exit(7);
  },
  abort: () => process.abort(),
  stuck: () => {
    for (;;);
  },
  noise: () => {
    writeSync(1, 'noise on stdout\n');
    writeSync(2, 'noise on stderr\n');
  },
};

const deed = new URL(import.meta.url).searchParams.get('deed') ?? '';
if (process.send && isMainThread) misbehave(process.send.bind(process) as (...args: unknown[]) => boolean);

function misbehave(send: (...args: unknown[]) => boolean): void {
  if (deed === 'start') {
    writeSync(2, 'a library is missing\n');
    process.exit(3);
  }
  if (deed === 'close') process.exit = (() => undefined) as () => never;
  process.send = (...args: unknown[]) => {
    const said = send(...args);
    if ((args[0] as { type: string }).type === 'progress') BAD_DEEDS[deed]?.();
    return said;
  };
}
