// `nigaoe stylize` on photos that are fine: what it reads, what it writes, what it says.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { CliWorld } from './cli-world.js';

describe('nigaoe stylize', () => {
  const world = CliWorld.inSuite();

  before(async () => {
    await world.photo('a.jpg');
    await world.photo('trip/a.jpg');
    await world.photo('trip/day 2/b.PNG');
    await world.photo('trip/day 2/10.webp');
    await world.file('trip/.hidden.jpg', 'not to be read');
    await world.file('trip/notes.txt', 'not a photo');
    await world.faces('team.jpg');
  });

  it('draws one photo into a file and says what it did', async () => {
    const { exitCode, lines, stderr } = await world.run(['stylize', 'a.jpg', '-o', 'drawn.png']);
    assert.equal(exitCode, 0, stderr);
    assert.match(lines[0], /^a\.jpg -> drawn\.png {2}\(96 x 64, ink on \w+, [\d.]+ (m?s)\)$/);
    assert.equal(lines.length, 1);
    assert.equal((await sharp(await readFile(world.path('drawn.png'))).metadata()).format, 'png');
  });

  it('draws a folder with its sub-folders, leaving hidden and other files alone', async () => {
    const { exitCode, json, stderr } = await world.run(['stylize', 'trip', '-o', 'out', '--json']);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await world.list('out'), ['a-ink.jpg', 'day 2/10-ink.webp', 'day 2/b-ink.png']);
    assert.deepEqual(
      json.map(({ input, status, width }) => [input, status, width]),
      [
        ['trip/a.jpg', 'drawn', 96],
        ['trip/day 2/10.webp', 'drawn', 96],
        ['trip/day 2/b.PNG', 'drawn', 96],
      ],
    );
    assert.deepEqual(json[0].outputs, ['out/a-ink.jpg']);
    for (const field of ['scope', 'height', 'faces', 'model', 'device', 'timings', 'notices'])
      assert.ok(field in json[0], field);
    assert.match(stderr, /3 photos: 3 drawn/);
  });

  it('keeps what is there, unless it is forced', async () => {
    const before = await stat(world.path('out/a-ink.jpg'));
    const kept = await world.run(['stylize', 'trip/**/*.jpg', 'trip/day 2', '-o', 'out', '--json']);
    assert.deepEqual([kept.exitCode, kept.json.map(({ status }) => status)[0]], [0, 'kept']);
    assert.equal((await stat(world.path('out/a-ink.jpg'))).mtimeMs, before.mtimeMs);
    const forced = await world.run(['stylize', 'trip/a.jpg', '-o', 'out', '--force', '--json']);
    assert.deepEqual(forced.json[0].status, 'drawn');
    assert.notEqual((await stat(world.path('out/a-ink.jpg'))).ino, before.ino);
  });

  it('draws into the folder of the photos again and again without drawing the drawings', async () => {
    await world.photo('same/p.jpg');
    await world.run(['stylize', 'same', '-o', 'same']);
    const { json } = await world.run(['stylize', 'same', '-o', 'same', '--json']);
    assert.deepEqual(
      json.map(({ input, status }) => [input, status]),
      [['same/p.jpg', 'kept']],
    );
    await world.run(['stylize', 'same', '-o', 'same/drawn']);
    await world.run(['stylize', 'same', '-o', 'same/drawn']);
    const names = await world.list('same');
    assert.deepEqual(names, ['drawn/p-ink-ink.jpg', 'drawn/p-ink.jpg', 'p-ink.jpg', 'p.jpg']);
  });

  it('keeps the extensions of photos that would get one name, in every run alike', async () => {
    await world.photo('pair/a.jpg');
    await world.run(['stylize', 'pair', '-o', 'pair']);
    await world.photo('pair/a.jpeg');
    const { exitCode, json, stderr } = await world.run(['stylize', 'pair', '-o', 'pair', '--json']);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(
      json.map(({ outputs }) => outputs),
      [['pair/a.jpeg-ink.jpg'], ['pair/a.jpg-ink.jpg']],
    );
    const again = await world.run(['stylize', 'pair', '-o', 'pair', '--json']);
    assert.deepEqual(
      again.json.map(({ status }) => status),
      ['kept', 'kept'],
    );
    const names = ['a-ink.jpg', 'a.jpeg', 'a.jpeg-ink.jpg', 'a.jpg', 'a.jpg-ink.jpg'];
    assert.deepEqual(await world.list('pair'), names);
  });

  it('tells apart what was drawn and what was handed through for want of a face', async () => {
    const args = ['stylize', 'a.jpg', 'team.jpg', '-o', 'skip', '--scope', 'faces', '--no-face', 'skip'];
    const { json, stderr } = await world.run([...args, '--json']);
    assert.deepEqual(
      json.map(({ status, device }) => [status, typeof device]),
      [
        ['skipped', 'undefined'],
        ['drawn', 'string'],
      ],
      stderr,
    );
    assert.match(stderr, /2 photos: 1 drawn, 1 skipped\n/);
  });

  it('numbers several portraits of one photo, and knows them when it comes again', async () => {
    const args = ['stylize', 'team.jpg', '-o', 'portraits', '--scope', 'portrait', '--size', '64', '--json'];
    const first = await world.run(args);
    const names = ['team-ink-1.jpg', 'team-ink-2.jpg', 'team-ink-3.jpg'];
    assert.deepEqual(await world.list('portraits'), names, first.stderr);
    assert.equal((first.json[0].faces as unknown[]).length, 3);
    assert.deepEqual([first.json[0].width, first.json[0].scope], [64, 'portrait']);
    const again = await world.run(args);
    assert.deepEqual(
      [again.json[0].status, again.json[0].outputs],
      ['kept', names.map((name) => `portraits/${name}`)],
    );
  });

  it('takes a pattern that the shell has not expanded', async () => {
    const { exitCode, stderr } = await world.run(['stylize', 'trip/**/*.{webp,PNG}', '-o', 'globbed/']);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await world.list('globbed'), ['day 2/10-ink.webp', 'day 2/b-ink.png']);
  });

  it('reads standard input and writes standard output', async () => {
    const stdin = await readFile(world.path('a.jpg'));
    const { exitCode, stdout, stderr } = await world.run(['stylize', '-', '-o', '-', '--format', 'webp'], {
      stdin,
    });
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual((await sharp(stdout).metadata()).format, 'webp');
    assert.match(stderr, /- -> - {2}\(96 x 64/);
    const empty = await world.run(['stylize', '-', '-o', 'none.jpg'], { stdin: new Uint8Array() });
    assert.match(empty.stderr, /^nigaoe: Standard input is empty/);
    const named = await world.run(['stylize', '-', '-o', 'from-pipe/'], { stdin });
    assert.deepEqual(await world.list('from-pipe'), ['stdin-ink.jpg'], named.stderr);
  });

  it('takes the format from the name of the file, or from --format', async () => {
    const { stderr } = await world.run(['stylize', 'a.jpg', '-o', 'formats/', '--format', 'avif', '--quiet']);
    await world.run([
      'stylize',
      'a.jpg',
      '-o',
      'formats/x.webp',
      '--side-by-side',
      '--no-pad',
      '--no-face',
      'skip',
    ]);
    assert.deepEqual(await world.list('formats'), ['a-ink.avif', 'x.webp'], stderr);
    const { format, width } = await sharp(await readFile(world.path('formats/x.webp'))).metadata();
    assert.deepEqual([format, width], ['webp', 192]);
  });

  it('prints nothing but errors with --quiet', async () => {
    const { stdout, stderr } = await world.run(['stylize', 'trip', '-o', 'quiet', '--quiet']);
    assert.deepEqual([stdout.length, stderr], [0, '']);
  });
});
