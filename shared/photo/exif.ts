// EXIF blocks: made true for upright sRGB pixels on the way in, carried into any format on the way out.

import { type Raster, type Sharp, sharp } from './codec.js';
import { insertChunks } from './png-chunks.js';
import { endDirectories, tiffTags, writeShort } from './tiff-tags.js';

const PREFIX = 'Exif\0\0';
const TAG = { orientation: 0x0112, exifIfd: 0x8769, colorSpace: 0xa001 };
// Where the thumbnail starts and how long it is, as JPEG and as bare pixels.
const THUMBNAIL_SPANS = [
  [0x0201, 0x0202],
  [0x0111, 0x0117],
] as const;
const UPRIGHT = 1;
const SRGB = 1;

/**
 * A copy of a file's EXIF block that is true for the decoded pixels: orientation 1, colour space sRGB, no thumbnail. It
 * starts with the byte order (`II` or `MM`), without the `Exif` prefix that some containers put before it. Undefined for a
 * broken block.
 */
export function uprightExif(raw: Uint8Array): Uint8Array | undefined {
  const hasPrefix = Buffer.from(raw.subarray(0, 6)).toString('latin1') === PREFIX;
  const exif = Uint8Array.from(raw.subarray(hasPrefix ? PREFIX.length : 0));
  dropThumbnail(exif);
  const main = tiffTags(exif);
  if (main.size === 0) return undefined;
  const orientation = main.get(TAG.orientation);
  if (orientation !== undefined) writeShort(exif, orientation, UPRIGHT);
  const pointer = main.get(TAG.exifIfd);
  const colorSpace = pointer && tiffTags(exif, pointer.value).get(TAG.colorSpace);
  if (colorSpace !== undefined) writeShort(exif, colorSpace, SRGB);
  return exif;
}

/** The second directory holds a small copy of the photo as it was taken, face and all: its bytes are wiped too. */
function dropThumbnail(exif: Uint8Array): void {
  const second = endDirectories(exif);
  if (second === 0) return;
  const tags = tiffTags(exif, second);
  for (const [startTag, lengthTag] of THUMBNAIL_SPANS) {
    const start = tags.get(startTag)?.value ?? exif.length;
    exif.fill(0, start, start + (tags.get(lengthTag)?.value ?? exif.length));
  }
}

/**
 * A pipeline whose picture is black (and transparent, for 4 channels) and whose EXIF is the given block. sharp takes EXIF
 * only from the file that it reads; pixels ORed over black are those pixels, so this carries a block into every format
 * that sharp writes. Tags of tens of kilobytes are lost on the way.
 */
export async function openExifCarrier(
  exif: Uint8Array,
  { width, height, channels }: Omit<Raster, 'data'>,
): Promise<Sharp> {
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  const dot = sharp({ create: { width: 1, height: 1, channels: channels === 4 ? 4 : 3, background } });
  const carrier = insertChunks(await dot.png().toBuffer(), [{ type: 'eXIf', data: exif }]);
  return sharp(carrier).resize(width, height, { fit: 'fill', kernel: 'nearest' }).keepExif();
}
