// Blurs small planar pictures and reads them between their pixels.

import { planeSize, type Tensor } from '../tensor.js';

/** Separable Gaussian over planes, edges mirrored, kernel cut at four sigmas. */
export function gaussianBlur(pixels: Tensor, sigmaPx: number): Tensor {
  const { height, width } = planeSize(pixels);
  const kernel = gaussian(sigmaPx);
  const turned = transposePlanes(filterLines(pixels.data, kernel, width), width, height);
  const data = transposePlanes(filterLines(turned, kernel, height), height, width);
  return { dims: pixels.dims, data };
}

/** Weights of a Gaussian that sum to 1. */
function gaussian(sigmaPx: number): Float32Array {
  const radius = Math.ceil(4 * sigmaPx);
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigmaPx ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float32Array.from(weights, (weight) => weight / total);
}

/** Filters every line of `length` values, whatever planes they belong to. */
function filterLines(data: Float32Array, kernel: Float32Array, length: number): Float32Array {
  const radius = kernel.length >> 1;
  const places = Int32Array.from({ length: length + 2 * radius }, (_, i) => mirrored(i - radius, length));
  const out = new Float32Array(data.length);
  for (let line = 0; line < data.length; line += length) {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k] * data[line + places[i + k]];
      out[line + i] = sum;
    }
  }
  return out;
}

function transposePlanes(data: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(data.length);
  const plane = width * height;
  for (let at = 0; at < data.length; at++) {
    const within = at % plane;
    out[at - within + (within % width) * height + Math.trunc(within / width)] = data[at];
  }
  return out;
}

/** Mirrors an index into 0..length-1 with the border pixel repeated (the rule of scipy's Gaussian). */
function mirrored(at: number, length: number): number {
  const phase = ((at % (2 * length)) + 2 * length) % (2 * length);
  return phase < length ? phase : 2 * length - 1 - phase;
}

/** The three channels at (x, y), interpolated into `colour`; beyond the border the border pixel. */
export function bilinear(
  { dims: [, , height, width], data }: Tensor,
  x: number,
  y: number,
  colour: Float64Array,
): Float64Array {
  const cx = Math.min(Math.max(x, 0), width - 1);
  const cy = Math.min(Math.max(y, 0), height - 1);
  const left = Math.min(Math.trunc(cx), Math.max(width - 2, 0));
  const top = Math.min(Math.trunc(cy), Math.max(height - 2, 0));
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  for (let channel = 0; channel < 3; channel++) {
    const at = (channel * height + top) * width + left;
    const upper = mix(data[at], data[at + right], cx - left);
    colour[channel] = mix(upper, mix(data[at + below], data[at + below + right], cx - left), cy - top);
  }
  return colour;
}

/** A number between two. */
export const mix = (from: number, to: number, amount: number): number => from + (to - from) * amount;
