// Pictures made on the spot for the tests of this folder, and how they are looked at.

import sharp from 'sharp';
import type { NigaoeError } from '../../shared/errors.js';
import type { Photo } from '../../shared/photo/photo.js';

export type Colour = readonly [red: number, green: number, blue: number];

export const RED: Colour = [200, 50, 50];

/** A pipeline over one colour; RGBA where `alpha` (0 to 1) is given. */
export function solid(
  [r, g, b]: Colour,
  { width = 16, height = 12, alpha = undefined as number | undefined } = {},
) {
  const background = alpha === undefined ? { r, g, b } : { r, g, b, alpha };
  return sharp({ create: { width, height, channels: alpha === undefined ? 3 : 4, background } });
}

/** A pipeline over noise, which compresses badly: bytes enough to cut off. */
export function noise({ width = 96, height = 64 } = {}) {
  const gaussian = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  return sharp({ create: { width, height, channels: 3, background: '#000', noise: gaussian } });
}

const CORNERS: readonly Colour[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
];

/** 48 x 32 pixels; corners red, green, blue, yellow from the upper left in reading order. */
export function compass() {
  const tiles = CORNERS.map(([r, g, b], index) => ({
    input: { create: { width: 24, height: 16, channels: 3 as const, background: { r, g, b } } },
    left: (index % 2) * 24,
    top: index < 2 ? 0 : 16,
  }));
  return sharp({ create: { width: 48, height: 32, channels: 3, background: '#000' } }).composite(tiles);
}

export function pixel({ data, width }: Photo, x: number, y: number): Colour {
  const at = (y * width + x) * 3;
  return [data[at], data[at + 1], data[at + 2]];
}

/** The names of the corner colours of a compass in reading order. */
export function corners(photo: Photo): string {
  const names = ['red', 'green', 'blue', 'yellow'];
  const places = [
    [2, 2],
    [photo.width - 3, 2],
    [2, photo.height - 3],
    [photo.width - 3, photo.height - 3],
  ];
  return places
    .map(([x, y]) => names[CORNERS.findIndex((colour) => distance(colour, pixel(photo, x, y)) < 60)])
    .join(' ');
}

/** The largest difference of two colours in any channel. */
export function distance(a: Colour, b: Colour): number {
  return Math.max(...a.map((value, index) => Math.abs(value - b[index])));
}

/** For `assert.rejects`: the code and the exact sentence. */
export function failure(code: string, message: string) {
  return (error: NigaoeError) => error.code === code && sameSentence(error.message, message);
}

function sameSentence(received: string, wanted: string): boolean {
  if (received !== wanted) throw new Error(`expected the sentence\n  ${wanted}\nbut received\n  ${received}`);
  return true;
}

interface TiffLayout {
  width?: number;
  height?: number;
  bits?: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  sampleFormat?: number;
  channels?: number;
  /** More tags as [number, value], written as LONG. */
  extra?: readonly (readonly [number, number])[];
}

/** An uncompressed TIFF whose directory stands before its pixels, as cameras write them. */
export function tiff(pixels: Uint8Array, layout: TiffLayout = {}): Uint8Array {
  const { width = 4, height = 4, bits = 8, sampleFormat = 1, channels = 1, extra = [] } = layout;
  const stripOffset = 273;
  const tags: (readonly [number, number])[] = [
    [256, width],
    [257, height],
    [258, bits],
    [259, 1],
    [262, channels < 3 ? 1 : 2],
    [stripOffset, 0],
    [277, channels],
    [278, height],
    [279, pixels.length],
    [339, sampleFormat],
    ...extra,
  ];
  tags.sort(([a], [b]) => a - b);
  const head = Buffer.alloc(14 + tags.length * 12);
  head.write('II*\0\x08', 'latin1');
  head.writeUInt16LE(tags.length, 8);
  for (const [index, [tag, value]] of tags.entries()) {
    const at = 10 + index * 12;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(4, at + 2);
    head.writeUInt32LE(1, at + 4);
    head.writeUInt32LE(tag === stripOffset ? head.length : value, at + 8);
  }
  return Buffer.concat([head, pixels]);
}
