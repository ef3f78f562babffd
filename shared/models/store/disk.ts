// Failures of the disk under the store, told as what they mean to the user.

import { codeOf, NigaoeError } from '../../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
  ELOOP: 'a link of the path leads to itself',
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
