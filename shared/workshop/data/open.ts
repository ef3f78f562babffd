// A path -> the pictures that lie there, whatever they are kept in.

import { stat } from 'node:fs/promises';
import { expected } from '../../errors.js';
import { type FolderOptions, openFolder } from './folder.js';
import { findIdx, openIdx } from './idx.js';
import type { Pictures } from './pictures.js';

/** See `FolderOptions`; only idx files do without a size, and none of the rest matters to them but `channels`. */
export type PictureOptions = Omit<FolderOptions, 'sizePx'> & { sizePx?: number };

/**
 * Opens an idx file, a folder of them, or a folder of pictures. Throws `options` where nothing of that is there, a folder of
 * pictures comes without `sizePx`, or idx files with `alignFaces`; `photo-unreadable` for damaged idx files.
 */
export async function openPictures(path: string, options: PictureOptions = {}): Promise<Pictures> {
  const found = await stat(path).catch(() => undefined);
  const what = 'a folder of pictures or an idx file';
  if (found === undefined) throw expected(what, 'the data to learn from', path, 'Nothing is there');
  const files = found.isDirectory() ? await findIdx(path) : [path];
  const { sizePx, channels, alignFaces } = options;
  const isSize = Number.isInteger(sizePx) && sizePx! >= 1;
  if (!isSize && (sizePx !== undefined || files.length === 0))
    throw expected('a whole number of pixels from 1', 'the size of the pictures', sizePx);
  if (files.length === 0) return openFolder(path, { ...options, sizePx: sizePx! });
  if (alignFaces) throw expected('a folder of photos with faces', 'the data to learn from', path);
  return openIdx(files, { sizePx, channels });
}
