// Colour match between a drawn face and the photo around it, so that no seam shows.

import { type Affine, invert, mapPoint } from '../photo/affine.js';
import { type Tensor, tensor } from '../tensor.js';
import type { Sampler } from './sampler.js';

/** Directions in which photo and drawing are compared. */
const DIRECTIONS = 64;
const DIRECTION_ANGLES = Array.from({ length: DIRECTIONS }, (_, i) => (i / DIRECTIONS) * 2 * Math.PI);
/** Harmonics kept: the match follows light from one side and hair above, not single strands. */
const HARMONICS = 5;
/** The comparison ring (1 is the oval's edge): where the drawing fades out. */
const RING = [0.66, 0.74, 0.82, 0.9] as const;
/** Rings over the middle of the face. */
const INNER_RINGS = [0.1, 0.2, 0.3, 0.4] as const;
/** Between these distances the match passes from the face's to the rim's. */
const INNER_RADIUS = 0.3;
const OUTER_RADIUS = 0.7;
/** How far the middle of the face moves towards the photo's mean colour: less looks like a mask, more loses the style. */
const INNER_SHARE = 0.5;
/** Side of the map that the match is handed out as: it varies slowly. */
const MAP_SIDE = 64;

/**
 * What to add to the drawing, as a small planar picture over the oval's bounding square (-1..1 each way).
 *
 * The difference photo - drawing along the rim is carried inwards as a membrane. On a disc the harmonic function with
 * rim values f is a0 + sum r^n (a_n cos n t + b_n sin n t), f's Fourier series: seamless cloning (Perez et al. 2003) in
 * closed form. Towards the centre it gives way to a constant, half the difference of the mean colours of the face, so
 * that a drawn face keeps its style and still belongs to the light of the photo.
 */
export function matchRim(photo: Sampler, drawing: Sampler, toOval: Affine): Tensor {
  const compare = differences(photo, drawing, invert(toOval));
  const rim = compare(RING);
  const inner = compare(INNER_RINGS).map((values) => INNER_SHARE * mean(values));
  const series = rim.map(fourier);
  const match = tensor([1, 3, MAP_SIDE, MAP_SIDE]);
  for (let at = 0; at < match.data.length; at++) {
    const channel = Math.trunc(at / MAP_SIDE ** 2);
    const x = axisAt(at % MAP_SIDE);
    const y = axisAt(Math.trunc(at / MAP_SIDE) % MAP_SIDE);
    const radius = Math.min(1, Math.hypot(x, y));
    const outer = membrane(series[channel], radius, Math.atan2(y, x));
    match.data[at] = inner[channel] + (outer - inner[channel]) * fadeIn(radius);
  }
  return match;
}

/** Oval coordinates -> pixel of the map of `matchRim`. */
export const OVAL_TO_MAP: Affine = [
  (MAP_SIDE - 1) / 2,
  0,
  (MAP_SIDE - 1) / 2,
  0,
  (MAP_SIDE - 1) / 2,
  (MAP_SIDE - 1) / 2,
];

const axisAt = (pixel: number): number => (2 * pixel) / (MAP_SIDE - 1) - 1;

/** photo - drawing per channel and direction, the mean over some rings. */
function differences(
  photo: Sampler,
  drawing: Sampler,
  toCrop: Affine,
): (rings: readonly number[]) => number[][] {
  return (rings) => {
    const sums = [0, 1, 2].map(() => new Array<number>(DIRECTIONS).fill(0));
    for (const radius of rings) {
      for (const [direction, angleRad] of DIRECTION_ANGLES.entries()) {
        const [u, v] = mapPoint(toCrop, [radius * Math.cos(angleRad), radius * Math.sin(angleRad)]);
        const [shown, drawn] = [photo(u, v), drawing(u, v)];
        for (const [channel, sum] of sums.entries())
          sum[direction] += (shown[channel] - drawn[channel]) / rings.length;
      }
    }
    return sums;
  };
}

interface Series {
  cosines: number[];
  sines: number[];
}

function membrane({ cosines, sines }: Series, radius: number, angleRad: number): number {
  let sum = cosines[0];
  let power = 1;
  for (let n = 1; n <= HARMONICS; n++) {
    power *= radius;
    sum += power * (cosines[n] * Math.cos(n * angleRad) + sines[n] * Math.sin(n * angleRad));
  }
  return sum;
}

/** Fourier coefficients, damped towards the high ones so that a single odd direction does not ring (Fejer weights). */
function fourier(values: readonly number[]): Series {
  const coefficient = (n: number, wave: (angleRad: number) => number) => {
    const sum = values.reduce((total, value, i) => total + value * wave(n * DIRECTION_ANGLES[i]), 0);
    return ((n === 0 ? 1 : 2) * sum * (1 - n / (HARMONICS + 1))) / values.length;
  };
  const orders = Array.from({ length: HARMONICS + 1 }, (_, n) => n);
  return {
    cosines: orders.map((n) => coefficient(n, Math.cos)),
    sines: orders.map((n) => coefficient(n, Math.sin)),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function fadeIn(radius: number): number {
  const t = Math.min(Math.max((radius - INNER_RADIUS) / (OUTER_RADIUS - INNER_RADIUS), 0), 1);
  return t * t * (3 - 2 * t);
}
