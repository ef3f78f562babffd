// Animated GIF and WebP -> their frames, one piece after the other.

import { splitAlpha } from './alpha.js';
import { openRaster, type Raster, sharp, toRaster } from './codec.js';
import type { Photo } from './photo.js';

interface Size {
  width: number;
  height: number;
}

/** An animation before its frames are decoded. */
export interface Animation extends Size {
  /** How long each frame is shown. */
  delaysMs: readonly number[];
  /** How often it is shown; 0: for ever. */
  loop: number;
  hasAlpha: boolean;
}

/** Players show frames for so long that say less than `SHORTEST_MS`: what browsers agreed on. */
const UNSAID_MS = 100;
const SHORTEST_MS = 11;
/** Frames that are decoded at a time: decoders begin each time at the first. */
const MOST_AT_ONCE = 64;
const MOST_BYTES_AT_ONCE = 128e6;

/** Reads the headers; a single picture has one frame. */
export async function readAnimation(file: string): Promise<Animation> {
  const header = await sharp(file, UNLIMITED).metadata();
  const { width, height, pageHeight, pages = 1, delay = [], loop = 0, hasAlpha } = header;
  const delaysMs = Array.from({ length: pages }, (_, at) => delay[at] ?? UNSAID_MS);
  return {
    ...{ width, height: pageHeight ?? height, loop, hasAlpha },
    delaysMs: delaysMs.map((ms) => (ms < SHORTEST_MS ? UNSAID_MS : ms)),
  };
}

/** The top left of each frame, from the `first`-th frame on, counted from 0. */
export async function* framesOf(
  file: string,
  animation: Animation,
  { first, crop }: { first: number; crop?: Size | undefined },
): AsyncGenerator<Photo> {
  const { width, height, delaysMs } = animation;
  const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(MOST_BYTES_AT_ONCE / (width * height * 4))));
  for (let page = first; page < delaysMs.length; page += atOnce) {
    const pages = Math.min(atOnce, delaysMs.length - page);
    const strip = await toRaster(
      sharp(file, { ...UNLIMITED, page, pages })
        .toColourspace('srgb')
        .ensureAlpha(),
    );
    const bytes = width * height * 4;
    for (let at = 0; at < pages; at++) {
      const data = strip.data.subarray(at * bytes, (at + 1) * bytes);
      yield photoOf({ data, width, height, channels: 4 }, crop ?? animation);
    }
  }
}

async function photoOf(frame: Raster, { width, height }: Size): Promise<Photo> {
  const isWhole = width === frame.width && height === frame.height;
  const cut = isWhole ? frame : await toRaster(openRaster(frame).extract({ left: 0, top: 0, width, height }));
  return { ...(await splitAlpha(cut)), width, height, metadata: { format: 'png', notices: [] } };
}

const UNLIMITED = { limitInputPixels: false, unlimited: true } as const;
