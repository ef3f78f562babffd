// What a frame looks like at a glance, and whether another shot begins with it.

import type { Photo } from '../photo/photo.js';

/** A frame in few numbers; plain data. */
export interface Look {
  /** Shares of 8 x 8 x 8 colours; they sum to 1. */
  colours: Float32Array;
  /** Mean red, green and blue of `GRID` x `GRID` fields, plane by plane, 0..255. */
  fields: Float32Array;
}

const GRID = 24;
const PLANE = GRID * GRID;
/** Pixels that are looked at, on each side: a cut shows in far fewer. */
const SAMPLES = 192;

// Measured on 91 pairs of unlike photos, and on pans, zooms, shakes and fades of photos at 25 frames a second. Between two photos at
// least 0.35 of the colours and 0.17 of the fields change. Within shots a shake changes up to 0.22 and 0.37, a fade of a second
// up to 0.36 and 0.03: never both as much.
const CUT_COLOURS = 0.28;
const CUT_FIELDS = 0.07;
/** Nothing is to be seen in a frame whose fields deviate by less, of 255 levels: between two shots, or before the first. */
const BLANK_LEVELS = 3;
/** While a picture fades in its contrast grows by more than this from frame to frame. */
const FADE_GROWTH = 1.02;

/** Looks at every so many pixels of a frame. */
export function lookAt({ data, width, height }: Photo): Look {
  const colours = new Float32Array(512);
  const fields = new Float32Array(3 * PLANE);
  const counts = new Float32Array(PLANE);
  const [columns, rows] = [Math.min(width, SAMPLES), Math.min(height, SAMPLES)];
  for (let row = 0; row < rows; row++) {
    const y = Math.floor(((row + 0.5) * height) / rows);
    for (let column = 0; column < columns; column++) {
      const at = (y * width + Math.floor(((column + 0.5) * width) / columns)) * 3;
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
      colours[((r >> 5) << 6) | ((g >> 5) << 3) | (b >> 5)] += 1 / (rows * columns);
      const field = Math.floor((row * GRID) / rows) * GRID + Math.floor((column * GRID) / columns);
      fields[field] += r;
      fields[PLANE + field] += g;
      fields[2 * PLANE + field] += b;
      counts[field]++;
    }
  }
  return { colours, fields: fields.map((sum, at) => sum / Math.max(counts[at % PLANE], 1)) };
}

/**
 * Whether a cut lies between two frames: other colours, and elsewhere. Both must differ, as a pan moves the fields and keeps
 * the colours. A cut between shots of the same colours goes unseen, and may: what styles measure hardly changes there.
 */
export const isCut = (before: Look, after: Look): boolean =>
  colourChange(before, after) > CUT_COLOURS && fieldChange(before, after) > CUT_FIELDS;

/** The part of the pixels that have another of the 512 colours, 0..1: 1 minus the histograms' intersection (Swain, Ballard 1991). */
export const colourChange = ({ colours: a }: Look, { colours: b }: Look): number =>
  1 - a.reduce((shared, part, at) => shared + Math.min(part, b[at]), 0);

/** Mean change of the fields, 0..1. */
export const fieldChange = ({ fields: a }: Look, { fields: b }: Look): number =>
  a.reduce((sum, level, at) => sum + Math.abs(level - b[at]), 0) / a.length / 255;

/** Whether there is nothing in it but one tone. */
export const isBlank = (look: Look): boolean => contrastOf(look) < BLANK_LEVELS;

/** Whether the second frame shows more of what the first began to show. */
export const fadesIn = (before: Look, after: Look): boolean =>
  contrastOf(after) > FADE_GROWTH * contrastOf(before);

/** Standard deviation of the fields from the mean of their channel, in levels. */
function contrastOf({ fields }: Look): number {
  const planes = [0, 1, 2].map((channel) => fields.subarray(channel * PLANE, (channel + 1) * PLANE));
  const variances = planes.map((plane) => {
    const mean = plane.reduce((sum, level) => sum + level, 0) / PLANE;
    return plane.reduce((sum, level) => sum + (level - mean) ** 2, 0) / PLANE;
  });
  return Math.sqrt(Math.max(...variances));
}
