// nigaoe video: what it does not take, each with a sentence and the right exit code; and what it tells of its work.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { ffmpeg, filmed, frameAt, streamsOf } from '../../fixtures/ffmpeg.js';
import { psnr } from '../../fixtures/photos.js';
import { FilmWorld, SAME } from './film-world.js';

describe(filmed('nigaoe video'), () => {
  const world = FilmWorld.inSuite();
  before(async () => {
    await world.variable('film.mp4', 40);
    await world.cli.photo('still.png');
    await writeFile(world.path('empty.mp4'), '');
    await writeFile(world.path('junk.mp4'), 'no film at all');
    await writeFile(world.path('cut.mp4'), (await readFile(world.path('film.mp4'))).subarray(0, 3000));
    await ffmpeg('-f', 'lavfi', '-i', 'sine=d=0.2', '-c:a', 'aac', world.path('sound.m4a'));
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x48:d=0.1', '-frames:v', '1', world.path('one.gif'));
    await ffmpeg('-i', world.path('film.mp4'), '-frames:v', '0', '-an', '-c', 'copy', world.path('none.mkv'));
    await writeFile(world.path('there.mp4'), 'kept');
  });

  const FILMS: readonly (readonly [string, RegExp, number])[] = [
    ['still.png', /still\.png is a still picture.*\n.*nigaoe stylize/, 3],
    ['one.gif', /one\.gif is a still picture/, 3],
    ['sound.m4a', /sound\.m4a has sound, but no pictures that move/, 3],
    ['empty.mp4', /empty\.mp4 is empty/, 3],
    ['junk.mp4', /Expected to read junk\.mp4 but cannot: .*Invalid data/, 3],
    ['cut.mp4', /Expected to read cut\.mp4 but cannot/, 3],
    ['none.mkv', /none\.mkv/, 3],
    ['absent.mp4', /Expected a video file for the film but received "absent\.mp4"/, 2],
    ['-', /Save it first/, 2],
  ];
  for (const [film, sentence, code] of FILMS)
    it(`refuses ${film} with a sentence`, async () => {
      const { exitCode, stderr } = await world.draw(film, 'out.mp4');
      assert.match(stderr, sentence);
      assert.equal(exitCode, code);
      assert.doesNotMatch(stderr, /internal/);
    });

  const WORDS: readonly (readonly [readonly string[], RegExp])[] = [
    [['-o', 'out.avi'], /Expected a file that ends in \.mp4, .* for --out/],
    [['-o', 'there.mp4'], /It is there already; --force replaces it/],
    [['-o', 'film.mp4', '--force'], /Films are never overwritten/],
    [['-o', 'out.mp4', '--scope', 'portrait'], /Expected auto, photo or faces for --scope/],
    [['-o', 'out.mp4', '--format', 'png'], /Expected no --format for a film.*\n.*ending of --out/],
    [['-o', 'out.mp4', '--no-face', 'skip'], /Expected no --no-face for a film/],
    [['-o', 'out.mp4', '--from', '2', '--to', '1'], /Expected a time after --from for --to/],
    [['-o', 'out.mp4', '--from', '60'], /Expected a time before the end of film\.mp4/],
    [['-o', 'out.mp4', '--background', 'ink'], /--background needs --scope faces/],
    [['-o', 'out.mp4', '--prompt', 'a cat'], /Expected no --prompt/],
  ];
  for (const [words, sentence] of WORDS)
    it(`refuses ${words.join(' ')}`, async () => {
      const { exitCode, stderr } = await world.run(['video', 'film.mp4', '--style', SAME, ...words]);
      assert.match(stderr, sentence);
      assert.equal(exitCode, 2);
    });

  it('says how to install ffmpeg where there is none', async () => {
    const args = ['video', 'film.mp4', '-o', 'out.mp4', '--style', SAME];
    const { exitCode, stderr } = await world.run(args, { env: { NIGAOE_FFMPEG: world.path('no/ffmpeg') } });
    assert.match(stderr, /Expected ff\w+ at .* but there is none\n {2}Install FFmpeg: .*NIGAOE_FFMPEG/);
    assert.equal(exitCode, 1);
  });

  it('tells programs how far it is and what came of it', async () => {
    const { exitCode, json, stderr } = await world.draw('film.mp4', 'told.mp4', '--json', '--side-by-side');
    assert.equal(exitCode, 0, stderr);
    const [first, last] = [json[0], json.at(-1)];
    assert.deepEqual([first.status, first.frames], ['drawing', 1]);
    const { status, input, outputs, frames, shots, style, device, width, height, scope } = last ?? {};
    assert.deepEqual([status, input, outputs, frames], ['drawn', 'film.mp4', ['told.mp4'], first.of]);
    assert.deepEqual([shots, style, device, width, height, scope], [1, 'same', 'cpu', 128, 48, 'photo']);
    assert.ok(Number(last?.fps) > 0 && Number(last?.seconds) > 0);
    const [video] = await streamsOf(world.path('told.mp4'), 'video');
    assert.equal(video.width, 128);
  });

  it('replaces a film when it is told to, as one piece', async () => {
    const { exitCode } = await world.draw('film.mp4', 'there.mp4', '--force', '--to', '0.3');
    assert.equal(exitCode, 0);
    assert.equal((await streamsOf(world.path('there.mp4'), 'video')).length, 1);
  });

  it('draws faces only where there are some', async () => {
    const part = ['--scope', 'faces', '--to', '0.3', '--json'];
    const { exitCode, json, stderr } = await world.draw('film.mp4', 'no-faces.mp4', ...part);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([json.at(-1)?.scope, json.at(-1)?.device], ['faces', undefined]);
  });

  it('draws the faces of a moving picture into it, and leaves the rest as it was', async () => {
    await world.cli.faces('people.jpg');
    const moving = [
      '-vf',
      'scale=640:-2,crop=480:320:x=4*n:y=0',
      '-frames:v',
      '4',
      '-c:v',
      'libx264',
      '-qp',
      '4',
    ];
    await ffmpeg(
      '-loop',
      '1',
      '-i',
      world.path('people.jpg'),
      ...moving,
      '-pix_fmt',
      'yuv420p',
      world.path('people.mp4'),
    );
    const faces = ['-o', 'faces.mp4', '--scope', 'faces', '--size', '128', '--quality', '100', '--json'];
    const { exitCode, json, stderr } = await world.run(['video', 'people.mp4', ...faces]);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([json.at(-1)?.scope, json.at(-1)?.style, json.at(-1)?.device], ['faces', 'ink', 'cpu']);
    const [before, after] = [
      await frameAt(world.path('people.mp4'), 3),
      await frameAt(world.path('faces.mp4'), 3),
    ];
    const changed = before.filter((level, at) => Math.abs(level - after[at]) > 24).length / before.length;
    assert.ok(changed > 0.002 && changed < 0.2, `${changed} of the picture`);
    const floor = 3 * 480 * 300;
    assert.ok(psnr(before.subarray(floor), after.subarray(floor)) > 32);
  });
});
