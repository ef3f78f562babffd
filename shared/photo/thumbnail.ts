// An image file -> a small JPEG of it, for lists and editors.

import { sharp } from './codec.js';

/** Good enough for a stamp, some kilobytes. */
const QUALITY = 78;
const WHITE = '#ffffff';

/**
 * A JPEG whose longer side is at most `sidePx` (whole number from 1); smaller pictures keep their size. It is for files
 * that nigaoe made itself: nothing is refused here, transparency is laid on white, and what the file says of itself is left out.
 */
export async function drawThumbnail(file: Uint8Array, sidePx: number): Promise<Uint8Array> {
  return sharp(file, { limitInputPixels: false })
    .rotate()
    .resize(sidePx, sidePx, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: WHITE })
    .jpeg({ quality: QUALITY })
    .toBuffer();
}
