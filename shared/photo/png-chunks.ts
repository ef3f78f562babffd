// Chunks of PNG files (PNG specification, third edition, section 5): made, and put behind the header.

import { crc32 } from 'node:zlib';

/** A chunk: its four-letter type and its content. */
export interface PngChunk {
  type: string;
  data: Uint8Array;
}

/** Signature (8 bytes) and IHDR (25 bytes), which every PNG file starts with. */
const HEADER_BYTES = 33;

/** A copy of a PNG file with the chunks right behind its header, before the pixels. */
export function insertChunks(png: Uint8Array, chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const parts = [png.subarray(0, HEADER_BYTES), ...chunks.map(serialize), png.subarray(HEADER_BYTES)];
  const whole = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A text chunk: `tEXt` where the text is Latin-1, `iTXt` (UTF-8, uncompressed) for all other text. */
export function textChunk(keyword: string, text: string): PngChunk {
  const clean = text.replaceAll('\0', '');
  const isLatin1 = /^[\n\x20-\x7e\xa0-\xff]*$/.test(clean);
  return isLatin1
    ? { type: 'tEXt', data: Buffer.from(`${keyword}\0${clean}`, 'latin1') }
    : { type: 'iTXt', data: Buffer.from(`${keyword}\0\0\0\0\0${clean}`, 'utf8') };
}

/** Says that the pixels are sRGB, to be shown with perceptual intent. */
export const SRGB_CHUNK: PngChunk = { type: 'sRGB', data: Uint8Array.of(0) };

function serialize({ type, data }: PngChunk): Uint8Array {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), data.length + 8);
  return chunk;
}
