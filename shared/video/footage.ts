// What runs between decoder and encoder: frames with their exact times.

import type { Photo } from '../photo/photo.js';

/** A fraction: `1/90000` of a second, or `16:15`. */
export interface Ratio {
  num: number;
  den: number;
}

/** How raw frames are laid out; the same for all frames of a stream. */
export interface RawFormat {
  width: number;
  height: number;
  /** 3: RGB, 4: RGBA. */
  channels: 3 | 4;
  /** Width of a pixel to its height. */
  aspect: Ratio;
  /** Length of a tick in seconds. */
  timeBase: Ratio;
}

/** Interleaved bytes of one frame. */
export interface RawFrame {
  /** When it is shown, in ticks. */
  pts: number;
  data: Uint8Array;
}

/** A frame of the source. */
export interface Still {
  pts: number;
  photo: Photo;
}

/** A film that is being decoded. */
export interface Footage {
  readonly format: RawFormat;
  /** In the order of their times, once. */
  frames: AsyncIterable<Still>;
  /** Ends the decoder; frames that were not read are lost. */
  close(): Promise<void>;
}

export const secondsOf = (ticks: number, { num, den }: Ratio): number => (ticks * num) / den;
