// Colour match at the rim of a blended face, so that no seam shows.

import { pixelInOval } from './oval.js';

/** Directions in which the rim is compared. */
const DIRECTIONS = 64;
/** Harmonics kept: the match follows light from one side and hair above, not single strands. */
const HARMONICS = 5;
/** The comparison ring: where the drawing fades out. */
const RING = [0.74, 0.82, 0.9, 0.97] as const;
/** Nearer to the centre than this the drawing keeps its own colours. */
const UNTOUCHED_RADIUS = 0.25;

/** Reads one channel (-1..1) at a crop pixel. */
export type Sampler = (u: number, v: number, channel: number) => number;

/** What to add to a channel of the drawing at a place in the oval. */
export type RimMatch = (radius: number, angleRad: number, channel: number) => number;

/**
 * The difference photo - drawing along the rim, carried inwards as a membrane. On a disc the harmonic function with rim
 * values f is a0 + sum r^n (a_n cos n t + b_n sin n t), f's Fourier series: seamless cloning (Perez et al. 2003) in
 * closed form. It fades out towards the centre, where the style's own colours are wanted.
 */
export function matchRim(photo: Sampler, drawing: Sampler, sidePx: number): RimMatch {
  const series = [0, 1, 2].map((channel) => fourier(rimDifference(photo, drawing, sidePx, channel)));
  return (radius, angleRad, channel) => {
    const { cosines, sines } = series[channel];
    let sum = cosines[0];
    let power = 1;
    for (let n = 1; n <= HARMONICS; n++) {
      power *= radius;
      sum += power * (cosines[n] * Math.cos(n * angleRad) + sines[n] * Math.sin(n * angleRad));
    }
    return sum * fadeIn(radius);
  };
}

function rimDifference(photo: Sampler, drawing: Sampler, sidePx: number, channel: number): number[] {
  return Array.from({ length: DIRECTIONS }, (_, i) => {
    const angleRad = (i / DIRECTIONS) * 2 * Math.PI;
    const differences = RING.map((radius) => {
      const [u, v] = pixelInOval(radius, angleRad, sidePx);
      return photo(u, v, channel) - drawing(u, v, channel);
    });
    return differences.reduce((sum, value) => sum + value, 0) / RING.length;
  });
}

/** Fourier coefficients, damped towards the high ones so that a single odd direction does not ring (Fejer weights). */
function fourier(values: readonly number[]): { cosines: number[]; sines: number[] } {
  const coefficient = (n: number, wave: (angleRad: number) => number) => {
    const sum = values.reduce(
      (total, value, i) => total + value * wave((n * i * 2 * Math.PI) / values.length),
      0,
    );
    return ((n === 0 ? 1 : 2) * sum * (1 - n / (HARMONICS + 1))) / values.length;
  };
  const orders = Array.from({ length: HARMONICS + 1 }, (_, n) => n);
  return {
    cosines: orders.map((n) => coefficient(n, Math.cos)),
    sines: orders.map((n) => coefficient(n, Math.sin)),
  };
}

function fadeIn(radius: number): number {
  const t = Math.min(Math.max((radius - UNTOUCHED_RADIUS) / (1 - UNTOUCHED_RADIUS), 0), 1);
  return t * t * (3 - 2 * t);
}
