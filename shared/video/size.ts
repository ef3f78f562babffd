// How large frames are drawn.

import type { Film } from './film.js';

interface Sides {
  width: number;
  height: number;
}

export interface FrameSize extends Sides {
  /** What is left of the source's frames before they are scaled, from the top left; all where it is absent. */
  crop?: Sides | undefined;
}

/**
 * The sides of frames whose long side is at most `maxSidePx` (0: as it is). `isEven`: colours of half the resolution take even
 * sides; a row or column is cut off for it, because scaling by one pixel would blur all others.
 */
export function frameSize({ width, height }: Sides, maxSidePx: number, isEven: boolean): FrameSize {
  const crop = isEven ? { width: even(width), height: even(height) } : { width, height };
  const factor = maxSidePx > 0 ? Math.min(1, maxSidePx / Math.max(crop.width, crop.height)) : 1;
  const scaled = (side: number) =>
    isEven ? Math.max(2, 2 * Math.round((side * factor) / 2)) : Math.max(1, Math.round(side * factor));
  const isCropped = crop.width !== width || crop.height !== height;
  return { width: scaled(crop.width), height: scaled(crop.height), crop: isCropped ? crop : undefined };
}

const even = (side: number): number => Math.max(2, side - (side % 2));

/** `540 x 960`. */
export const sides = ({ width, height }: Pick<Film, 'width' | 'height'>): string => `${width} x ${height}`;
