// Where a folder that is still to be made would be made.

import { stat } from 'node:fs/promises';
import path from 'node:path';

/** The folder itself, or the nearest one above it that is there; it may turn out to be a file. */
export async function nearestExisting(folder: string): Promise<string> {
  const exists = (await stat(folder).catch(() => undefined)) !== undefined;
  return exists || folder === path.dirname(folder) ? folder : nearestExisting(path.dirname(folder));
}
