// nigaoe video: every frame at its own time, whatever is cut, and sound with it.

import assert from 'node:assert/strict';
import { parseTime } from '../../../shared/cli/video/times.js';
import { ffmpeg, filmed, frameAt, frameTimes, rawFrom, streamsOf } from '../../fixtures/ffmpeg.js';
import { psnr } from '../../fixtures/photos.js';
import { FilmWorld } from './film-world.js';

const TICK = 1 / 90_000;

describe(filmed('the times of a drawn film'), () => {
  const world = FilmWorld.inSuite();
  let source: number[];
  before(async () => {
    await world.variable('film.mp4', 240);
    source = await frameTimes(world.path('film.mp4'));
    assert.ok(source.length > 96, 'more than two segments');
  });

  /** Asserts that the frames of `out` are shown `lateSeconds` later than `expected`. */
  async function assertTimes(out: string, expected: readonly number[], tolerance: number): Promise<void> {
    const drawn = await frameTimes(world.path(out));
    assert.equal(drawn.length, expected.length);
    const worst = Math.max(...drawn.map((seconds, at) => Math.abs(seconds - expected[at])));
    assert.ok(worst <= tolerance, `${worst} s off`);
  }

  for (const [name, tick] of [
    ['whole.mp4', TICK],
    ['whole.mkv', 0.0006],
  ] as const)
    it(`are those of the source at a variable rate, in ${name}`, async () => {
      const { exitCode, stderr } = await world.draw('film.mp4', name);
      assert.equal(exitCode, 0, stderr);
      await assertTimes(name, source, tick);
      const [sound] = await streamsOf(world.path(name), 'audio');
      assert.equal(sound.codec_name, 'aac');
    });

  it('end when the source ends', async () => {
    const [video] = await streamsOf(world.path('whole.mp4'), 'video');
    const [before] = await streamsOf(world.path('film.mp4'), 'video');
    assert.ok(Math.abs(Number(video.duration) - Number(before.duration)) < 0.1);
  });

  it('begin with the first frame of a part, and end before its end', async () => {
    const { exitCode } = await world.draw('film.mp4', 'part.mp4', '--from', '2.05', '--to', '0:05.5');
    assert.equal(exitCode, 0);
    const wanted = source.filter((seconds) => seconds >= 2.05 && seconds < 5.5);
    await assertTimes(
      'part.mp4',
      wanted.map((seconds) => seconds - wanted[0]),
      2e-6,
    );
    const number = source.indexOf(wanted[0]);
    const drawn = await frameAt(world.path('part.mp4'), 0);
    const [before, same, after] = await Promise.all(
      [-1, 0, 1].map(async (step) => psnr(drawn, await frameAt(world.path('film.mp4'), number + step))),
    );
    assert.ok(same > before && same > after, `${same} dB, its neighbours ${before} and ${after}`);
  });

  it('are thinned out to a wish, and otherwise kept', async () => {
    await world.draw('film.mp4', 'thin.mp4', '--fps', '5');
    const slots = source.map((seconds) => Math.floor(seconds * 5 + 1e-6));
    await assertTimes(
      'thin.mp4',
      source.filter((_, at) => slots[at] !== slots[at - 1]),
      TICK,
    );
  });

  it('begin as late as those of a source whose times begin anywhere', async () => {
    await ffmpeg('-i', world.path('film.mp4'), '-c', 'copy', '-f', 'mpegts', world.path('film.ts'));
    await world.draw('film.ts', 'ts.mp4', '--to', '1');
    const [[video], [audio]] = [
      await streamsOf(world.path('film.ts'), 'video'),
      await streamsOf(world.path('film.ts'), 'audio'),
    ];
    const start = Math.min(Number(video.start_time), Number(audio.start_time));
    const times = (await frameTimes(world.path('film.ts'))).filter((seconds) => seconds - start < 1);
    await assertTimes(
      'ts.mp4',
      times.map((seconds) => seconds - times[0]),
      TICK,
    );
  });

  it('go with the sound', async () => {
    // Black and silent but for a flash and a tone from 1.2 to 1.4 s.
    const flash = 'color=black:s=64x48:r=25:d=2,drawbox=c=white:t=fill:enable=between(t\\,1.2\\,1.39)';
    await ffmpeg(
      ...[
        '-f',
        'lavfi',
        '-i',
        flash,
        '-f',
        'lavfi',
        '-i',
        'sine=f=1000:d=2,volume=between(t\\,1.2\\,1.4):eval=frame',
      ],
      ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac', world.path('flash.mp4')],
    );
    await world.draw('flash.mp4', 'flash-drawn.mp4', '--from', '0.72');
    const [bright, loud] = [
      await firstBright(world.path('flash-drawn.mp4')),
      await firstLoud(world.path('flash-drawn.mp4')),
    ];
    assert.ok(Math.abs(bright - 0.48) < 1e-6, `flash at ${bright} s`);
    assert.ok(Math.abs(loud - 0.48) < 0.025, `tone at ${loud} s`);
  });
});

async function firstBright(file: string): Promise<number> {
  const pixels = await rawFrom(
    '-i',
    file,
    '-fps_mode',
    'passthrough',
    '-vf',
    'scale=1:1,format=gray',
    '-f',
    'rawvideo',
  );
  return (await frameTimes(file))[pixels.findIndex((level) => level > 100)];
}

async function firstLoud(file: string): Promise<number> {
  // Silence before a late first sample counts.
  const filter = ['-af', 'aresample=8000:async=1:first_pts=0', '-ac', '1', '-f', 's16le'];
  const sound = await rawFrom('-i', file, ...filter);
  const samples = new Int16Array(sound.buffer, sound.byteOffset, sound.length >> 1);
  return samples.findIndex((sample) => Math.abs(sample) > 1000) / 8000;
}

describe('a time on the command line', () => {
  for (const [text, seconds] of [
    ['83.5', 83.5],
    ['1:23.5', 83.5],
    ['00:01:23.500', 83.5],
    ['2:00:00', 7200],
    ['', undefined],
  ] as const)
    it(`"${text}" is ${seconds} s`, () => assert.equal(parseTime(text, '--from'), seconds));

  for (const text of ['1:60', '-1', '1:2:3:4', 'soon', '1:99:00'])
    it(`"${text}" is refused`, () =>
      assert.throws(() => parseTime(text, '--from'), /Expected seconds, or a time as .* for --from/));
});
