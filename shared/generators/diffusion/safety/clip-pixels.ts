// Pictures as CLIP sees them: 224 pixels square, their colours centred. In whole numbers between the steps, as Pillow
// resizes, so that checkers see what they were trained on.

import { type Tensor, tensor } from '../../../tensor.js';

const SIDE = 224;
/** Radford et al. 2021: of red, green and blue in 0..1, over the pictures of the training. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const DEVIATION = [0.26862954, 0.26130258, 0.27577711];

/** `[1,3,H,W]` in -1..1 -> `[1,3,224,224]`: the shorter side resized to 224, the middle of the other. */
export function clipPixels({ dims: [, , height, width], data }: Tensor): Tensor {
  const bytes = Float32Array.from(data, (value) => toByte((value / 2 + 0.5) * 255));
  const shorter = Math.min(height, width);
  const [rows, columns] = [height, width].map((side) => Math.floor((SIDE * side) / shorter));
  const [top, left] = [rows, columns].map((side) => Math.floor((side - SIDE) / 2));
  const seen = new Float32Array(3 * SIDE * SIDE);
  for (let channel = 0; channel < 3; channel++) {
    const plane = bytes.subarray(channel * height * width, (channel + 1) * height * width);
    // Side by side first, then one below the other: each pass turns the picture over its diagonal.
    const turned = resizedRows(plane, { from: width, to: columns });
    const resized = resizedRows(turned, { from: height, to: rows });
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        const value = resized[(top + row) * columns + left + column] / 255;
        seen[(channel * SIDE + row) * SIDE + column] = (value - MEAN[channel]) / DEVIATION[channel];
      }
  }
  return tensor([1, 3, SIDE, SIDE], seen);
}

const toByte = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

/** Rows of `from` numbers become columns of `to`. */
function resizedRows(plane: Float32Array, { from, to }: { from: number; to: number }): Float32Array {
  const count = plane.length / from;
  const resized = new Float32Array(count * to);
  for (let at = 0; at < to; at++) {
    const { first, weights } = taps(at, { from, to });
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (const [tap, weight] of weights.entries()) sum += weight * plane[row * from + first + tap];
      resized[at * count + row] = toByte(Math.floor(sum / ONE + 0.5));
    }
  }
  return resized;
}

/** Weights are whole numbers of this part, which decides where a sum lies between two bytes. */
const ONE = 2 ** 22;

/** The numbers that one of the new ones is made of: wide enough to smooth where there are fewer. */
function taps(at: number, { from, to }: { from: number; to: number }): { first: number; weights: number[] } {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const centre = (at + 0.5) * scale;
  const first = Math.max(0, Math.trunc(centre - REACH * stretch + 0.5));
  const end = Math.min(from, Math.trunc(centre + REACH * stretch + 0.5));
  const raw = Array.from({ length: end - first }, (_, tap) => cubic((first + tap - centre + 0.5) / stretch));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return { first, weights: raw.map((weight) => rounded((weight / sum) * ONE)) };
}

/** Halves away from zero. */
const rounded = (value: number): number => Math.trunc(value + Math.sign(value) / 2);

const REACH = 2;
/** Keys 1981, with a = -1/2. */
function cubic(place: number): number {
  const x = Math.abs(place);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
