// One look at the watched folder: the photos that lie there now, and the folders that were seen.

import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isForeignName, isPhotoName } from '../inputs/extensions.js';

/** What tells that a file has changed. */
export interface Stamp {
  sizeBytes: number;
  mtimeMs: number;
}

/** A photo that lies in the watched folder. */
export interface Sighting extends Stamp {
  /** Its path below the watched folder. */
  name: string;
  /** Its path on the disk. */
  path: string;
}

/** A folder that was seen; another one in its place has another identity. */
export interface SeenFolder {
  path: string;
  identity: string;
}

export interface Sight {
  photos: Sighting[];
  folders: SeenFolder[];
  /** Names of pictures in formats that nobody reads. */
  foreign: string[];
  /** Sub-folders that could not be read, and why. */
  closed: { path: string; error: unknown }[];
}

export interface LookOptions {
  root: string;
  recursive: boolean;
  /** Real paths of folders that are not looked into. */
  apart: readonly string[];
}

/** Folders of storage boxes and systems, full of thumbnails and of what was thrown away. */
const NO_FOLDERS_OF_PEOPLE =
  /^(@eaDir|#recycle|#snapshot|\$RECYCLE\.BIN|lost\+found|System Volume Information)$/i;

/** Throws the system's error where the watched folder itself cannot be read. Links to folders are not followed. */
export async function look(options: LookOptions): Promise<Sight> {
  const sight: Sight = { photos: [], folders: [], foreign: [], closed: [] };
  await lookInto(options.root, options, sight);
  return sight;
}

async function lookInto(folder: string, options: LookOptions, sight: Sight): Promise<void> {
  const { ino, dev } = await stat(folder);
  const entries = await readdir(folder, { withFileTypes: true });
  sight.folders.push({ path: folder, identity: `${dev}:${ino}` });
  const visible = entries.filter(({ name }) => !/^[.~]/.test(name));
  const [folders, files] = [
    visible.filter((one) => one.isDirectory()),
    visible.filter((one) => !one.isDirectory()),
  ];
  const photos = await Promise.all(
    files.map(({ name }) => sightingOf(path.join(folder, name), options.root)),
  );
  for (const photo of photos) if (photo !== undefined) sight.photos.push(photo);
  for (const { name } of files)
    if (isForeignName(name) && !isPhotoName(name))
      sight.foreign.push(path.relative(options.root, path.join(folder, name)));
  if (!options.recursive) return;
  for (const { name } of folders) {
    const below = path.join(folder, name);
    if (NO_FOLDERS_OF_PEOPLE.test(name) || options.apart.includes(below)) continue;
    await lookInto(below, options, sight).catch((error: unknown) =>
      sight.closed.push({ path: below, error }),
    );
  }
}

/** Undefined for what is no photo, or has gone since it was listed. */
async function sightingOf(file: string, root: string): Promise<Sighting | undefined> {
  if (!isPhotoName(file)) return undefined;
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return { name: path.relative(root, file), path: file, ...stampOf(found) };
}

const stampOf = ({ size, mtimeMs }: Stats): Stamp => ({ sizeBytes: size, mtimeMs });

/** Whether two looks saw the same file. */
export const isSame = (one: Stamp, other: Stamp): boolean =>
  one.sizeBytes === other.sizeBytes && one.mtimeMs === other.mtimeMs;

/** Whether a photo still is as it was seen. */
export async function isAsSeen(sighting: Sighting): Promise<boolean> {
  const found = await stat(sighting.path).catch(() => undefined);
  return found !== undefined && isSame(stampOf(found), sighting);
}
