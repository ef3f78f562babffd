// The media type of an image file by its first bytes.

import type { IMAGE_TYPES } from '../protocol.js';

type ImageType = (typeof IMAGE_TYPES)[number];

const SIGNATURES: readonly { type: ImageType; at: number; text: string }[] = [
  { type: 'image/jpeg', at: 0, text: '\xff\xd8\xff' },
  { type: 'image/png', at: 0, text: '\x89PNG' },
  { type: 'image/gif', at: 0, text: 'GIF8' },
  { type: 'image/webp', at: 8, text: 'WEBP' },
  { type: 'image/tiff', at: 0, text: 'II*\0' },
  { type: 'image/tiff', at: 0, text: 'MM\0*' },
  { type: 'image/avif', at: 4, text: 'ftypavif' },
  { type: 'image/avif', at: 4, text: 'ftypavis' },
  { type: 'image/heic', at: 4, text: 'ftyp' },
];

/** JPEG where the bytes say nothing: the bridge then refuses the file with its own sentence. */
export function mediaTypeOf(file: Uint8Array): ImageType {
  return SIGNATURES.find(({ at, text }) => startsAt(file, at, text))?.type ?? 'image/jpeg';
}

function startsAt(file: Uint8Array, at: number, text: string): boolean {
  return [...text].every((letter, index) => file[at + index] === letter.charCodeAt(0));
}
