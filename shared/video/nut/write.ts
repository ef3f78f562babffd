// Raw frames with their times -> a NUT stream, which ffmpeg reads from a pipe.

import type { Ratio, RawFormat } from '../footage.js';
import { checksum, FLAG, NUT_SIGNATURE, packet, STARTCODES, varlen } from './bytes.js';

const FOURCC = { 3: 'RGB\x18', 4: 'RGBA' } as const;
/** Times below 2^PTS_SHIFT would be coded by their last bits: all of ours are written in full, that much higher. */
const PTS_SHIFT = 7;
const FRAME_FLAGS = FLAG.key | FLAG.codedPts | FLAG.sizeMsb | FLAG.checksum;

/** The beginning of a stream of such frames. */
export function nutHeader(format: RawFormat): Buffer {
  return Buffer.concat([
    NUT_SIGNATURE,
    packet(STARTCODES.main, mainHeader(format.timeBase)),
    packet(STARTCODES.stream, streamHeader(format)),
  ]);
}

/** What goes before the `bytes` of a frame that is shown at `pts`, a whole number from 0. */
export function nutFrameHeader(pts: number, bytes: number): Buffer {
  const header = Buffer.from([0, ...varlen(pts + 2 ** PTS_SHIFT), ...varlen(bytes)]);
  // Frames are longer than the longest way between two points where a damaged file could be entered again.
  return Buffer.concat([packet(STARTCODES.syncpoint, [...varlen(pts), 0]), header, checksum(header)]);
}

function mainHeader({ num, den }: Ratio): number[] {
  const [version, streams, timeBases] = [3, 1, 1];
  const maxDistance = 65_536;
  // Two kinds of frames: those that begin with 0, and (all other first bytes but N) none.
  const ours = [...varlen(FRAME_FLAGS), 6, 0, 1, 0, 0, 0, 1];
  const none = [...varlen(FLAG.invalid), 6, 0, 1, 0, 0, 0, ...varlen(254)];
  const header = [version, streams, ...varlen(maxDistance), timeBases, ...varlen(num), ...varlen(den)];
  return [...header, ...ours, ...none, 0];
}

function streamHeader({ width, height, channels, aspect }: RawFormat): number[] {
  const [id, isVideo, timeBase, decodeDelay, flags, codecData, colours] = [0, 0, 0, 0, 0, 0, 0];
  const fourcc = [4, ...Buffer.from(FOURCC[channels], 'latin1')];
  const timing = [timeBase, PTS_SHIFT, ...varlen(2 ** 30), decodeDelay, flags];
  const size = [width, height, aspect.num, aspect.den].flatMap(varlen);
  return [id, isVideo, ...fourcc, ...timing, codecData, ...size, colours];
}
