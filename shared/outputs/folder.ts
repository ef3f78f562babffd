// A folder that is to be there before something is written into it.

import { constants } from 'node:fs';
import { access, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { unwritable } from './unwritable.js';

/** Makes a folder with those above it. Throws `output-unwritable`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    // On a disk that is read-only Node.js would speak of a folder that is not there.
    await access(await nearestExisting(path.resolve(folder)), constants.W_OK);
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** The folder itself, or the nearest one above it that is there; it may turn out to be a file. */
export async function nearestExisting(folder: string): Promise<string> {
  const exists = (await stat(folder).catch(() => undefined)) !== undefined;
  return exists || folder === path.dirname(folder) ? folder : nearestExisting(path.dirname(folder));
}
