// What a frame looks like at a glance, and whether another shot begins with it.

import type { Photo } from '../photo/photo.js';

/** A frame in few numbers; plain data. */
export interface Look {
  /** Shares of 8 x 8 x 8 colours; they sum to 1. */
  colours: Float32Array;
  /** Mean brightness of `GRID` x `GRID` fields, 0..255. */
  fields: Float32Array;
}

const GRID = 24;
/** Pixels that are looked at, on each side: a cut shows in far fewer. */
const SAMPLES = 192;

// Measured by bench/video.ts on cuts, pans, zooms and shakes (docs/video.md): within shots at most 0.2 of the colours and 0.06 of
// the brightness change from frame to frame, at cuts at least 0.5 and 0.1.
const CUT_COLOURS = 0.35;
const CUT_FIELDS = 0.06;
/** Nothing is to be seen in a frame whose fields deviate by less, of 255 levels: between two shots, or before the first. */
const BLANK_LEVELS = 3;
/** While a picture fades in its contrast grows by more than this from frame to frame. */
const FADE_GROWTH = 1.02;

/** Looks at every so many pixels of a frame. */
export function lookAt({ data, width, height }: Photo): Look {
  const colours = new Float32Array(512);
  const fields = new Float32Array(GRID * GRID);
  const counts = new Float32Array(GRID * GRID);
  const [columns, rows] = [Math.min(width, SAMPLES), Math.min(height, SAMPLES)];
  for (let row = 0; row < rows; row++) {
    const y = Math.floor(((row + 0.5) * height) / rows);
    for (let column = 0; column < columns; column++) {
      const at = (y * width + Math.floor(((column + 0.5) * width) / columns)) * 3;
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
      colours[((r >> 5) << 6) | ((g >> 5) << 3) | (b >> 5)] += 1 / (rows * columns);
      const field = Math.floor((row * GRID) / rows) * GRID + Math.floor((column * GRID) / columns);
      // Luma of BT.709.
      fields[field] += 0.2126 * r + 0.7152 * g + 0.0722 * b;
      counts[field]++;
    }
  }
  return { colours, fields: fields.map((sum, at) => sum / Math.max(counts[at], 1)) };
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

/** Mean change of brightness, 0..1. */
export const fieldChange = ({ fields: a }: Look, { fields: b }: Look): number =>
  a.reduce((sum, level, at) => sum + Math.abs(level - b[at]), 0) / a.length / 255;

/** Whether there is nothing in it but one tone. */
export const isBlank = (look: Look): boolean => contrastOf(look) < BLANK_LEVELS;

/** Whether the second frame shows more of what the first began to show. */
export const fadesIn = (before: Look, after: Look): boolean =>
  contrastOf(after) > FADE_GROWTH * contrastOf(before);

/** Standard deviation of the fields, in levels. */
function contrastOf({ fields }: Look): number {
  const mean = fields.reduce((sum, level) => sum + level, 0) / fields.length;
  return Math.sqrt(fields.reduce((sum, level) => sum + (level - mean) ** 2, 0) / fields.length);
}
