// Setting transparency aside, putting it back, and painting it over with white.

import { openRaster, type Raster, rawInput, toRaster } from './codec.js';
import type { Photo } from './photo.js';

/** Colour and transparency of a picture, apart. */
interface Planes {
  /** RGB, interleaved. */
  data: Uint8Array;
  /** One byte per pixel; absent where every pixel is opaque. */
  alpha?: Uint8Array;
}

/** Takes a raster of 3 (RGB) or 4 (RGBA, not premultiplied) channels apart. */
export async function splitAlpha(raster: Raster): Promise<Planes> {
  if (raster.channels === 3) return { data: raster.data };
  const [colour, alpha] = await Promise.all([
    toRaster(openRaster(raster).removeAlpha()),
    toRaster(openRaster(raster).extractChannel(3)),
  ]);
  return isOpaque(alpha.data) ? { data: colour.data } : { data: colour.data, alpha: alpha.data };
}

/** The photo as one raster: RGB, or RGBA where it has transparency. */
export async function joinAlpha({ data, width, height, alpha }: Photo): Promise<Raster> {
  const colour = { data, width, height, channels: 3 };
  if (alpha === undefined) return colour;
  const plane = rawInput({ width, height, channels: 1 });
  return toRaster(openRaster(colour).joinChannel(alpha as Buffer, plane));
}

/** The photo over white, without transparency; a photo that has none is returned as it is. */
export async function flattenPhoto(photo: Photo): Promise<Photo> {
  if (photo.alpha === undefined) return photo;
  const { alpha: _, ...rest } = photo;
  const flat = await toRaster(openRaster(await joinAlpha(photo)).flatten({ background: '#ffffff' }));
  return { ...rest, data: flat.data };
}

/** Compares the plane with itself moved by one byte: a memcmp, far faster than a loop over a whole photo. */
function isOpaque(alpha: Uint8Array): boolean {
  return alpha[0] === 255 && Buffer.compare(alpha.subarray(1), alpha.subarray(0, -1)) === 0;
}
