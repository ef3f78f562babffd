// What a film is, before any frame of it is decoded.

import type { Ratio } from './footage.js';

/** A film, upright. */
export interface Film {
  /** Absolute path. */
  path: string;
  /** How sentences call it. */
  name: string;
  /** Sides as it is shown: the display matrix is applied. */
  width: number;
  height: number;
  /** Width of a pixel to its height. */
  aspect: Ratio;
  /** Length of a tick of its times in seconds. */
  timeBase: Ratio;
  /** Where its times begin: what players call 0. */
  startSeconds: number;
  /** 0 where nobody knows. */
  durationSeconds: number;
  /** How many frames there seem to be; 0 where nobody knows. */
  frames: number;
  mayHaveAlpha: boolean;
  /** How often it is shown: 0 for ever. Animations only. */
  loop?: number;
  video?: VideoStream;
  audio: readonly SideStream[];
  subtitles: readonly SideStream[];
  chapters: readonly Chapter[];
  /** Names of what the file says of itself: title, location, ... */
  tags: readonly string[];
}

/** What only videos have, animations not. */
interface VideoStream {
  /** Its number in the file. */
  index: number;
  /** Filter options that tell the matrix of untagged pictures. */
  matrix?: 'bt709' | undefined;
  /** The transfer curve of HDR. */
  hdr?: 'PQ' | 'HLG' | undefined;
  bits: number;
}

export interface SideStream {
  index: number;
  codec: string;
}

export interface Chapter {
  startSeconds: number;
  endSeconds: number;
  title: string;
}
