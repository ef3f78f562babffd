// Raw frames in NUT: what is written is read again, by us and by ffmpeg, with the times to the tick.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RawFormat } from '../../shared/video/footage.js';
import { readNut } from '../../shared/video/nut/read.js';
import { nutFrameHeader, nutHeader } from '../../shared/video/nut/write.js';
import { described, filmed, HAS_FFMPEG, rawFrom } from '../fixtures/ffmpeg.js';

const FORMAT: RawFormat = {
  ...{ width: 6, height: 4, channels: 3, aspect: { num: 16, den: 15 } },
  timeBase: { num: 1001, den: 30_000 },
};
const TIMES = [0, 1, 2, 200, 201, 100_000, 2 ** 40];

function stream(format: RawFormat, times: readonly number[]): Buffer {
  const bytes = format.width * format.height * format.channels;
  const frames = times.flatMap((pts, at) => [nutFrameHeader(pts, bytes), Buffer.alloc(bytes, at + 1)]);
  return Buffer.concat([nutHeader(format), ...frames]);
}

/** The same bytes in pieces that end anywhere. */
async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe('frames in NUT', () => {
  for (const length of [1, 7, 100_000])
    it(`are read as they were written, in pieces of ${length} bytes`, async () => {
      const nut = await readNut(pieces(stream(FORMAT, TIMES), length));
      assert.deepEqual(nut?.format, FORMAT);
      const times: number[] = [];
      for await (const { pts, data } of nut?.frames ?? []) {
        times.push(pts);
        assert.deepEqual(data, new Uint8Array(72).fill(times.length));
      }
      assert.deepEqual(times, TIMES);
    });

  it('are none in an empty stream, and a failure in one that breaks off', async () => {
    assert.equal(await readNut(pieces(Buffer.alloc(0), 1)), undefined);
    const nut = await readNut(pieces(stream(FORMAT, [0, 1]).subarray(0, -5), 50));
    await assert.rejects(async () => {
      for await (const _ of nut?.frames ?? []);
    }, /ended in the middle/);
  });

  describe(filmed('between ffmpeg and us'), () => {
    let folder: string;
    before(async function () {
      if (!HAS_FFMPEG) this.skip();
      folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-nut-'));
    });
    after(() => folder && rm(folder, { recursive: true }));

    for (const channels of [3, 4] as const)
      it(`are read by ffmpeg with their times and form, ${channels} channels`, async () => {
        const file = path.join(folder, 'ours.nut');
        await writeFile(file, stream({ ...FORMAT, channels }, TIMES.slice(0, 6)));
        const { streams = [], frames = [] } = await described(file, '-show_streams', '-show_frames');
        const [{ width, height, sample_aspect_ratio, time_base, pix_fmt }] = streams;
        assert.deepEqual([width, height, sample_aspect_ratio, time_base], [6, 4, '16:15', '1001/30000']);
        assert.equal(pix_fmt, channels === 3 ? 'rgb24' : 'rgba');
        assert.deepEqual(
          frames.map(({ pts }) => Number(pts)),
          TIMES.slice(0, 6),
        );
      });

    it('are read by us as ffmpeg writes them', async () => {
      const source = 'testsrc2=s=32x18:r=30:d=4';
      const variable = "select='not(mod(n*n,7))',settb=1/90000";
      const chain = [
        '-f',
        'lavfi',
        '-i',
        source,
        '-vf',
        variable,
        '-fps_mode',
        'passthrough',
        '-enc_time_base',
        '1:90000',
      ];
      const bytes = await rawFrom(...chain, '-pix_fmt', 'rgb24', '-c:v', 'rawvideo', '-f', 'nut');
      const nut = await readNut(pieces(bytes, 65_536));
      const times: number[] = [];
      for await (const { pts } of nut?.frames ?? []) times.push(pts);
      const expected = Array.from({ length: 120 }, (_, n) => n).filter((n) => (n * n) % 7 === 0);
      assert.deepEqual(
        times,
        expected.map((n) => n * 3000),
      );
    });
  });
});
