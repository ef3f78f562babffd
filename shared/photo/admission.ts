// Who gets in: the bytes, the kind of pixels and the size of a photo, checked before anything is decoded.

import { expectedType, NigaoeError } from '../errors.js';
import { OPTIONS } from '../options.js';
import type { Metadata } from './codec.js';
import type { Source } from './damage.js';
import type { InputFormat } from './photo.js';
import { LABELS, sniffFormat } from './sniff.js';

/** Names the format by the magic bytes; throws for what is empty (`photo-unreadable`) or no photo (`photo-refused`). */
export function openSource(bytes: Uint8Array, subject: string): Source {
  if (!(bytes instanceof Uint8Array)) throw expectedType('a Uint8Array', 'the bytes of a photo', bytes);
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'readable') return { bytes, subject, format: sniffed.format };
  if (sniffed.kind === 'empty') throw empty(subject);
  if (sniffed.kind === 'refused') throw refused(`${subject} is ${sniffed.name}`, remedy(sniffed.name));
  throw refused(`${subject} is in an unknown format`);
}

/** libvips must agree with the magic bytes, and the range of the pixels must be known; throws `photo-refused`. */
export function checkKind({ format, subject }: Source, header: Metadata): void {
  const isHeic = header.format === 'heif' && header.compression !== 'av1';
  if (isHeic) throw refused(`${subject} is a HEIC picture`);
  if (header.format !== VIPS_NAMES[format])
    throw refused(`${subject} is not the ${LABELS[format]} file that it starts as`);
  const isKnownRange = ['uchar', 'ushort'].includes(header.depth) || ABSOLUTE_SPACES.includes(header.space);
  if (!isKnownRange) throw exotic(`${subject} has pixels of type ${header.depth}`);
  const mostChannels = (COLOUR_CHANNELS[header.space] ?? 3) + 1;
  if (header.channels > mostChannels) throw exotic(`${subject} has ${header.channels} channels`);
}
const VIPS_NAMES: Readonly<Record<InputFormat, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'heif',
  tiff: 'tiff',
  gif: 'gif',
};
// Colour spaces whose floating point values have one meaning; a float "RGB" TIFF may mean 0..1 or 0..255.
const ABSOLUTE_SPACES: readonly string[] = ['lab', 'labs', 'scrgb', 'xyz'];
const COLOUR_CHANNELS: Readonly<Record<string, number>> = { cmyk: 4, 'b-w': 1, grey16: 1 };

/** Throws `photo-too-large` for more than `maxPixels` megapixels. */
export function checkSize({ subject }: Source, { width, height }: Metadata, maxPixels: number): void {
  if (width * height <= maxPixels * 1e6) return;
  const megapixels = Math.ceil((width * height) / 1e4) / 100;
  const needs = Math.ceil(megapixels);
  const canBeRaised = megapixels <= OPTIONS.maxPixels.max;
  const size = `${width} x ${height} pixels (${megapixels} MP)`;
  throw new NigaoeError('photo-too-large', `${subject} has ${size}, more than the limit of ${maxPixels} MP`, {
    hint: canBeRaised
      ? `Raise the limit with --max-pixels ${needs}, or scale the photo down first`
      : 'Scale the photo down first',
    tooLow: { option: 'maxPixels', needs },
  });
}

const ACCEPTED = 'nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF';

function empty(subject: string): NigaoeError {
  const hint = 'Check that the file was copied or uploaded completely';
  return new NigaoeError('photo-unreadable', `${subject} is empty (0 bytes)`, { hint });
}

function exotic(fact: string): NigaoeError {
  const hint = 'Save it as RGB with 8 or 16 bits per channel in an image program';
  return new NigaoeError(
    'photo-refused',
    `${fact}; nigaoe reads grey, RGB and CMYK with 8 or 16 bits per channel`,
    { hint },
  );
}

function remedy(name: string): string | undefined {
  return name.endsWith('video') ? 'Save a frame of it as JPEG or PNG first' : undefined;
}

function refused(fact: string, hint = 'Convert it to JPEG or PNG first'): NigaoeError {
  return new NigaoeError('photo-refused', `${fact}; ${ACCEPTED}`, { hint });
}
