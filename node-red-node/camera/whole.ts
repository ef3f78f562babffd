// Checks that what a camera sent is a picture, and all of it.

import { NigaoeError } from '../../shared/errors.js';
import { describeBytes, imageTypeOf } from './image-type.js';
import { findJpeg } from './jpeg.js';

/** Bytes as they came over the wire, with the sender's word for them. */
export interface Received {
  bytes: Buffer;
  contentType?: string;
  /** Where from, for sentences: without credentials. */
  from: string;
}

/** The media type; throws `photo-unreadable` where the bytes are no picture or break off. */
export function checkPicture({ bytes, contentType, from }: Received): string {
  const mediaType = imageTypeOf(bytes);
  if (mediaType === undefined) {
    const came = describeBytes(bytes, contentType);
    throw new NigaoeError('photo-unreadable', `Expected a picture from ${from} but received ${came}`, {
      hint: 'Open the address in a browser: it has to show the picture alone',
    });
  }
  if (!isWhole(bytes, mediaType))
    throw new NigaoeError(
      'photo-unreadable',
      `Expected a whole picture from ${from} but it breaks off after ${bytes.length} bytes`,
    );
  return mediaType;
}

function isWhole(bytes: Buffer, mediaType: string): boolean {
  if (mediaType === 'image/jpeg') return isWholeJpeg(bytes);
  if (mediaType === 'image/png') return bytes.includes('IEND', Math.max(0, bytes.length - PNG_END_BYTES));
  if (mediaType === 'image/webp') return bytes.length >= bytes.readUInt32LE(4) + 8;
  return true;
}
/** The closing chunk of 12 bytes, and some padding that cameras like to add. */
const PNG_END_BYTES = 64;

function isWholeJpeg(bytes: Buffer): boolean {
  const { start, end } = findJpeg(bytes);
  return start === 0 && end !== undefined;
}
