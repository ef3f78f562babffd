// The 68-point iBUG scheme: its parts, and how the 98 points of WFLW map onto it.

import type { Point } from '../photo/affine.js';

/** A part of the face: its landmarks first to last, whether the line closes, and the colour it is drawn in. */
export interface Part {
  name: string;
  first: number;
  last: number;
  closed: boolean;
  /** RGB 0..255; the soft colours of the classic overlay. */
  colour: readonly [number, number, number];
}

export const PARTS: readonly Part[] = [
  { name: 'jaw', first: 0, last: 16, closed: false, colour: [174, 199, 232] },
  { name: 'right brow', first: 17, last: 21, closed: false, colour: [255, 127, 14] },
  { name: 'left brow', first: 22, last: 26, closed: false, colour: [255, 127, 14] },
  { name: 'nose bridge', first: 27, last: 30, closed: false, colour: [86, 163, 122] },
  { name: 'nostrils', first: 31, last: 35, closed: false, colour: [86, 163, 122] },
  { name: 'right eye', first: 36, last: 41, closed: true, colour: [152, 114, 203] },
  { name: 'left eye', first: 42, last: 47, closed: true, colour: [152, 114, 203] },
  { name: 'outer lips', first: 48, last: 59, closed: true, colour: [214, 69, 72] },
  { name: 'inner lips', first: 60, last: 67, closed: true, colour: [234, 140, 140] },
];

// WFLW (Wu et al. 2018) runs twice as dense along the jaw, draws brows as closed bands and eyes with eight points.
const JAW = Array.from({ length: 17 }, (_, i) => 2 * i);
const BROWS = [33, 34, 35, 36, 37, 42, 43, 44, 45, 46];
const NOSE = Array.from({ length: 9 }, (_, i) => 51 + i);
const EYES = [60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75];
const MOUTH = Array.from({ length: 20 }, (_, i) => 76 + i);
const FROM_98 = [...JAW, ...BROWS, ...NOSE, ...EYES, ...MOUTH];

/** The 68 points among the 98 of WFLW. */
export function from98(points: readonly Point[]): Point[] {
  return FROM_98.map((index) => points[index]);
}

/** For each landmark its partner on the other side of the face. */
const PARTNERS: readonly number[] = partners();

/** The landmarks of the mirrored face, in the scheme's order again: `x -> width - 1 - x`, sides exchanged. */
export function mirrored(points: readonly Point[], width: number): Point[] {
  return PARTNERS.map((partner) => [width - 1 - points[partner][0], points[partner][1]]);
}

// Runs that face each other: the first run reads forwards where the second reads backwards.
function partners(): number[] {
  const table = Array.from({ length: 68 }, (_, i) => i);
  const exchange = (first: readonly number[], second: readonly number[]) => {
    for (const [i, index] of first.entries()) [table[index], table[second[i]]] = [second[i], index];
  };
  exchange([0, 1, 2, 3, 4, 5, 6, 7], [16, 15, 14, 13, 12, 11, 10, 9]);
  exchange([17, 18, 19, 20, 21], [26, 25, 24, 23, 22]);
  exchange([31, 32], [35, 34]);
  exchange([36, 37, 38, 39, 40, 41], [45, 44, 43, 42, 47, 46]);
  exchange([48, 49, 50, 59, 58], [54, 53, 52, 55, 56]);
  exchange([60, 61, 67], [64, 63, 65]);
  return table;
}
