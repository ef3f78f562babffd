// A photo -> the bytes of a picture file.

import { expected } from '../errors.js';
import { parseOptions } from '../options.js';
import { flattenPhoto, joinAlpha } from './alpha.js';
import { openRaster, plainBytes, type Raster, rawInput, type Sharp } from './codec.js';
import { openExifCarrier } from './exif.js';
import { type OutputFormat, type Photo, SAME_FORMAT } from './photo.js';
import { insertChunks, SRGB_CHUNK } from './png-chunks.js';
import { type Provenance, provenanceChunks, xmpPacket } from './provenance.js';
import { LABELS } from './sniff.js';

/** How to encode; what is left out takes the default of the option of that name. */
export interface EncodeOptions {
  /** `same`: the format that the photo came in, PNG for TIFF and GIF. */
  format?: OutputFormat | 'same';
  /** 1 to 100; of no effect on PNG, which loses nothing. */
  quality?: number;
  /** Keep EXIF, with the location. XMP is never kept: the packet in the file is ours, or none. */
  keepMetadata?: boolean;
  /** Written as XMP, into PNG as text too; default: nothing is said. */
  provenance?: Provenance;
}

/** A picture file in memory. */
export interface EncodedPhoto {
  bytes: Uint8Array;
  format: OutputFormat;
  width: number;
  height: number;
  /** Sentences for the user about what the format could not hold. */
  notices: string[];
}

/**
 * Encodes a photo. Without `keepMetadata` nothing of the original's metadata gets into the file. The pixels are sRGB: PNG
 * says so, and the other formats mean it where no profile is named. JPEG has no transparency: white shines through.
 *
 * Throws `options` for values out of range, and for sides that the format cannot hold.
 */
export async function encodePhoto(photo: Photo, options: EncodeOptions = {}): Promise<EncodedPhoto> {
  const { format: wanted, quality, keepMetadata } = parseOptions(settings(options));
  const format = wanted === 'same' ? SAME_FORMAT[photo.metadata.format] : wanted;
  checkSides(photo, format);
  const raster = await joinAlpha(WRITERS[format].alpha ? photo : await flattenPhoto(photo));
  const pipeline = await openPixels(raster, keepMetadata ? photo.metadata.exif : undefined);
  const bytes = await write(pipeline, { format, quality, provenance: options.provenance });
  return { bytes, format, width: photo.width, height: photo.height, notices: losses(photo, format) };
}

interface Writer {
  /** Longest side that the format can hold. */
  maxSidePx: number;
  alpha: boolean;
  encode: (pipeline: Sharp, quality: number) => Sharp;
}

// Drawings have hard edges between strong colours, which halved colour resolution (4:2:0) would smear. AVIF has
// full resolution by default; lossy WebP knows no other than half.
const WRITERS: Readonly<Record<OutputFormat, Writer>> = {
  jpeg: {
    maxSidePx: 65_535,
    alpha: false,
    encode: (pipeline, quality) => pipeline.jpeg({ quality, chromaSubsampling: '4:4:4' }),
  },
  png: { maxSidePx: 2 ** 31 - 1, alpha: true, encode: (pipeline) => pipeline.png() },
  webp: { maxSidePx: 16_383, alpha: true, encode: (pipeline, quality) => pipeline.webp({ quality }) },
  // Effort 1 of 0..9: sharp's own default (4) takes eight times as long for files that are 1 % smaller.
  avif: {
    maxSidePx: 16_384,
    alpha: true,
    encode: (pipeline, quality) => pipeline.avif({ quality, effort: 1 }),
  },
};

function settings({ format, quality, keepMetadata }: EncodeOptions) {
  return { format, quality, keepMetadata };
}

function checkSides({ width, height }: Photo, format: OutputFormat): void {
  const { maxSidePx } = WRITERS[format];
  if (Math.max(width, height) <= maxSidePx) return;
  const hint = 'Choose --format png, or make the picture smaller';
  throw expected(`sides up to ${maxSidePx} px`, `a ${LABELS[format]} file`, `${width} x ${height} px`, hint);
}

async function openPixels(raster: Raster, exif: Uint8Array | undefined): Promise<Sharp> {
  if (exif === undefined) return openRaster(raster);
  return (await openExifCarrier(exif, raster)).boolean(raster.data as Buffer, 'or', rawInput(raster));
}

async function write(
  pipeline: Sharp,
  { format, quality, provenance }: { format: OutputFormat; quality: number; provenance?: Provenance },
): Promise<Uint8Array> {
  const tagged = provenance === undefined ? pipeline : pipeline.withXmp(xmpPacket(provenance));
  const bytes = plainBytes(await WRITERS[format].encode(tagged, quality).toBuffer());
  if (format !== 'png') return bytes;
  return insertChunks(bytes, [SRGB_CHUNK, ...(provenance === undefined ? [] : provenanceChunks(provenance))]);
}

function losses(photo: Photo, format: OutputFormat): string[] {
  const isFlattened = photo.alpha !== undefined && !WRITERS[format].alpha;
  return isFlattened ? [`${LABELS[format]} has no transparency: it was painted over with white`] : [];
}
