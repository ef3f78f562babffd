// Failures of the disk under the store, told as what they mean to the user.

import { NigaoeError } from '../../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a part of the path is a file',
};

/** The system's code of an error (`ENOENT`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Runs disk work on the store; what says that the store cannot be written becomes `store-unwritable`. */
export async function writing<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = REASONS[codeOf(error) ?? ''];
    throw reason === undefined ? error : unwritable(where, reason, error);
  }
}

/** `store-unwritable` for a place and a reason. */
export function unwritable(where: string, reason: string, cause?: unknown): NigaoeError {
  return new NigaoeError(
    'store-unwritable',
    `Expected a writable model store but ${where} cannot be written: ${reason}`,
    { hint: 'Make room or give permission there, or set NIGAOE_HOME to a folder that can be written', cause },
  );
}
