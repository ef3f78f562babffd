// The picture that a message carries: bytes that begin as a picture does, whatever the message calls them.

import { NigaoeError } from '../../shared/errors.js';
import { describeBytes, imageTypeOf } from '../camera/image-type.js';
import { readPicture } from '../stylize/picture-in.js';

export interface Picture {
  bytes: Buffer;
  mediaType: string;
  /** Without the dot, as in a file's name. */
  extension: string;
}

const EXTENSION_OF: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'image/tiff': 'tif',
  'image/heic': 'heic',
};

/** The picture in a message's property. Throws `photo-unreadable` with what is there in its place. */
export function pictureIn(value: unknown, property: string): Picture {
  const bytes = bytesOf(value, property);
  const mediaType = imageTypeOf(bytes);
  const extension = mediaType === undefined ? undefined : EXTENSION_OF[mediaType];
  if (mediaType !== undefined && extension !== undefined) return { bytes, mediaType, extension };
  const what = `Expected a picture in msg.${property} but received ${describeBytes(bytes)}`;
  throw new NigaoeError('photo-unreadable', what, { hint: 'Wire this node behind one that sends pictures.' });
}

/** What is no bytes yet is read, or explained, as a stylize node does it. */
function bytesOf(value: unknown, property: string): Buffer {
  if (!(value instanceof Uint8Array) || value.length === 0) return readPicture(value, `msg.${property}`);
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
