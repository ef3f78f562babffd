// Planar float pixels -> bytes of a photo.

import type { Photo } from '../photo/photo.js';
import { planeSize, type Tensor } from '../tensor.js';

/** Planar RGB in -1..1 as a photo of its own; metadata is taken over from `like`, transparency is not. */
export function toPhoto(pixels: Tensor, like: Photo): Photo {
  const { height, width } = planeSize(pixels);
  // A clamped array rounds and clips by itself, several times faster than code does.
  const data = new Uint8ClampedArray(width * height * 3);
  const plane = width * height;
  for (let at = 0, to = 0; at < plane; at++, to += 3) {
    data[to] = pixels.data[at] * 127.5 + 127.5;
    data[to + 1] = pixels.data[plane + at] * 127.5 + 127.5;
    data[to + 2] = pixels.data[2 * plane + at] * 127.5 + 127.5;
  }
  return { data: new Uint8Array(data.buffer), width, height, metadata: like.metadata };
}

/** A picture without anything on it. */
export const blankLike = ({ width, height, metadata }: Photo): Photo => ({
  data: new Uint8Array(width * height * 3),
  width,
  height,
  metadata,
});

/**
 * Puts planar RGB in -1..1 into a photo, in place: the rectangle `part` of it, of the pixels what begins at the row and column
 * `from`.
 */
export function putPart(
  photo: Photo,
  part: { top: number; left: number; height: number; width: number },
  pixels: Tensor,
  from: { top: number; left: number },
): void {
  const { height, width } = planeSize(pixels);
  const plane = height * width;
  const bytes = new Uint8ClampedArray(photo.data.buffer, photo.data.byteOffset, photo.data.length);
  for (let row = 0; row < part.height; row++) {
    let to = ((part.top + row) * photo.width + part.left) * 3;
    const start = (from.top + row) * width + from.left;
    for (let at = start; at < start + part.width; at++, to += 3) {
      bytes[to] = pixels.data[at] * 127.5 + 127.5;
      bytes[to + 1] = pixels.data[plane + at] * 127.5 + 127.5;
      bytes[to + 2] = pixels.data[2 * plane + at] * 127.5 + 127.5;
    }
  }
}

/** Mixes `drawn` into `original`, both of the same size: 0 is the original, 1 the drawing. Returns one of the two where it can. */
export function mixPhotos(original: Photo, drawn: Photo, strength: number): Photo {
  if (strength >= 1) return drawn;
  const data = new Uint8Array(drawn.data.length);
  const amount = Math.round(strength * 256);
  for (let i = 0; i < data.length; i++)
    data[i] = (original.data[i] * (256 - amount) + drawn.data[i] * amount + 128) >> 8;
  return { ...drawn, data };
}
