// The only import of sharp in the project: its process-wide settings, and raw pixels as its input.

import { availableParallelism } from 'node:os';
import sharp, { type Channels, type CreateRaw, type Metadata, type Sharp, type SharpOptions } from 'sharp';

// Every photo arrives as bytes and is decoded once, so a cache of operations would only hold dead pixels in memory.
sharp.cache(false);
// On glibc sharp starts with one thread; AVIF is encoded about twice as fast with two. More than four gain little and
// cost memory per thread.
sharp.concurrency(Math.min(4, availableParallelism()));

export type { Metadata, Sharp, SharpOptions };
export { sharp };

/** Interleaved 8 bit samples with their geometry: `data.length` is `width * height * channels`. */
export interface Raster {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

/** Opens a raster of 1 to 4 channels as the input of a pipeline; nothing is copied. */
export function openRaster({ data, width, height, channels }: Raster): Sharp {
  return sharp(data, rawInput({ width, height, channels }));
}

/**
 * What sharp must be told about pixels that come without a file around them, as a picture or as an operand. Size was judged
 * when the photo got in, and side by side may double it, hence no limit of sharp's own (268 MP).
 */
export function rawInput({ width, height, channels }: Omit<Raster, 'data'>): RawInput {
  return { raw: { width, height, channels: channels as Channels }, limitInputPixels: false };
}
interface RawInput {
  raw: CreateRaw;
  limitInputPixels: false;
}

/** Runs a pipeline to its end and takes the pixels as they are. */
export async function toRaster(pipeline: Sharp): Promise<Raster> {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  return { data: plainBytes(data), width: info.width, height: info.height, channels: info.channels };
}

/** The same memory without Buffer's own behaviour: its `slice` shares where Uint8Array's copies. */
export function plainBytes(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
}
