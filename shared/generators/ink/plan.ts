// From the picture's size to the sizes of the planes on which the steps of the drawing are computed.

import type { Look } from './look.js';
import type { SizePx } from './plane.js';

/** Lines are looked for on a plane whose size lies between these: finer pixels cost time and add nothing. */
const LINES_MIN_PX = 480;
const LINES_MAX_PX = 1440;
/** More enlargement than this would draw the interpolation. */
const MAX_ENLARGE = 4;
/** Sides of a panorama: beyond this the long side sets the size, or its strokes would be hairs. */
const PANORAMA = 3;
/** The lines' plane is halved twice: for the bold pen, and for the look ahead along its lines. */
const HALVINGS = 4;
/** Coefficients of a guided filter are computed with about this many pixels per radius (s = r/4 in the paper). */
const WINDOW_PX = 3;

export interface Plan {
  /** What "the picture's size" means: its short side, or a third of its long side if that is more. */
  sizePx: number;
  /** Sides must be multiples of this, so that every smaller plane has whole pixels. */
  blockPx: number;
  /** The plane of the lines is smaller by the one, or larger by the other. */
  lines: { shrinkBy: number; enlargeBy: number };
  /** Factor of the smaller plane on which the coefficients of the large windows are computed. */
  windowShrinkBy: number;
}

/** @param sizePx the size of the whole picture, where the plane is a tile of it */
export function planFor(picture: SizePx, look: Look, sizePx = sizeOfPicture(picture)): Plan {
  const shrinkBy = Math.max(1, Math.floor(sizePx / (LINES_MAX_PX / 2)));
  const windowShrinkBy = shrinkForWindow(Math.max(...look.paint.radii) * sizePx);
  const blockPx = HALVINGS * shrinkBy * windowShrinkBy;
  return { sizePx, blockPx, lines: { shrinkBy, enlargeBy: enlargeForLines(sizePx) }, windowShrinkBy };
}

function sizeOfPicture({ width, height }: SizePx): number {
  return Math.max(Math.min(width, height), Math.max(width, height) / PANORAMA);
}

function enlargeForLines(sizePx: number): number {
  let factor = 1;
  while (sizePx * factor < LINES_MIN_PX && factor < MAX_ENLARGE) factor *= 2;
  return factor;
}

function shrinkForWindow(radiusPx: number): number {
  return Math.max(1, Math.round(radiusPx / WINDOW_PX));
}
