// Photo -> the same photo at another size.

import { expected } from '../errors.js';
import { joinAlpha, splitAlpha } from './alpha.js';
import { openRaster, toRaster } from './codec.js';
import type { Photo } from './photo.js';

/**
 * Scales a photo to exactly `width` x `height` pixels (whole numbers from 1), without keeping its proportions. Lanczos
 * (3 lobes), in sRGB as browsers do; transparent pixels do not bleed their colour into the visible ones. A photo that has
 * this size already is returned as it is.
 */
export async function resizePhoto(
  photo: Photo,
  { width, height }: { width: number; height: number },
): Promise<Photo> {
  checkSide('width', width);
  checkSide('height', height);
  if (photo.width === width && photo.height === height) return photo;
  const scaled = openRaster(await joinAlpha(photo)).resize(width, height, {
    fit: 'fill',
    kernel: 'lanczos3',
  });
  const { alpha: _, ...rest } = photo;
  return { ...rest, ...(await splitAlpha(await toRaster(scaled))), width, height };
}

function checkSide(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) throw expected('a whole number of pixels from 1', name, value);
}
