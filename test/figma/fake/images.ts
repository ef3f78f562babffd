// The images of the fake document, with Figma's own words where it refuses.

import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { sizeOfImage } from '../images.js';

type Images = Map<string, Uint8Array>;

/** Puts an image file into the document and returns its hash. */
export function keepImage(images: Images, bytes: Uint8Array): string {
  if (!types.isUint8Array(bytes)) throw new Error('in createImage: Expected a Uint8Array');
  const size = sizeOfImage(bytes);
  if (size === undefined) throw new Error('in createImage: Image type is unsupported');
  if (Math.max(size.width, size.height) > 4096) throw new Error('in createImage: Image is too large');
  const hash = createHash('sha1').update(bytes).digest('hex');
  images.set(hash, Uint8Array.from(bytes));
  return hash;
}

export function imageOf(images: Images, hash: string): object | null {
  const bytes = images.get(hash);
  if (bytes === undefined) return null;
  return {
    hash,
    getBytesAsync: async () => Uint8Array.from(bytes),
    getSizeAsync: async () => sizeOfImage(bytes),
  };
}
