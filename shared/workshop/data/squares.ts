// Photos as squares of bytes, and a square as a picture to learn from.

import { flattenPhoto } from '../../photo/alpha.js';
import type { Photo } from '../../photo/photo.js';
import { resizePhoto } from '../../photo/resize.js';
import type { Random } from '../../random.js';
import { LEVELS } from './pictures.js';

export interface Shape {
  /** Side of the squares that are kept. */
  loadPx: number;
  /** Side of what is cut out of them, at most `loadPx`. */
  sizePx: number;
  /** 1: grey; 3: red, green and blue. */
  channels: 1 | 3;
}

/** The middle of a photo, its shorter side scaled to `loadPx`, as planar bytes `[channels, loadPx, loadPx]`. */
export async function squareOf(photo: Photo, { loadPx, channels }: Shape): Promise<Uint8Array> {
  // Cut first, so that a long strip is not scaled in its full length.
  const middle = middleOf(await flattenPhoto(photo));
  const { data } = await resizePhoto(middle, { width: loadPx, height: loadPx });
  const [plane, square] = [loadPx ** 2, new Uint8Array(channels * loadPx ** 2)];
  for (let at = 0; at < plane; at++) {
    const from = at * 3;
    if (channels === 1) square[at] = luma(data[from], data[from + 1], data[from + 2]);
    else for (let channel = 0; channel < 3; channel++) square[channel * plane + at] = data[from + channel];
  }
  return square;
}

function middleOf(photo: Photo): Photo {
  const { width, height, data } = photo;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) >> 1, (height - side) >> 1];
  const rows = Array.from({ length: side }, (_, row) => ((top + row) * width + left) * 3);
  const cut = new Uint8Array(side * side * 3);
  for (const [row, from] of rows.entries()) cut.set(data.subarray(from, from + side * 3), row * side * 3);
  return { ...photo, data: cut, width: side, height: side };
}

/** Rec. ITU-R BT.601. */
const luma = (red: number, green: number, blue: number): number =>
  Math.round(0.299 * red + 0.587 * green + 0.114 * blue);

/** A part of a square, `[channels, sizePx, sizePx]` in -1..1: the middle, or where chance has it, maybe mirrored. */
export function cut(square: Uint8Array, { loadPx, sizePx, channels }: Shape, random?: Random): Float32Array {
  const room = loadPx - sizePx;
  const [left, top] = [0, 0].map(() => random?.below(room + 1) ?? Math.floor(room / 2));
  const isMirrored = random !== undefined && random.uniform() < 0.5;
  const picture = new Float32Array(channels * sizePx ** 2);
  for (let row = 0; row < channels * sizePx; row++) {
    const channel = Math.floor(row / sizePx);
    const from = (channel * loadPx + top + (row % sizePx)) * loadPx + left;
    for (let x = 0; x < sizePx; x++)
      picture[row * sizePx + x] = LEVELS[square[from + (isMirrored ? sizePx - 1 - x : x)]];
  }
  return picture;
}
