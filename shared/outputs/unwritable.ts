// Failures of the disk under the results, told as what they mean to the user.

import { codeOf, NigaoeError } from '../errors.js';

const PERMISSION = ['permission is denied', 'Choose another folder, or give permission there.'];
const FULL = ['the disk is full', 'Make room, or choose a folder on another disk.'];
const PATH = ['a part of the path is a file', 'Choose another folder.'];

/** The system's code -> reason and remedy. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  EACCES: PERMISSION,
  EPERM: PERMISSION,
  EROFS: ['the file system is read-only', 'Choose a folder on another disk.'],
  ENOSPC: FULL,
  EDQUOT: ['the disk quota is used up', 'Make room, or choose a folder on another disk.'],
  EFBIG: ['the file is larger than is allowed here', 'Raise the limit (ulimit -f), or lower --quality.'],
  ENOENT: ['its folder is gone', 'Bring it back, or choose another folder.'],
  ENOTDIR: PATH,
  EEXIST: PATH,
  EISDIR: ['it is a folder', 'Move the folder, or choose another name.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
};
const UNKNOWN = 'Choose another folder.';

/** `output-unwritable` for a place, and an error of the system or its code. */
export function unwritable(where: string, why: unknown): NigaoeError {
  const code = codeOf(why) ?? String(why);
  const [reason, hint] = REASONS[code] ?? [code, UNKNOWN];
  return new NigaoeError('output-unwritable', `Expected to write ${where} but cannot: ${reason}`, {
    hint,
    cause: why instanceof Error ? why : undefined,
  });
}
