// Resamples a part of a photo through an affine map into planar float pixels: supersampled bilinear interpolation.

import { type Tensor, tensor } from '../tensor.js';
import { type Affine, mapPoint, type Point, scaleOf } from './affine.js';
import type { Photo } from './photo.js';

/** Pixel rectangle, `right` and `bottom` exclusive. */
export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** What lies beyond `rect`: its border pixels (clamp), its mirror image without the border twice (reflect), or black. */
export interface Edge {
  mode: 'clamp' | 'reflect' | 'black';
  rect: Rect;
}

interface WarpOptions {
  width: number;
  height: number;
  /** Default: the photo's border pixels repeat. */
  edge?: Edge;
  /** Samples per output pixel and axis; default: 1 when enlarging, else 2, or one in 2 photo pixels, at most 8. */
  samples?: number;
}

/**
 * Samples `photo` at `toPhoto(u, v)` for every output pixel (u, v) into planar RGB `[1,3,height,width]` in -1..1.
 * Each output pixel averages `samples` x `samples` bilinear samples spread evenly over its area.
 */
export function warp(photo: Photo, toPhoto: Affine, options: WarpOptions): Tensor {
  const { width, height } = options;
  const edge = options.edge ?? {
    mode: 'clamp',
    rect: { left: 0, top: 0, right: photo.width, bottom: photo.height },
  };
  const samples = options.samples ?? samplesFor(scaleOf(toPhoto));
  const pixels = tensor([1, 3, height, width]);
  const target = { out: pixels.data, width, height };
  const source = { photo, toPhoto, samples, edge };
  for (const block of blocksOf(width, height)) {
    const sample = isInside(toPhoto, block, edge.rect) ? sampleInside : sampleAcross;
    sample(source, target, block);
  }
  return pixels;
}

/** Side of the blocks of output pixels; only those that reach over the edge take the slow way. */
const BLOCK_PX = 64;

function* blocksOf(width: number, height: number): Generator<Rect> {
  for (let top = 0; top < height; top += BLOCK_PX)
    for (let left = 0; left < width; left += BLOCK_PX)
      yield { left, top, right: Math.min(left + BLOCK_PX, width), bottom: Math.min(top + BLOCK_PX, height) };
}

interface Target {
  /** Three planes of `width * height`. */
  out: Float32Array;
  width: number;
  height: number;
}

// A bilinear sample covers two pixels, so one in 2 pixels leaves no pixel out; one alone would alias when reducing.
function samplesFor(scale: number): number {
  return scale <= 1 ? 1 : Math.min(8, Math.max(2, Math.ceil(scale / 2)));
}

interface Source {
  photo: Photo;
  toPhoto: Affine;
  samples: number;
  edge: Edge;
}

/** Whether every sample and its right and lower neighbours lie inside the rectangle: an affine map is judged by corners. */
function isInside(toPhoto: Affine, block: Rect, rect: Rect): boolean {
  const [left, top, right, bottom] = [
    block.left - 0.5,
    block.top - 0.5,
    block.right - 0.5,
    block.bottom - 0.5,
  ];
  const corners: Point[] = [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ];
  return corners
    .map((corner) => mapPoint(toPhoto, corner))
    .every(([x, y]) => x >= rect.left && y >= rect.top && x < rect.right - 1 && y < rect.bottom - 1);
}

