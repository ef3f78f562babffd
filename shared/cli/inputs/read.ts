// The bytes of an input, wherever they are.

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { asFailure, codeOf, NigaoeError, throwIfCancelled } from '../../errors.js';
import { collectBytes } from './collect.js';
import { type Input, nameOf } from './input.js';
import { fetchPhoto } from './web.js';

/** More than any photo that is let in has; stops a pipe that never ends. */
const MOST_BYTES = 2 ** 31 - 1;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EISDIR: 'it is a folder',
  EIO: 'the disk reports an error',
};

/** Reads a photo; throws `photo-unreadable`, `photo-too-large` or `cancelled`. */
export async function readInput(input: Input, signal: AbortSignal): Promise<Uint8Array> {
  const { origin } = input;
  throwIfCancelled(signal);
  try {
    if (origin.kind === 'web') return await fetchPhoto(origin.url, signal);
    const stream = origin.kind === 'stdin' ? process.stdin : createReadStream(origin.path);
    // Without it a wait for standard input would go on until the other side ends it.
    return await collectBytes(addAbortSignal(signal, stream), {
      mostBytes: MOST_BYTES,
      name: nameOf(input),
      signal,
    });
  } catch (error) {
    throwIfCancelled(signal);
    throw explain(error, nameOf(input));
  }
}

/** The first bytes of a file, enough to tell its format; empty where it cannot be read. */
export async function readHead(file: string): Promise<Uint8Array> {
  const head = Buffer.alloc(4096);
  try {
    // A pipe would lose what is read here, and even its writer when it is closed.
    if (!(await stat(file)).isFile()) return head.subarray(0, 0);
    const handle = await open(file);
    try {
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      return head.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return head.subarray(0, 0);
  }
}

function explain(error: unknown, name: string): NigaoeError {
  const code = codeOf(error);
  if (error instanceof NigaoeError || code === undefined) return asFailure(error);
  const reason = REASONS[code] ?? code;
  return new NigaoeError('photo-unreadable', `Expected to read ${name} but cannot: ${reason}`, {
    hint: 'Check the path and its permissions.',
    cause: error,
  });
}
