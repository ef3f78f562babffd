// The soft oval inside an aligned square, in which a drawn face replaces the photo.

import type { Affine } from '../photo/affine.js';

/** Half axes in units of the square's side: narrower than tall, and clear of the square's border. */
const HALF_WIDTH = 0.42;
const HALF_HEIGHT = 0.48;
/** Distance (1 is the oval's edge) from which the drawing fades out. */
const FADE_FROM = 0.62;

/**
 * Crop pixel -> oval coordinates for a crop of `sidePx`: the oval is the unit circle about (0, 0).
 */
export function toOval(sidePx: number): Affine {
  const x = 1 / (HALF_WIDTH * sidePx);
  const y = 1 / (HALF_HEIGHT * sidePx);
  return [x, 0, (0.5 - sidePx / 2) * x, 0, y, (0.5 - sidePx / 2) * y];
}

/** How much of the drawing shows at a distance from the centre: 1 inside, 0 from the oval's edge on, smooth between. */
function ovalWeight(radius: number): number {
  if (radius >= 1) return 0;
  if (radius <= FADE_FROM) return 1;
  const t = (1 - radius) / (1 - FADE_FROM);
  return t * t * (3 - 2 * t);
}

/** `ovalWeight` by the square of the distance, 0..1 in 1024 steps: what the blending loop looks up. */
export const OVAL_WEIGHTS = Float32Array.from({ length: 1025 }, (_, i) => ovalWeight(Math.sqrt(i / 1024)));
