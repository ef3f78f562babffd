// Image files for the plugin's tests, and what Figma reads of one: its format and size.

import sharp, { type Sharp } from 'sharp';

/** A PNG of one colour; different levels are different images. */
export function flatPng(width: number, height: number, level = 128): Promise<Uint8Array> {
  const background = { r: level, g: 255 - level, b: 90 };
  return file(sharp({ create: { width, height, channels: 3, background } }).png());
}

export function flatJpeg(width: number, height: number, level = 128): Promise<Uint8Array> {
  const background = { r: level, g: 90, b: level };
  return file(sharp({ create: { width, height, channels: 3, background } }).jpeg());
}

/** A PNG full of noise, which takes its time to be drawn. */
export function speckledPng(width: number, height: number): Promise<Uint8Array> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return file(sharp({ create: { width, height, channels: 3, background: 'black', noise } }).png());
}

/** Size of a PNG, JPEG or GIF, in pixels; undefined for all other files, which Figma refuses. */
export function sizeOfImage(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (starts(bytes, [0x89, 0x50, 0x4e, 0x47]))
    return { width: view.getUint32(16), height: view.getUint32(20) };
  if (starts(bytes, [0x47, 0x49, 0x46, 0x38]))
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  return starts(bytes, [0xff, 0xd8, 0xff]) ? sizeOfJpeg(view) : undefined;
}

/** The first start-of-frame segment (ITU T.81, B.2.2) says the size. */
function sizeOfJpeg(view: DataView): { width: number; height: number } | undefined {
  for (let at = 2; at + 9 < view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return undefined;
}

function starts(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

async function file(image: Sharp): Promise<Uint8Array> {
  return new Uint8Array(await image.toBuffer());
}
