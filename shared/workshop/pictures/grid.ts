// Many small pictures as one: what a training shows of itself.

import type { Photo } from '../../photo/photo.js';
import { rowsOf, type Tensor } from '../../tensor.js';

/** Tiny pictures are shown at least this wide. */
const SHOWN_PX = 56;
const GAP_PX = 4;
const NEUTRAL = 128;

/**
 * The pictures, each `[N,C,H,W]` in -1..1 (C is 1 or 3) and of one size, side by side, in rows of `columns` (whole number
 * from 1), with neutral grey around each. Pictures narrower than 56 px are enlarged by a whole factor, each pixel to a
 * square.
 */
export function grid(pictures: readonly Tensor[], columns: number): Photo {
  const all = pictures.flatMap(rowsOf);
  const [count, [, channels, height, width]] = [all.length, all[0].dims];
  const across = Math.max(1, Math.min(columns, count));
  const factor = Math.max(1, Math.ceil(SHOWN_PX / width));
  const [cellX, cellY] = [width * factor + GAP_PX, height * factor + GAP_PX];
  const sheet = { width: across * cellX + GAP_PX, height: Math.ceil(count / across) * cellY + GAP_PX };
  const pixels = new Uint8ClampedArray(sheet.width * sheet.height * 3).fill(NEUTRAL);
  for (let picture = 0; picture < count; picture++) {
    const left = GAP_PX + (picture % across) * cellX;
    const top = GAP_PX + Math.trunc(picture / across) * cellY;
    for (let y = 0; y < height * factor; y++)
      for (let x = 0; x < width * factor; x++) {
        const from = Math.trunc(y / factor) * width + Math.trunc(x / factor);
        const to = ((top + y) * sheet.width + left + x) * 3;
        for (let colour = 0; colour < 3; colour++)
          pixels[to + colour] =
            127.5 + 127.5 * all[picture].data[from + (channels === 1 ? 0 : colour) * height * width];
      }
  }
  return { data: new Uint8Array(pixels.buffer), ...sheet, metadata: { format: 'png', notices: [] } };
}

/** Stages `[N,C,H,W]` of N pictures: a row for each picture, from the first stage to the last. */
export function stageGrid(stages: readonly Tensor[]): Photo {
  const columns = stages.map(rowsOf);
  return grid(
    columns[0].flatMap((_, row) => columns.map((pictures) => pictures[row])),
    stages.length,
  );
}
