// The soft oval inside an aligned square, in which a drawn face replaces the photo.

import type { Affine } from '../photo/affine.js';

/** Half axes in units of the square's side: narrower than tall, and clear of the square's border. */
const HALF_WIDTH = 0.44;
const HALF_HEIGHT = 0.48;
/** Distance (1 is the oval's edge) from which the drawing fades out. */
const FADE_FROM = 0.72;

/** Place of a crop pixel in the oval: 0 at its centre, 1 on its edge, and the angle about the centre. */
export function polarInOval(u: number, v: number, sidePx: number): { radius: number; angleRad: number } {
  const x = ((u + 0.5) / sidePx - 0.5) / HALF_WIDTH;
  const y = ((v + 0.5) / sidePx - 0.5) / HALF_HEIGHT;
  return { radius: Math.hypot(x, y), angleRad: Math.atan2(y, x) };
}

/** The crop pixel at a place in the oval. */
export function pixelInOval(radius: number, angleRad: number, sidePx: number): readonly [number, number] {
  return [
    (0.5 + HALF_WIDTH * radius * Math.cos(angleRad)) * sidePx - 0.5,
    (0.5 + HALF_HEIGHT * radius * Math.sin(angleRad)) * sidePx - 0.5,
  ];
}

/** How much of the drawing shows at a distance from the centre: 1 inside, 0 from the oval's edge on, smooth between. */
export function ovalWeight(radius: number): number {
  if (radius >= 1) return 0;
  if (radius <= FADE_FROM) return 1;
  const t = (1 - radius) / (1 - FADE_FROM);
  return t * t * (3 - 2 * t);
}

/** An oval on the photo: the map from photo pixels into its crop. */
export interface Oval {
  toCrop: Affine;
  sidePx: number;
}
