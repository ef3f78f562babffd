// How a style is named: by its catalogue id, or by the path of a model file. Light: no network is touched.

import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { DIFFUSION_PREFIX, isDiffusion } from '../options.js';
import { CATALOGUE, findEntry } from './catalogue.js';
import { isCheckpointPath } from './checkpoints/open.js';
import { isStyle, type Licence, type ModelEntry, type StyleEntry } from './entry.js';
import { readLabel } from './imports/read-label.js';
import { isOnnxPath } from './read-model-file.js';

/**
 * Whether a style is named by the path of a file or folder: by a model file's ending, or by a separator, which no id has and
 * which tells the folder `./wave` from the id `wave`, or as a Stable Diffusion folder.
 */
export const isStyleFile = (idOrPath: string): boolean =>
  isOnnxPath(idOrPath) || isCheckpointPath(idOrPath) || /[\\/]/.test(idOrPath) || isDiffusion(idOrPath);

/** The folder of `sd:FOLDER`; every other path as it is. */
export const pathOfStyle = (style: string): string =>
  isDiffusion(style) ? style.slice(DIFFUSION_PREFIX.length) : style;

/** The name of a style that is named by its path: without folders and ending. */
export function nameOfStyleFile(style: string): string {
  const name = basename(resolve(pathOfStyle(style)));
  return isOnnxPath(name) || isCheckpointPath(name) ? name.replace(/(\.pth\.tar|\.[^.]+)$/i, '') : name;
}

/** When a style's file was written, and its size; undefined where it cannot be seen. */
export async function editionOfFile(style: string): Promise<object | undefined> {
  const found = await stat(pathOfStyle(style)).catch(() => undefined);
  return found && { mtimeMs: found.mtimeMs, bytes: found.size };
}

/**
 * The entry of a style among `entries` (the catalogue, or `allEntries` of a store); throws `model-unknown` with the
 * nearest id.
 */
export function findStyle(id: string, entries: readonly ModelEntry[] = CATALOGUE): StyleEntry {
  return findEntry(id, entries.filter(isStyle), 'style');
}

/** What the catalogue says of a style, or a model file of itself. */
export interface StyleTraits {
  id: string;
  kind: StyleEntry['kind'] | 'diffusion';
  /** What scope `auto` means for it. */
  scope: StyleEntry['scope'];
  licence?: Licence;
}

/** The traits of a style by its id or path; throws `model-unknown`. */
export async function traitsOf(
  idOrPath: string,
  entries: readonly ModelEntry[] = CATALOGUE,
): Promise<StyleTraits> {
  // Its networks draw 512 px well: a face fits into that, a photo does not.
  if (isDiffusion(idOrPath)) return { id: nameOfStyleFile(idOrPath), kind: 'diffusion', scope: 'faces' };
  if (!isStyleFile(idOrPath)) return findStyle(idOrPath, entries);
  const { scope = 'photo', licence } = await readLabel(idOrPath);
  // The name alone: it is written into pictures, and a path would tell about the user's disk.
  return { id: nameOfStyleFile(idOrPath), kind: 'gan', scope, ...(licence && { licence }) };
}
