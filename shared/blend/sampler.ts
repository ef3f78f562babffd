// Reads colours between pixels into one buffer per sampler, so that nothing is allocated per pixel.

import type { Affine } from '../photo/affine.js';
import type { Photo } from '../photo/photo.js';
import type { Tensor } from '../tensor.js';

/** Reads the three channels (-1..1) at a place; the buffer is overwritten by the next call. */
export type Sampler = (x: number, y: number) => Float64Array;

/** Reads planar pixels at pixel indices, bilinearly; beyond the border the border pixel. */
export function planeSampler({ dims: [, , height, width], data }: Tensor): Sampler {
  const plane = height * width;
  const colour = new Float64Array(3);
  return (x, y) => {
    const cx = bounded(x, width - 1.001);
    const cy = bounded(y, height - 1.001);
    const fx = cx - (cx | 0);
    const fy = cy - (cy | 0);
    let at = (cy | 0) * width + (cx | 0);
    for (let channel = 0; channel < 3; channel++, at += plane) {
      const upper = data[at] + (data[at + 1] - data[at]) * fx;
      const lower = data[at + width] + (data[at + width + 1] - data[at + width]) * fx;
      colour[channel] = upper + (lower - upper) * fy;
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
