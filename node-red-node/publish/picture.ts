// The picture that a message carries: bytes that begin as a picture does, whatever the message calls them.

import { expected, NigaoeError } from '../../shared/errors.js';
import { describeBytes, imageTypeOf } from '../camera/image-type.js';

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

/** Every ending that a published file can have. */
export const EXTENSIONS = Object.values(EXTENSION_OF);

/** The picture in a message's property. Throws `options` for what is no Buffer, `photo-unreadable` for other bytes. */
export function pictureIn(value: unknown, property: string): Picture {
  if (!(value instanceof Uint8Array)) throw expected('a picture as a Buffer', `msg.${property}`, value);
  const bytes = Buffer.isBuffer(value)
    ? value
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const mediaType = imageTypeOf(bytes);
  const extension = mediaType === undefined ? undefined : EXTENSION_OF[mediaType];
  if (mediaType !== undefined && extension !== undefined) return { bytes, mediaType, extension };
  const what = `Expected a picture in msg.${property} but received ${describeBytes(bytes)}`;
  throw new NigaoeError('photo-unreadable', what, { hint: 'Wire this node behind one that sends pictures.' });
}
