// Bytes as cameras send them: where a JPEG ends, and what stands in place of a picture.

import assert from 'node:assert/strict';
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
