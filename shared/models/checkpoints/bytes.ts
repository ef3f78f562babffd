// A file as bytes that are read where they lie: a checkpoint of two gigabytes is never swallowed whole.

import { type FileHandle, open } from 'node:fs/promises';
import { codeOf, NigaoeError } from '../../errors.js';

/** Bytes that can be read from any offset. */
export interface ByteSource {
  /** Name for messages. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** `length` bytes from `offset`, in a buffer of their own. Throws `model-corrupt` where the source ends before. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Opens a file for reading. Throws `model-missing` where it cannot be read. */
export async function openBytes(path: string): Promise<ByteSource> {
  const file = await open(path).catch(unreadable(path));
  const { size } = await file.stat();
  return {
    name: path,
    size,
    read: (offset, length) => readFully(file, path, { offset, length, size }),
    close: () => file.close(),
  };
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    const isAbsent = ['ENOENT', 'ENOTDIR'].includes(codeOf(cause) ?? '');
    const reason = isAbsent ? 'there is none' : 'it cannot be read';
    throw new NigaoeError('model-missing', `Expected a model file at ${path} but ${reason}`, {
      hint: isAbsent ? 'Check the path.' : 'Check that you may read the file.',
      cause,
    });
  };
}

/** The same over bytes in memory. */
export function bytesInMemory(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => {
      checkRange(name, { offset, length, size: bytes.length });
      // Uint8Array's own slice copies; that of a Buffer is only a view.
      return Uint8Array.prototype.slice.call(bytes, offset, offset + length);
    },
    close: async () => undefined,
  };
}

interface Range {
  offset: number;
  length: number;
  size: number;
}

async function readFully(file: FileHandle, name: string, range: Range): Promise<Uint8Array<ArrayBuffer>> {
  checkRange(name, range);
  const { offset, length } = range;
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done).catch(failed(name));
    if (bytesRead === 0) throw cutShort(name, range);
    done += bytesRead;
  }
  return bytes;
}

function failed(name: string): (cause: unknown) => never {
  return (cause) => {
    throw corrupt(name, `the disk answers ${codeOf(cause) ?? String(cause)}`, cause);
  };
}

// Before anything is allocated: a length in a damaged file can be any number.
function checkRange(name: string, range: Range): void {
  const { offset, length, size } = range;
  const isSane = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!isSane || offset + length > size) throw cutShort(name, range);
}

function cutShort(name: string, { offset, length, size }: Range): NigaoeError {
  return corrupt(name, `${length} bytes at ${offset} are asked of its ${size}`);
}

/** `model-corrupt` for a file of weights, with the reason. */
export function corrupt(name: string, reason: string, cause?: unknown): NigaoeError {
  return new NigaoeError(
    'model-corrupt',
    `Expected a whole checkpoint in ${name} but it is damaged: ${reason}`,
    {
      hint: 'Download the file again, or save it anew where it was trained.',
      cause,
    },
  );
}