/** The hot loop: no border in reach, so neighbours are at fixed distances in memory. */
function sampleInside({ photo, toPhoto, samples }: Source, target: Target, block: Rect): void {
  const [a, b, c, d, e, f] = toPhoto;
  const { data } = photo;
  const { out, width, height } = target;
  const stride = photo.width * 3;
  const plane = width * height;
  const norm = 2 / 255 / (samples * samples);
  for (let v = block.top; v < block.bottom; v++) {
    for (let u = block.left, at = v * width + u; u < block.right; u++, at++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let j = 0; j < samples; j++) {
        const sv = v + (j + 0.5) / samples - 0.5;
        let x = a * (u + 0.5 / samples - 0.5) + b * sv + c;
        let y = d * (u + 0.5 / samples - 0.5) + e * sv + f;
        for (let i = 0; i < samples; i++, x += a / samples, y += d / samples) {
          const left = x | 0;
          const top = y | 0;
          const fx = x - left;
          const fy = y - top;
          const w01 = fx - fx * fy;
          const w11 = fx * fy;
          const w10 = fy - w11;
          const w00 = 1 - fx - w10;
          const p = top * stride + left * 3;
          const q = p + stride;
          red += w00 * data[p] + w01 * data[p + 3] + w10 * data[q] + w11 * data[q + 3];
          green += w00 * data[p + 1] + w01 * data[p + 4] + w10 * data[q + 1] + w11 * data[q + 4];
          blue += w00 * data[p + 2] + w01 * data[p + 5] + w10 * data[q + 2] + w11 * data[q + 5];
        }
      }
      out[at] = red * norm - 1;
      out[plane + at] = green * norm - 1;
      out[2 * plane + at] = blue * norm - 1;
    }
  }
}

/** The same where the picture reaches over the border: each neighbour is looked up through the edge rule. */
function sampleAcross({ photo, toPhoto, samples, edge }: Source, target: Target, block: Rect): void {
  const [a, b, c, d, e, f] = toPhoto;
  const { out, width, height } = target;
  const plane = width * height;
  const norm = 2 / 255 / (samples * samples);
  const sum = new Float64Array(3);
  const add = edgeSampler(photo, edge, sum);
  for (let v = block.top; v < block.bottom; v++) {
    for (let u = block.left, at = v * width + u; u < block.right; u++, at++) {
      sum.fill(0);
      for (let j = 0; j < samples; j++) {
        const sv = v + (j + 0.5) / samples - 0.5;
        for (let i = 0; i < samples; i++) {
          const su = u + (i + 0.5) / samples - 0.5;
          add(a * su + b * sv + c, d * su + e * sv + f);
        }
      }
      for (let channel = 0; channel < 3; channel++) out[channel * plane + at] = sum[channel] * norm - 1;
    }
  }
}

/** Adds the bilinear sample at (x, y) to `sum`, under the edge rule. */
function edgeSampler({ data, width }: Photo, edge: Edge, sum: Float64Array): (x: number, y: number) => void {
  const { left, top, right, bottom } = edge.rect;
  const place = edge.mode === 'reflect' ? reflected : clamped;
  return (x, y) => {
    if (edge.mode === 'black' && !covers(edge.rect, x, y)) return;
    const column = Math.floor(x);
    const row = Math.floor(y);
    const x0 = place(column, left, right);
    const x1 = place(column + 1, left, right);
    const upper = place(row, top, bottom) * width;
    const lower = place(row + 1, top, bottom) * width;
    addRowMix(data, (upper + x0) * 3, (upper + x1) * 3, x - column, 1 - (y - row), sum);
    addRowMix(data, (lower + x0) * 3, (lower + x1) * 3, x - column, y - row, sum);
  };
}

/** Adds `weight` times the mix of two pixels of a row, given by their places in memory. */
function addRowMix(
  data: Uint8Array,
  left: number,
  right: number,
  share: number,
  weight: number,
  sum: Float64Array,
): void {
  const w1 = share * weight;
  const w0 = weight - w1;
  sum[0] += w0 * data[left] + w1 * data[right];
  sum[1] += w0 * data[left + 1] + w1 * data[right + 1];
  sum[2] += w0 * data[left + 2] + w1 * data[right + 2];
}

// Pixel areas, not centres: the outermost half pixel still belongs to the picture.
const covers = ({ left, top, right, bottom }: Rect, x: number, y: number): boolean =>
  x >= left - 0.5 && y >= top - 0.5 && x < right - 0.5 && y < bottom - 0.5;

const clamped = (at: number, low: number, high: number): number =>
  at < low ? low : at >= high ? high - 1 : at;

/** Mirrors an index into low..high-1, the border pixel itself not repeated (numpy's `reflect`). */
function reflected(at: number, low: number, high: number): number {
  if (at >= low && at < high) return at;
  const last = high - 1 - low;
  if (last === 0) return low;
  const phase = Math.abs(at - low) % (2 * last);
  return low + (phase > last ? 2 * last - phase : phase);
}
