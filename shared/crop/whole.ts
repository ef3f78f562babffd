// The whole photo as a crop, made smaller where the generator could not take it.

import { rescale } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';
import { type Tensor, tensor } from '../tensor.js';
import type { Crop } from './crop.js';

/** The whole photo, its long side reduced to `maxSidePx` where it is longer. */
export async function cropWhole(photo: Photo, maxSidePx: number): Promise<Crop> {
  const reduced = await reduceWhole(photo, maxSidePx);
  return { kind: 'whole', pixels: planesOf(reduced), toPhoto: rescale(reduced, photo) };
}

/** The photo without its transparency, its long side reduced to `maxSidePx` where it is longer. */
export async function reduceWhole(photo: Photo, maxSidePx: number): Promise<Photo> {
  const { alpha: _, ...opaque } = photo;
  return resizePhoto(opaque, reducedSize(photo, maxSidePx));
}

/** The size that a photo has with its long side reduced to `maxSidePx`. */
export function reducedSize(
  { width, height }: { width: number; height: number },
  maxSidePx: number,
): { width: number; height: number } {
  const factor = Math.min(1, maxSidePx / Math.max(width, height));
  const scaled = (side: number) => Math.max(1, Math.round(side * factor));
  return { width: scaled(width), height: scaled(height) };
}

/** A byte in -1..1. */
const LEVELS = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** A rectangle of a photo. */
interface Part {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** Interleaved bytes to planar RGB `[1,3,H,W]` in -1..1; of a part of the photo where one is given. */
export function planesOf(photo: Photo, part: Part = { top: 0, left: 0, ...sizeOf(photo) }): Tensor {
  const { top, left, height, width } = part;
  const pixels = tensor([1, 3, height, width]);
  const plane = width * height;
  for (let row = 0, at = 0; row < height; row++) {
    let from = ((top + row) * photo.width + left) * 3;
    for (const end = at + width; at < end; at++, from += 3) {
      pixels.data[at] = LEVELS[photo.data[from]];
      pixels.data[plane + at] = LEVELS[photo.data[from + 1]];
      pixels.data[2 * plane + at] = LEVELS[photo.data[from + 2]];
    }
  }
  return pixels;
}

const sizeOf = ({ height, width }: Photo) => ({ height, width });
