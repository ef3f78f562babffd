// Planar float pixels -> bytes of a photo.

import type { Photo } from '../photo/photo.js';
import { planeSize, type Tensor } from '../tensor.js';

/** Planar RGB in -1..1 as a photo of its own; metadata is taken over from `like`, transparency is not. */
export function toPhoto(pixels: Tensor, like: Photo): Photo {
  const { height, width } = planeSize(pixels);
  const data = new Uint8Array(width * height * 3);
  const plane = width * height;
  for (let at = 0, to = 0; at < plane; at++, to += 3) {
    data[to] = toByte(pixels.data[at]);
    data[to + 1] = toByte(pixels.data[plane + at]);
    data[to + 2] = toByte(pixels.data[2 * plane + at]);
  }
  return { data, width, height, metadata: like.metadata };
}

/** -1..1 to 0..255, rounded and clipped. */
export function toByte(value: number): number {
  const byte = (value + 1) * 127.5 + 0.5;
  return byte <= 0 ? 0 : byte >= 255 ? 255 : byte | 0;
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
