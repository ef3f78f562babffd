// Finds whole JPEG files among bytes by walking their markers (ITU-T T.81, annex B), without decoding them.
//
// MJPEG streams are read this way too: where a frame ends says the frame itself, so a wrong Content-Length, a boundary
// with other dashes than announced or none at all do no harm, and a frame that breaks off is passed over.

/** Where a JPEG file lies; `end` is undefined while it is not complete. */
export interface FoundJpeg {
  start: number;
  end: number | undefined;
}

/** The first JPEG file that is whole or may still become so; what lies before `start` is of no use. */
export function findJpeg(bytes: Buffer): FoundJpeg {
  return new JpegSearch().look(bytes);
}

/** `findJpeg` for bytes that become more: each is looked at once. */
export class JpegSearch {
  /** Where the next file may begin. */
  #from = 0;
  #walk: Walk | undefined;

  /** `bytes` are those of the last call, without what was dropped, and what has come behind them. */
  look(bytes: Buffer): FoundJpeg {
    for (;;) {
      this.#walk ??= beginWalk(bytes, this.#from);
      if (this.#walk === undefined) break;
      const { start } = this.#walk;
      const end = goOn(bytes, this.#walk);
      if (end !== 'broken') return { start, end };
      this.#walk = undefined;
      this.#from = start + 2;
    }
    // The opening itself may be cut in two.
    this.#from = Math.max(this.#from, bytes.length - 2);
    return { start: this.#from, end: undefined };
  }

  /** So many bytes, at most those before `start`, were taken away at the front. */
  drop(count: number): void {
    this.#from -= count;
    if (this.#walk === undefined) return;
    this.#walk.start -= count;
    this.#walk.at -= count;
  }
}

const OPENING = Buffer.from([0xff, 0xd8, 0xff]);
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** How far a file has been walked through. */
interface Walk {
  start: number;
  /** Of the next marker; within a scan, where it is looked for. Behind the bytes where a segment is not all there. */
  at: number;
  inScan: boolean;
}

function beginWalk(bytes: Buffer, from: number): Walk | undefined {
  const start = bytes.indexOf(OPENING, from);
  return start < 0 ? undefined : { start, at: start + 2, inScan: false };
}

/** The offset behind the end marker, undefined where bytes are missing, 'broken' where no marker stands in its place. */
function goOn(bytes: Buffer, walk: Walk): number | 'broken' | undefined {
  for (;;) {
    if (walk.inScan) passScan(bytes, walk);
    if (walk.inScan || walk.at + 1 >= bytes.length) return undefined;
    const marker = bytes[walk.at + 1];
    if (bytes[walk.at] !== 0xff || marker === 0 || marker === START_OF_IMAGE) return 'broken';
    if (marker === END_OF_IMAGE) return walk.at + 2;
    const next = behindMarker(bytes, walk.at);
    if (next === undefined || next === 'broken') return next;
    walk.at = next;
    walk.inScan = marker === START_OF_SCAN;
  }
}

/** Where the next one is expected: behind the marker itself, or behind the segment that it opens. */
function behindMarker(bytes: Buffer, at: number): number | 'broken' | undefined {
  const marker = bytes[at + 1];
  // A marker may be preceded by any number of 0xff.
  if (marker === 0xff) return at + 1;
  if (isBare(marker)) return at + 2;
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  return length < 2 ? 'broken' : at + 2 + length;
}

/** Restart markers and TEM carry no segment. */
function isBare(marker: number): boolean {
  return (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
}

/** Goes to the next marker that is no part of the compressed data: there 0xff is followed by 0 or a restart marker. */
function passScan(bytes: Buffer, walk: Walk): void {
  if (walk.at >= bytes.length) return;
  let at = bytes.indexOf(0xff, walk.at);
  while (at >= 0 && at + 1 < bytes.length && walk.inScan) {
    const next = bytes[at + 1];
    walk.inScan = next === 0 || next === 0xff || isBare(next);
    if (walk.inScan) at = bytes.indexOf(0xff, next === 0xff ? at + 1 : at + 2);
  }
  walk.at = at < 0 ? bytes.length : at;
}
