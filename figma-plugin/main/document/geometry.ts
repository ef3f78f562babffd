// Places on the canvas: Figma's 2 x 3 matrices, and rectangles around several things.

import type { Rect, Transform } from '@figma/plugin-typings/plugin-api-standalone.js';

/** A move by so many pixels. */
export function shift(x: number, y: number): Transform {
  return [
    [1, 0, x],
    [0, 1, y],
  ];
}

/** First `b`, then `a`. */
export function times(a: Transform, b: Transform): Transform {
  const [[a00, a01, a02], [a10, a11, a12]] = a;
  const [[b00, b01, b02], [b10, b11, b12]] = b;
  return [
    [a00 * b00 + a01 * b10, a00 * b01 + a01 * b11, a00 * b02 + a01 * b12 + a02],
    [a10 * b00 + a11 * b10, a10 * b01 + a11 * b11, a10 * b02 + a11 * b12 + a12],
  ];
}

/** The way back. Layers are turned, mirrored and skewed but never flat, so that there is one. */
export function inverse([[a, c, e], [b, d, f]]: Transform): Transform {
  const area = a * d - b * c;
  return [
    [d / area, -c / area, (c * f - d * e) / area],
    [-b / area, a / area, (b * e - a * f) / area],
  ];
}

/** From the left end of the leftmost to the right end of the rightmost, in pixels. */
export function widthOfAll(rects: readonly Rect[]): number {
  if (rects.length === 0) return 0;
  return Math.max(...rects.map(({ x, width }) => x + width)) - Math.min(...rects.map(({ x }) => x));
}
