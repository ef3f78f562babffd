// Reads colours between pixels, one buffer per sampler so that the blending loops allocate nothing.

import type { Affine } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import type { Tensor } from '../tensor.js';

/** Reads the three channels (-1..1) at a place; the buffer is overwritten by the next call. */
export type Sampler = (x: number, y: number) => Float64Array;

/**
 * Reads planar pixels at pixel indices; beyond the border the border pixel. Where several pixels fall on one asked for
 * (`stepPx` above 1), the mean of a grid of samples over that area.
 */
export function planeSampler({ dims: [, , height, width], data }: Tensor, stepPx: number): Sampler {
  const grid = Math.min(4, Math.max(1, Math.round(stepPx)));
  const step = stepPx / grid;
  const start = (-(grid - 1) / 2) * step;
  const plane = height * width;
  const colour = new Float64Array(3);
  return (x, y) => {
    colour.fill(0);
    for (let j = 0; j < grid; j++) {
      const cy = bounded(y + start + j * step, height - 1.001);
      const fy = cy - (cy | 0);
      for (let i = 0; i < grid; i++) {
        const cx = bounded(x + start + i * step, width - 1.001);
        const fx = cx - (cx | 0);
        let at = (cy | 0) * width + (cx | 0);
        for (let channel = 0; channel < 3; channel++, at += plane) {
          const upper = data[at] + (data[at + 1] - data[at]) * fx;
          const lower = data[at + width] + (data[at + width + 1] - data[at + width]) * fx;
          colour[channel] += (upper + (lower - upper) * fy) / (grid * grid);
        }
      }
    }
    return colour;
  };
}

/** Reads a photo through a map from the asked-for pixels to its own, at the nearest pixel; beyond the border the border pixel. */
export function photoSampler({ data, width, height }: Photo, [a, b, c, d, e, f]: Affine): Sampler {
  const colour = new Float64Array(3);
  return (u, v) => {
    const column = bounded(Math.round(a * u + b * v + c), width - 1);
    const row = bounded(Math.round(d * u + e * v + f), height - 1);
    for (let channel = 0; channel < 3; channel++) {
      colour[channel] = data[(row * width + column) * 3 + channel] / 127.5 - 1;
    }
    return colour;
  };
}

const bounded = (value: number, most: number): number => (value < 0 ? 0 : value > most ? most : value);
