// Where things lie in the store's folder:
//   models/<id>/<file>            the model; beside it .part (unfinished), .verified (stamp), .corrupt (quarantined)
//   models/<id>.lock/             held while a process works on the model
//   licences/<id>.json            the licence that the user has accepted
//   styles/<id>.json              entries of the user's own models
// A name that begins with a dot is no id: what an import has not finished lies under such names.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelEntry, ModelFile } from '../entry.js';

/** Size of the file in bytes; undefined where there is none. */
export async function bytesAt(target: string): Promise<number | undefined> {
  return (await stat(target).catch(() => undefined))?.size;
}

/** Bytes of all files of the model; 0 where it is part of nigaoe, undefined where the size of a file is not known beforehand. */
export function bytesOfEntry({ files }: ModelEntry): number | undefined {
  return files.reduce<number | undefined>(
    (sum, { bytes }) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );
}

/** Absolute path of the model's first file; throws an internal error where the model has none. */
export function firstPath(home: string, entry: ModelEntry): string {
  const file = entry.files[0];
  if (file === undefined)
    throw new Error(`internal: the model ${entry.id} is part of nigaoe and has no file`);
  return filePath(home, entry, file);
}

/** Absolute path of one of the model's files. */
export function filePath(home: string, entry: ModelEntry, file: ModelFile): string {
  return path.join(folderOf(home, entry), file.name);
}

/** Absolute folder of the model. */
export function folderOf(home: string, { id }: Pick<ModelEntry, 'id'>): string {
  return path.join(home, 'models', id);
}

/** Absolute folder of the entries of the user's own models. */
export function stylesFolder(home: string): string {
  return path.join(home, 'styles');
}
