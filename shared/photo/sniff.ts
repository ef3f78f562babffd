// Magic bytes -> the name of the format: what is read, and what is refused by name.

import type { InputFormat } from './photo.js';
import { tiffTags } from './tiff-tags.js';

/** What the first bytes of a file say. `name` reads on after "is": "an SVG drawing". */
type Sniffed =
  | { kind: 'readable'; format: InputFormat }
  | { kind: 'refused'; name: string }
  | { kind: 'empty' }
  | { kind: 'unknown' };

/** How the readable formats are called in sentences. */
export const LABELS: Readonly<Record<InputFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  avif: 'AVIF',
  tiff: 'TIFF',
  gif: 'GIF',
};

// '?' stands for any byte. The signatures are those of libvips or stricter, and libvips asks the loaders of these six
// formats before any of SVG, PDF or ImageMagick: what passes here cannot reach one of those.
const READABLE: readonly (readonly [string, InputFormat])[] = [
  ['\xff\xd8\xff', 'jpeg'],
  ['\x89PNG\r\n\x1a\n', 'png'],
  ['RIFF????WEBP', 'webp'],
  ['GIF87a', 'gif'],
  ['GIF89a', 'gif'],
  ['II*\0', 'tiff'],
  ['MM\0*', 'tiff'],
  ['II+\0', 'tiff'],
  ['MM\0+', 'tiff'],
];

const CAMERA_RAW = 'a camera raw file';
const REFUSED: readonly (readonly [string, string])[] = [
  ['II*\0????CR', CAMERA_RAW],
  ['IIU\0', CAMERA_RAW],
  ['IIRO', CAMERA_RAW],
  ['FUJIFILMCCD-RAW', CAMERA_RAW],
  ['BM', 'a BMP picture'],
  ['\0\0\0\x0cjP  \r\n\x87\n', 'a JPEG 2000 picture'],
  ['\xff\x4f\xff\x51', 'a JPEG 2000 picture'],
  ['\0\0\0\x0cJXL \r\n\x87\n', 'a JPEG XL picture'],
  ['\xff\x0a', 'a JPEG XL picture'],
  ['II\xbc', 'a JPEG XR picture'],
  ['8BPS', 'a Photoshop (PSD) picture'],
  ['gimp xcf', 'a GIMP (XCF) picture'],
  ['\0\0\x01\0', 'an icon (ICO)'],
  ['DDS ', 'a DDS texture'],
  ['v/1\x01', 'an OpenEXR picture'],
  ['#?RADIANCE', 'a Radiance HDR picture'],
  ['qoif', 'a QOI picture'],
  ['%PDF', 'a PDF document'],
  ['%!PS', 'a PostScript document'],
  ['RIFF????AVI ', 'an AVI video'],
  ['RIFF????WAVE', 'a sound file'],
  ['\x1aE\xdf\xa3', 'a Matroska or WebM video'],
  ['OggS', 'an Ogg file'],
  ['ID3', 'a sound file'],
  ['PK\x03\x04', 'a ZIP archive'],
  ['\x1f\x8b', 'a gzip archive'],
];

// ISO base media files say in `ftyp` what they are; the first brand of this list that a file names decides.
const BRANDS: readonly (readonly [readonly string[], Sniffed])[] = [
  [['avif', 'avis'], { kind: 'readable', format: 'avif' }],
  [
    ['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1'],
    { kind: 'refused', name: 'a HEIC picture' },
  ],
  [['crx '], { kind: 'refused', name: CAMERA_RAW }],
  [['qt  '], { kind: 'refused', name: 'a QuickTime video' }],
];

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/<svg[\s>:]/i, 'an SVG drawing'],
  [/<!doctype html|<html/i, 'an HTML page'],
  [/^<\?xml/i, 'an XML document'],
];

/** Names the format of a file by its first bytes; the name of the file plays no part. */
export function sniffFormat(bytes: Uint8Array): Sniffed {
  if (bytes.length === 0) return { kind: 'empty' };
  const refused = REFUSED.find(([magic]) => startsWith(bytes, magic));
  if (refused !== undefined) return { kind: 'refused', name: refused[1] };
  const readable = READABLE.find(([magic]) => startsWith(bytes, magic));
  if (readable === undefined) return sniffBrand(bytes) ?? sniffText(bytes) ?? { kind: 'unknown' };
  if (readable[1] === 'tiff' && isCameraRaw(bytes)) return { kind: 'refused', name: CAMERA_RAW };
  return { kind: 'readable', format: readable[1] };
}

function startsWith(bytes: Uint8Array, magic: string): boolean {
  for (let i = 0; i < magic.length; i++)
    if (magic[i] !== '?' && magic.charCodeAt(i) !== bytes[i]) return false;
  return true;
}

function sniffBrand(bytes: Uint8Array): Sniffed | undefined {
  if (!startsWith(bytes, '????ftyp')) return undefined;
  const end = Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), 256);
  const brands = latin1(bytes.subarray(8, end)).match(/.{4}/gs) ?? [];
  const found = BRANDS.find(([names]) => brands.some((brand) => names.includes(brand)));
  return found?.[1] ?? { kind: 'refused', name: 'an MP4 video' };
}

function sniffText(bytes: Uint8Array): Sniffed | undefined {
  const text = latin1(bytes.subarray(0, 4096))
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (!text.startsWith('<')) return undefined;
  const found = TEXTS.find(([pattern]) => pattern.test(text));
  return found && { kind: 'refused', name: found[1] };
}

/** DNG, NEF and ARW are TIFF files whose first picture is a thumbnail: reading that would surprise. */
function isCameraRaw(bytes: Uint8Array): boolean {
  const tags = tiffTags(bytes);
  const isThumbnail = ((tags.get(TAG.newSubfileType)?.value ?? 0) & 1) === 1;
  return tags.has(TAG.dngVersion) || (isThumbnail && tags.has(TAG.subIfds));
}
const TAG = { newSubfileType: 254, subIfds: 330, dngVersion: 50706 };

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
