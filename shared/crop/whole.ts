// The whole photo as a crop, made smaller where the generator could not take it.

import { rescale } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';
import { type Tensor, tensor } from '../tensor.js';
import type { Crop } from './crop.js';

/** The whole photo, its long side reduced to `maxSidePx` where it is longer. */
export async function cropWhole(photo: Photo, maxSidePx: number): Promise<Crop> {
  const factor = Math.min(1, maxSidePx / Math.max(photo.width, photo.height));
  const scaled = (side: number) => Math.max(1, Math.round(side * factor));
  const size = { width: scaled(photo.width), height: scaled(photo.height) };
  const { alpha: _, ...opaque } = photo;
  const reduced = await resizePhoto(opaque, size);
  return { kind: 'whole', pixels: planesOf(reduced), toPhoto: rescale(size, photo) };
}

/** A byte in -1..1. */
const LEVELS = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Interleaved bytes to planar RGB `[1,3,H,W]` in -1..1. */
export function planesOf({ data, width, height }: Photo): Tensor {
  const pixels = tensor([1, 3, height, width]);
  const plane = width * height;
  for (let at = 0, from = 0; at < plane; at++, from += 3) {
    pixels.data[at] = LEVELS[data[from]];
    pixels.data[plane + at] = LEVELS[data[from + 1]];
    pixels.data[2 * plane + at] = LEVELS[data[from + 2]];
  }
  return pixels;
}
