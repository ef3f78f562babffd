// A JPEG as a small grey picture, and how far two of them lie apart: enough to see that something moved.

import jpeg from 'jpeg-js';

/** Width and height of the small picture. */
const COLUMNS = 64;
const ROWS = 48;

/** COLUMNS x ROWS means of the luma (ITU-R BT.601), 0..255, row by row. Throws for what is no JPEG, or too large. */
export function greyOf(file: Uint8Array): Float32Array {
  const { width, height, data } = jpeg.decode(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: true,
    maxResolutionInMP: MOST_MEGAPIXELS,
    maxMemoryUsageInMB: MOST_MEGABYTES,
  });
  const sums = new Float32Array(COLUMNS * ROWS);
  const counts = new Uint32Array(COLUMNS * ROWS);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.trunc((y * ROWS) / height) * COLUMNS;
    for (let x = 0; x < width; x++, at += 3) {
      const cell = row + Math.trunc((x * COLUMNS) / width);
      sums[cell] += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
      counts[cell]++;
    }
  }
  // A picture smaller than the grid leaves cells empty: in each picture the same.
  return sums.map((sum, cell) => sum / Math.max(1, counts[cell]));
}
/** A 4K camera has 8.3 million pixels, a large one 24. */
const MOST_MEGAPIXELS = 40;
const MOST_MEGABYTES = 512;

/** Mean absolute difference of two small pictures in percent of the whole range, 0..100. */
export function differencePercent(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let cell = 0; cell < one.length; cell++) sum += Math.abs(one[cell] - other[cell]);
  return (100 * sum) / (255 * one.length);
}
