// nigaoe video: what comes through as it was: position, form, colours, subtitles, chapters, animations.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { described, ffmpeg, filmed, frameAt, frameTimes, streamsOf } from '../../fixtures/ffmpeg.js';
import { FilmWorld } from './film-world.js';

const COLOURS = [
  [200, 50, 20],
  [20, 40, 200],
  [40, 180, 60],
];

describe(filmed('a drawn film keeps'), () => {
  const world = FilmWorld.inSuite();

  it('what is up, without turning it twice', async () => {
    // Red on the left: turned clockwise it is on top.
    const graph = 'color=red:s=32x40:r=10:d=0.3[a];color=blue:s=32x40:r=10:d=0.3[b];[a][b]hstack';
    await ffmpeg(
      '-filter_complex',
      graph,
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      world.path('straight.mp4'),
    );
    const turned = ['-c', 'copy', '-metadata:s:v:0', 'rotate=270', world.path('lying.mp4')];
    await ffmpeg('-i', world.path('straight.mp4'), ...turned);
    await world.draw('lying.mp4', 'up.mp4');
    const [video] = await streamsOf(world.path('up.mp4'), 'video');
    assert.deepEqual([video.width, video.height, video.side_data_list], [40, 64, undefined]);
    const [shown, drawn] = [
      await frameAt(world.path('lying.mp4'), 0),
      await frameAt(world.path('up.mp4'), 0),
    ];
    for (const at of [0, 3 * 40 * 60]) assert.ok(Math.abs(shown[at] - drawn[at]) < 12);
    assert.ok(Math.abs(drawn[0] - drawn[3 * 40 * 60]) > 150);
  });

  it('the form of its pixels, also when it is made smaller', async () => {
    await world.painted('wide.mkv', 'testsrc2=s=96x64:r=10:d=0.3,setsar=16/15');
    await world.draw('wide.mkv', 'wide.mp4', '--max-side', '48');
    const [{ width, height, sample_aspect_ratio }] = await streamsOf(world.path('wide.mp4'), 'video');
    assert.deepEqual([width, height, sample_aspect_ratio], [48, 32, '16:15']);
  });

  for (const [matrix, range] of [
    ['bt709', 'tv'],
    ['smpte170m', 'tv'],
    ['bt709', 'pc'],
  ])
    it(`its colours, from ${matrix} in range ${range}`, async () => {
      const patches = COLOURS.map(([r, g, b], at) => `color=${hex(r, g, b)}:s=32x32:r=5:d=0.4[${at}]`);
      const chain = `[0][1][2]hstack=3,scale=out_color_matrix=${matrix}:out_range=${range},format=yuv444p`;
      const tags = ['-colorspace', matrix, '-color_range', range];
      await ffmpeg(
        '-filter_complex',
        `${patches.join(';')};${chain}`,
        ...tags,
        '-c:v',
        'libx264',
        '-qp',
        '0',
        world.path('colours.mkv'),
      );
      await world.draw('colours.mkv', 'colours.mp4', '--quality', '100', '--force');
      const [{ color_space, color_range, pix_fmt }] = await streamsOf(world.path('colours.mp4'), 'video');
      assert.deepEqual([color_space, color_range, pix_fmt], ['bt709', 'tv', 'yuv420p']);
      const pixels = await frameAt(world.path('colours.mp4'), 0);
      for (const [at, colour] of COLOURS.entries())
        for (const [channel, level] of colour.entries())
          assert.ok(
            Math.abs(pixels[3 * (96 * 16 + 32 * at + 16) + channel] - level) <= 4,
            `${colour} channel ${channel}`,
          );
    });

  it('sound, subtitles, chapters and title, but not the place where it was taken', async () => {
    await world.variable('plain.mp4', 60);
    const texts = '1\n00:00:00,200 --> 00:00:00,700\nearly\n\n2\n00:00:01,200 --> 00:00:01,700\nlate\n';
    await writeFile(world.path('texts.srt'), texts);
    const chapter = (start: number, end: number, title: string) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${start}\nEND=${end}\ntitle=${title}\n`;
    await writeFile(
      world.path('chapters.txt'),
      `;FFMETADATA1\ntitle=Walk\nlocation=+48.1+11.5/\n${chapter(0, 1000, 'one')}${chapter(1000, 2000, 'two')}`,
    );
    await ffmpeg(
      ...['-i', world.path('plain.mp4'), '-i', world.path('texts.srt'), '-i', world.path('chapters.txt')],
      ...[
        '-map',
        '0',
        '-map',
        '1',
        '-map_metadata',
        '2',
        '-c',
        'copy',
        '-c:s',
        'srt',
        world.path('rich.mkv'),
      ],
    );
    const { json } = await world.draw('rich.mkv', 'rich.mp4', '--from', '1', '--json');
    assert.deepEqual(json.at(-1)?.notices, [
      'mp4 does not take subtitles as subrip: encoded anew as mov_text',
    ]);
    const file = world.path('rich.mp4');
    const { chapters = [], format } = await described(file, '-show_chapters', '-show_format');
    assert.deepEqual(
      chapters.map(({ tags }) => tags.title),
      ['two'],
    );
    assert.equal(format?.tags?.title, 'Walk');
    assert.equal(format?.tags?.location, undefined);
    assert.match(format?.tags?.comment ?? '', /^Drawn in the style same by nigaoe/);
    const [sound] = await streamsOf(file, 'audio');
    assert.equal(sound.codec_name, 'aac');
    const { packets = [] } = await described(file, '-select_streams', 's', '-show_packets');
    const shown = packets.filter(({ size }) => Number(size) > 2).map(({ pts_time }) => Number(pts_time));
    const start = (await frameTimes(world.path('plain.mp4'))).find((seconds) => seconds >= 1) ?? 0;
    assert.ok(shown.length === 1 && Math.abs(shown[0] - (1.2 - start)) < 0.03, String(shown));
  });

  it('silence where a container takes no sound, and says so', async () => {
    const { json } = await world.draw('plain.mp4', 'plain.gif', '--to', '0.5', '--json');
    assert.deepEqual(json.at(-1)?.notices, ['gif does not take sound as aac: left out']);
  });

  it('8 of 10 bits, and says so', async () => {
    await world.painted('ten.mkv', 'testsrc2=s=64x48:r=10:d=0.3', '-pix_fmt', 'yuv420p10le');
    const { stderr } = await world.draw('ten.mkv', 'ten.mp4');
    assert.match(stderr, /has 10 bits a channel: it is drawn, and written, with 8/);
  });
});

describe(filmed('a drawn animation keeps'), () => {
  const world = FilmWorld.inSuite();
  const delays = [100, 50, 200, 70, 2000];
  const [width, height] = [40, 30];

  before(async () => {
    const frames = delays.map((_, at) => disc(at));
    const raw = { raw: { width, height: height * frames.length, channels: 4, pageHeight: height } } as const;
    const animation = () => sharp(Buffer.concat(frames), raw);
    await animation().gif({ delay: delays, loop: 3 }).toFile(world.path('disc.gif'));
    await animation().webp({ delay: delays, loop: 3, lossless: true }).toFile(world.path('disc.webp'));
  });

  for (const [from, to] of [
    ['disc.gif', 'a.gif'],
    ['disc.gif', 'a.webp'],
    ['disc.webp', 'b.webp'],
    ['disc.webp', 'b.gif'],
  ])
    it(`delays, loops and transparency, from ${from} to ${to}`, async () => {
      const { exitCode, stderr } = await world.draw(from, to);
      assert.equal(exitCode, 0, stderr);
      const { delay, loop, pages } = await sharp(world.path(to), { pages: -1 }).metadata();
      assert.deepEqual([delay, loop, pages], [delays, 3, 5]);
      const pixels = await sharp(world.path(to), { page: 2 }).ensureAlpha().raw().toBuffer();
      const middle = 4 * (15 * width + 10 + 2 * 4);
      assert.ok(pixels[middle] > 200 && pixels[middle + 1] < 60 && pixels[middle + 3] === 255);
      assert.equal(pixels[3], 0);
    });

  it('its times as a video, over white', async () => {
    const { stderr } = await world.draw('disc.gif', 'disc.mp4');
    assert.match(stderr, /mp4 has no transparency: it was painted over with white/);
    const { format, frames = [] } = await described(world.path('disc.mp4'), '-show_format', '-show_frames');
    assert.deepEqual(
      frames.map(({ pts_time }) => Number(pts_time)),
      [0, 0.1, 0.15, 0.35, 0.42],
    );
    assert.ok(Math.abs(Number(format?.duration) - 2.42) < 0.001);
    assert.ok((await frameAt(world.path('disc.mp4'), 0))[0] > 245);
  });

  /** A red disc on nothing, further to the right in each frame. */
  function disc(at: number): Buffer {
    const pixels = Buffer.alloc(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      if (Math.hypot(x - 10 - 4 * at, y - 15) < 7) pixels.set([230, 30, 20, 255], i * 4);
    }
    return pixels;
  }
});

const hex = (...channels: number[]): string =>
  `0x${channels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
