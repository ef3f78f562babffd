// Planar float pixels -> a photo of another size.

import type { Photo } from '../photo/photo.js';
import { resizePhoto } from '../photo/resize.js';
import { planeSize, type Tensor } from '../tensor.js';
import { toPhoto } from './raster.js';

/** Up to this factor bilinear interpolation cannot be told from better ones; it costs a quarter of them. */
const BILINEAR_UP_TO = 1.6;

/** The pixels at the size of `like`, with its metadata. */
export async function enlargeTo(pixels: Tensor, like: Photo): Promise<Photo> {
  const { height, width } = planeSize(pixels);
  const factor = like.width / width;
  if (like.height === height && factor === 1) return toPhoto(pixels, like);
  if (factor > BILINEAR_UP_TO || factor < 1) return resizePhoto(toPhoto(pixels, like), like);
  const { metadata } = like;
  return { data: bilinear(pixels, like), width: like.width, height: like.height, metadata };
}

/** Row by row: source rows are stretched once, each output row mixes two of them. */
function bilinear(pixels: Tensor, { width, height }: { width: number; height: number }): Uint8Array {
  const from = planeSize(pixels);
  const out = new Uint8ClampedArray(width * height * 3);
  const columns = placesIn(from.width, width);
  const rows = placesIn(from.height, height);
  let upper = { row: -1, levels: new Float32Array(width * 3) };
  let lower = { row: -1, levels: new Float32Array(width * 3) };
  for (let y = 0; y < height; y++) {
    const top = rows.first[y];
    if (upper.row !== top) {
      [upper, lower] = [lower, upper];
      if (upper.row !== top) stretchRow(pixels, top, columns, upper.levels);
      const bottom = Math.min(top + 1, from.height - 1);
      stretchRow(pixels, bottom, columns, lower.levels);
      upper.row = top;
      lower.row = bottom;
    }
    mixRows(upper.levels, lower.levels, rows.share[y], out.subarray(y * width * 3, (y + 1) * width * 3));
  }
  return new Uint8Array(out.buffer);
}

interface Places {
  /** Index of the source pixel before each output pixel. */
  first: Int32Array;
  /** Share of the source pixel after it, 0..1. */
  share: Float32Array;
}

function placesIn(from: number, to: number): Places {
  const first = new Int32Array(to);
  const share = new Float32Array(to);
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    first[i] = Math.min(Math.trunc(at), Math.max(from - 2, 0));
    share[i] = at - first[i];
  }
  return { first, share };
}

/** One source row as interleaved levels 0..255 at the output's width. */
function stretchRow(
  { dims: [, , height, width], data }: Tensor,
  row: number,
  { first, share }: Places,
  out: Float32Array,
): void {
  const plane = height * width;
  const next = width > 1 ? 1 : 0;
  const start = row * width;
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const at = start + first[x];
    const part = share[x] * 127.5;
    const rest = 127.5 - part;
    out[to] = data[at] * rest + data[at + next] * part + 127.5;
    out[to + 1] = data[at + plane] * rest + data[at + plane + next] * part + 127.5;
    out[to + 2] = data[at + 2 * plane] * rest + data[at + 2 * plane + next] * part + 127.5;
  }
}

function mixRows(upper: Float32Array, lower: Float32Array, share: number, out: Uint8ClampedArray): void {
  for (let i = 0; i < out.length; i++) out[i] = upper[i] + (lower[i] - upper[i]) * share;
}
