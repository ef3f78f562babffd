// Bytes as cameras send them: where a JPEG ends, and what stands in place of a picture.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { readFrame } from '../../node-red-node/camera/body.js';
import { describeBytes } from '../../node-red-node/camera/image-type.js';
import { findJpeg } from '../../node-red-node/camera/jpeg.js';
import { paintFrame } from './fixtures/fake-camera.js';

describe('the end of a JPEG', () => {
  const frame = paintFrame(1);

  it('is found whatever stands before and behind it', () => {
    const bytes = Buffer.concat([Buffer.from('--x\r\n\r\n'), frame, Buffer.from('\r\n--x')]);
    assert.deepEqual(findJpeg(bytes), { start: 7, end: 7 + frame.length });
  });

  it('is not the end of a preview inside it', () => {
    const preview = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 0]), frame]);
    preview.writeUInt16BE(preview.length - 2, 2);
    const bytes = Buffer.concat([frame.subarray(0, 2), preview, frame.subarray(2)]);
    assert.deepEqual(findJpeg(bytes), { start: 0, end: bytes.length });
  });

  it('is unknown for every beginning of the file', () => {
    for (let length = 0; length < frame.length; length += 37)
      assert.equal(findJpeg(frame.subarray(0, length)).end, undefined);
  });

  it('is found behind rubbish that looks like a beginning', () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0x00, 0xff, 0xd8]), frame]);
    assert.deepEqual(findJpeg(bytes), { start: 6, end: 6 + frame.length });
  });
});

describe('a frame that comes in pieces', () => {
  const limits = { mostBytes: 1e7, from: 'a test' };
  const inPieces = (bytes: Buffer, length: number): Readable =>
    Readable.from(
      Array.from({ length: Math.ceil(bytes.length / length) }, (_, at) =>
        bytes.subarray(at * length, (at + 1) * length),
      ),
    );

  it('is the same wherever it is cut', async () => {
    const [frame, broken] = [paintFrame(1), paintFrame(2).subarray(0, 1500)];
    const bytes = Buffer.concat([Buffer.from('--x\r\n\xff', 'latin1'), broken, frame, Buffer.from('--x')]);
    for (const length of [1, 2, 3, 7, 100, bytes.length])
      assert.deepEqual(await readFrame(inPieces(bytes, length), limits), frame, `${length}`);
  });

  it('is looked at once, however large it is and however small they are', async () => {
    const scan = Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 4, 1, 1]);
    const frame = Buffer.concat([scan, Buffer.alloc(1e6, 0x55), Buffer.from([0xff, 0xd9])]);
    const worked = await countBytes(async () => {
      assert.equal((await readFrame(inPieces(frame, 1000), limits))?.length, frame.length);
    });
    assert.ok(worked < 5 * frame.length, `${worked} bytes`);
  });
});

/** How many bytes are joined, copied and searched meanwhile. */
async function countBytes(work: () => Promise<void>): Promise<number> {
  const { concat, prototype } = Buffer;
  const { copy, indexOf } = prototype;
  let count = 0;
  Buffer.concat = (list, length) => {
    const joined = concat(list, length);
    count += joined.length;
    return joined;
  };
  prototype.copy = function (this: Buffer, ...given: Parameters<typeof copy>) {
    const copied = copy.apply(this, given);
    count += copied;
    return copied;
  };
  prototype.indexOf = function (this: Buffer, value: number, from: number) {
    const found = indexOf.call(this, value, from);
    count += (found < 0 ? this.length : found) - (from ?? 0);
    return found;
  } as typeof indexOf;
  try {
    await work();
  } finally {
    Buffer.concat = concat;
    Object.assign(prototype, { copy, indexOf });
  }
  return count;
}

describe('bytes that are no picture', () => {
  for (const [bytes, words] of [
    ['<html><body>hi', /^a web page$/],
    ['<?xml version="1.0"?><error/>', /^XML: /],
    ['Camera is off', /^text: Camera is off$/],
    ['\ufffd\ufffd\ufffd\ufffd\0\x10JFIF', /turned into text/],
    ['\0\x01\x02', /3 bytes of no known picture format, called video\/mp4/],
  ] as const)
    it(`are described: ${JSON.stringify(bytes)}`, () =>
      assert.match(
        describeBytes(Buffer.from(bytes), bytes === '\0\x01\x02' ? 'video/mp4' : undefined),
        words,
      ));
});
