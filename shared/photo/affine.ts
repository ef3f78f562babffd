// Affine maps between pixel grids. Points are pixel indices: (0, 0) is the centre of the top-left pixel.

/** `[a, b, c, d, e, f]`: x' = a x + b y + c, y' = d x + e y + f. */
export type Affine = readonly [number, number, number, number, number, number];
/** x (right) and y (down) in pixels. */
export type Point = readonly [number, number];

/** Where the map takes a point. */
export function mapPoint([a, b, c, d, e, f]: Affine, [x, y]: Point): Point {
  return [a * x + b * y + c, d * x + e * y + f];
}

/** The map that first does `inner`, then `outer`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f];
}

/** The way back; the map must not flatten the plane. */
export function invert([a, b, c, d, e, f]: Affine): Affine {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

/** Pixels per pixel: the square root of the map's area factor. */
export function scaleOf([a, b, , d, e]: Affine): number {
  return Math.sqrt(Math.abs(a * e - b * d));
}

/**
 * The map of a grid of `from` pixels onto the same picture at `to` pixels. Outer edges meet, so centres shift by half
 * a pixel's difference.
 */
export function rescale(
  from: { width: number; height: number },
  to: { width: number; height: number },
): Affine {
  const x = to.width / from.width;
  const y = to.height / from.height;
  return [x, 0, (x - 1) / 2, 0, y, (y - 1) / 2];
}
