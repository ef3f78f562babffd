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
  for (let start = bytes.indexOf(OPENING); start >= 0; start = bytes.indexOf(OPENING, start + 2)) {
    const end = walk(bytes, start);
    if (end !== 'broken') return { start, end };
  }
  // The opening itself may be cut in two.
  return { start: Math.max(0, bytes.length - 2), end: undefined };
}

const OPENING = Buffer.from([0xff, 0xd8, 0xff]);
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/** The offset behind the end marker, undefined where bytes are missing, 'broken' where no marker stands in its place. */
function walk(bytes: Buffer, start: number): number | 'broken' | undefined {
  let at = start + 2;
  while (at + 1 < bytes.length) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === 0 || marker === START_OF_IMAGE) return 'broken';
    if (marker === END_OF_IMAGE) return at + 2;
    const next = marker === 0xff ? at + 1 : isBare(marker) ? at + 2 : behindSegment(bytes, at);
    if (next === undefined || next === 'broken') return next;
    at = next;
  }
  return undefined;
}

/** Restart markers and TEM carry no segment. */
function isBare(marker: number): boolean {
  return (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01;
}

function behindSegment(bytes: Buffer, at: number): number | 'broken' | undefined {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt16BE(at + 2);
  if (length < 2) return 'broken';
  const end = at + 2 + length;
  return bytes[at + 1] === START_OF_SCAN ? behindScan(bytes, end) : end;
}

/** The next marker that is no part of the compressed data: there 0xff is followed by 0 or a restart marker. */
function behindScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && at + 1 < bytes.length) {
    const next = bytes[at + 1];
    if (next !== 0 && next !== 0xff && !isBare(next)) return at;
    at = bytes.indexOf(0xff, next === 0xff ? at + 1 : at + 2);
  }
  return bytes.length;
}
