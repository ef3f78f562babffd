// Writing to the disk under the store for good, and its failures, told as what they mean to the user.

import { open } from 'node:fs/promises';
import { codeOf, NigaoeError } from '../../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file of this size is not allowed here',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  ELOOP: 'a link of the path leads to itself',
  EISDIR: 'a folder has the name of a file',
  EIO: 'the disk reports an error',
};

// What making folders answers on a read-only file system; when reading, a missing file has its own meaning.
const NO_FOLDER = { ENOENT: 'its folder cannot be made' } as const;

/** Runs work that writes to the store; what says that the disk does not let us becomes `store-unwritable`. */
export function writing<T>(where: string, work: () => Promise<T>): Promise<T> {
  return explaining({ ...REASONS, ...NO_FOLDER }, work, (reason, cause) => unwritable(where, reason, cause));
}

/** The same for work that only reads. */
export function reading<T>(where: string, work: () => Promise<T>): Promise<T> {
  const message = `Expected a readable model store but ${where} cannot be read`;
  return explaining(REASONS, work, (reason, cause) => unusable(`${message}: ${reason}`, cause));
}

async function explaining<T>(
  reasons: Readonly<Record<string, string>>,
  work: () => Promise<T>,
  failure: (reason: string, cause: unknown) => NigaoeError,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = reasons[codeOf(error) ?? ''];
    throw reason === undefined ? error : failure(reason, error);
  }
}

/** `store-unwritable` for a place and a reason. */
export function unwritable(where: string, reason: string, cause?: unknown): NigaoeError {
  return unusable(`Expected a writable model store but ${where} cannot be written: ${reason}`, cause);
}

function unusable(message: string, cause: unknown): NigaoeError {
  const hint = 'Make room or give permission there, or set NIGAOE_HOME to a folder that can be written';
  return new NigaoeError('store-unwritable', message, { hint, cause });
}

/** Writes a new file, on the disk for good. */
export async function writeSynced(target: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(target, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the rename itself survive a power cut, where the system can (Windows cannot open a folder). */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) === 'EIO') throw error;
  } finally {
    await handle.close();
  }
}
