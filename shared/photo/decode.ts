// Bytes of a picture file -> an upright sRGB photo.

import { parseOptions } from '../options.js';
import { checkKind, checkSize, openSource } from './admission.js';
import { splitAlpha } from './alpha.js';
import { type Metadata, plainBytes, type Raster, type SharpOptions, sharp, toRaster } from './codec.js';
import { isFlaw, isHarmful, type Source, unreadable } from './damage.js';
import { uprightExif } from './exif.js';
import { headerNotices } from './notices.js';
import type { InputFormat, Photo, PhotoMetadata } from './photo.js';

/** How to decode. */
export interface DecodeOptions {
  /** Most pixels that a photo may have, in megapixels; default and range: the option `maxPixels`. */
  maxPixels?: number;
  /** What error sentences call the photo, such as its file name; default "The photo". */
  name?: string;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, TIFF or GIF file (the first frame or page, the main picture). EXIF orientation is
 * applied, colours become sRGB with 8 bits, transparency is set aside. The size is checked on the header, before any
 * pixel is decoded.
 *
 * Throws `photo-unreadable` (empty, incomplete, damaged), `photo-refused` (another format, exotic pixels),
 * `photo-too-large`, or `options` (`maxPixels` out of its range).
 */
export async function decodePhoto(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Photo> {
  const { maxPixels } = parseOptions({ maxPixels: options.maxPixels });
  const source = openSource(bytes, options.name ?? 'The photo');
  const header = await readHeader(source);
  checkKind(source, header);
  checkSize(source, header, maxPixels);
  const { raster, notices } = await readPixels(source, header);
  const metadata = describe(source.format, header, notices);
  const icc = header.icc && { icc: plainBytes(header.icc) };
  return {
    ...(await splitAlpha(raster)),
    width: raster.width,
    height: raster.height,
    ...icc,
    metadata,
  };
}

/** Reads no pixel, hence without limits: the numbers of any header are wanted for the sentence. */
async function readHeader(source: Source): Promise<Metadata> {
  const unlimited = { failOn: 'error', limitInputPixels: false, limitInputChannels: false } as const;
  try {
    return await sharp(source.bytes, unlimited).metadata();
  } catch (error) {
    throw unreadable(source, error);
  }
}

/** At the first try any warning stops; what then proves harmless is read by a second, lenient try. */
async function readPixels(source: Source, header: Metadata): Promise<{ raster: Raster; notices: string[] }> {
  try {
    return { raster: await readRaster(source, header, 'warning'), notices: [] };
  } catch (warning) {
    if (isHarmful(warning)) throw unreadable(source, warning);
    const raster = await readRaster(source, header, 'error').catch((error: unknown) => {
      throw unreadable(source, error);
    });
    return {
      raster,
      notices: isFlaw(warning) ? ['The file has small flaws; the picture may show them'] : [],
    };
  }
}

async function readRaster(source: Source, header: Metadata, failOn: SharpOptions['failOn']): Promise<Raster> {
  // The limit was checked on the header; here it only catches a decoder that disagrees with it.
  const limitInputPixels = header.width * header.height;
  // Decoders have limits of their own, 2^28 pixels for AVIF; the user's limit was checked on the header and is the higher one.
  const unlimited = limitInputPixels >= 2 ** 28;
  const pipeline = sharp(source.bytes, { failOn, limitInputPixels, unlimited, autoOrient: true });
  // sharp takes 16 bit pixels with a profile to Display P3 and leaves them there; this brings them on to sRGB.
  if (header.space === 'rgb16' && header.hasProfile) pipeline.withIccProfile('srgb');
  return toRaster(pipeline);
}

function describe(format: InputFormat, header: Metadata, notices: string[]): PhotoMetadata {
  const exif = header.exif && uprightExif(header.exif);
  return {
    format,
    ...(exif && { exif }),
    notices: [...headerNotices(format, header), ...notices],
  };
}
