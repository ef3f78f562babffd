// What is said when a drawing process has died: how, what it last wrote, and what to do.

import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { NigaoeError } from '../errors.js';

/** Enough for the last stack trace or the last words of a native library, in characters. */
const TAIL_LENGTH = 4_096;

/** The end of what a child wrote; reading it does not keep this process alive, and keeps its own output clean. */
export class OutputTail {
  #text = '';

  constructor({ stdout, stderr }: ChildProcess) {
    for (const stream of [stdout, stderr]) this.#follow(stream);
  }

  get text(): string {
    return this.#text.trim();
  }

  // A child that could not be forked has no streams.
  #follow(stream: NodeJS.ReadableStream | null | undefined): void {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-TAIL_LENGTH);
    });
    if (stream instanceof Socket) stream.unref();
  }
}

interface Death {
  /** Had it been ready for work before. */
  opened: boolean;
  /** Why it was killed, or could not be forked. */
  reason?: string;
  child: Pick<ChildProcess, 'signalCode' | 'exitCode'>;
  /** The end of its output. */
  tail: string;
}

/** The death as the failure of the job that met it: code `internal`, the child's last words as the cause. */
export function describeDeath({ opened, reason, child, tail }: Death): NigaoeError {
  const what = opened ? 'died' : 'could not start';
  const how = reason ?? endOf(child);
  return new NigaoeError('internal', `The drawing process ${what} (${how}); the next job starts a new one`, {
    hint: reason === undefined && OUT_OF_MEMORY.has(child.signalCode) ? MEMORY_HINT : undefined,
    cause: tail === '' ? undefined : new Error(tail),
  });
}

function endOf({ signalCode, exitCode }: Death['child']): string {
  return signalCode === null ? `exit code ${exitCode ?? 'unknown'}` : `signal ${signalCode}`;
}

// Linux ends a process with SIGKILL when memory runs out; V8 and C++ libraries end themselves with SIGABRT.
const OUT_OF_MEMORY: ReadonlySet<NodeJS.Signals | null> = new Set(['SIGKILL', 'SIGABRT']);
const MEMORY_HINT = 'This is how processes end when memory runs out: a smaller --max-side needs less.';
