// Pictures that are drawn from nothing: the file that one is to be, and its pixels.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expected } from '../../errors.js';
import type { OutputFormat, Photo } from '../../photo/photo.js';
import type { Tensor } from '../../tensor.js';
import { formatOfName } from '../inputs/extensions.js';

/** The format of a single picture by its ending; undefined for a folder. */
export async function formatOf(
  out: string,
  { force, flag = '--out' }: { force: boolean; flag?: string },
): Promise<OutputFormat | undefined> {
  if (out === '-') throw expected('a file or a folder', flag, out, 'Pictures do not go to standard output.');
  const extension = path.extname(out).toLowerCase();
  const found = await stat(out).catch(() => undefined);
  if (found?.isDirectory() || extension === '' || /[\\/]$/.test(out)) return undefined;
  const format = formatOfName(out);
  if (format === undefined)
    throw expected('a file that ends in .jpg, .png, .webp or .avif, or a folder', flag, out);
  if (found !== undefined && !force)
    throw expected('a new file', flag, out, 'It is there already; --force replaces it.');
  return format;
}

/** A single picture [1, C, H, W] as it is. */
export function photoOf({ dims: [, channels, height, width], data }: Tensor): Photo {
  const plane = height * width;
  const pixels = new Uint8ClampedArray(plane * 3).map(
    (_, at) => 127.5 + 127.5 * data[(at % 3 < channels ? at % 3 : 0) * plane + Math.floor(at / 3)],
  );
  return {
    data: new Uint8Array(pixels.buffer),
    width,
    height,
    metadata: { format: 'png' as const, notices: [] },
  };
}
