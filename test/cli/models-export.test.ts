// `nigaoe models rename` and `export`: a style of the user gets another name, and leaves as one file.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import type { GeneratorIo } from '../../shared/models/entry.js';
import { labelOf, metadataOf } from '../../shared/models/imports/label.js';
import { readOnnx, writeOnnx } from '../../shared/models/onnx/file.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
import { cycleFile } from '../models/imports/world.js';
import { CliWorld } from './cli-world.js';

const BYTES: GeneratorIo = { layout: 'nhwc', channels: 'rgb', range: [0, 255] };

describe('nigaoe models rename', () => {
  const world = CliWorld.inSuite();

  it('knows only imported styles and free ids', async () => {
    await world.file('mine.onnx', writeOnnx(tinyGan({ io: BYTES, kind: 'random' })));
    for (const id of ['mine', 'other']) await world.run(['models', 'import', 'mine.onnx', '--id', id]);
    const cases: [string, string, number, RegExp][] = [
      ['hayao', 'x', 2, /an imported style .*\n.*hayao is a model of the catalogue/],
      ['mina', 'x', 5, /a known imported style .*\n.*Did you mean mine\?/],
      ['mine', 'other', 2, /other is one of your styles already\n.*`nigaoe models rm other`/],
      ['mine', 'mine', 2, /another id but mine is the style's id already/],
      ['mine', 'MINE', 2, /MINE is the same as mine, which is one of your styles already/],
      ['mine', 'ink', 2, /an id of your own/],
      ['mine', '../x', 2, /an id of letters/],
    ];
    for (const [from, to, code, sentence] of cases) {
      const { exitCode, stderr } = await world.run(['models', 'rename', from, to]);
      assert.deepEqual([exitCode, sentence.test(stderr)], [code, true], stderr);
    }
    assert.equal(
      (await world.run(['models', 'list'])).lines.filter((line) => / yours /.test(line)).length,
      2,
    );
  });
});

describe('nigaoe models export', () => {
  const world = CliWorld.inSuite();
  before(async () => {
    await world.photo('photo.png');
    await world.file('horse.pt', cycleFile());
    await world.run(['models', 'import', 'horse.pt', '--licence', 'CC-BY-NC-4.0', '--scope', 'portrait']);
  });

  const exported = (...args: string[]) => world.run(['models', 'export', ...args]);
  const labelAt = (name: string) => labelOf(metadataOf(readOnnx(readFileSync(world.path(name)))));

  it('writes an imported style with all that is known of it', async () => {
    const { exitCode, stdout } = await exported('horse', 'out/horse.onnx');
    assert.equal(exitCode, 0);
    assert.match(
      stdout.toString(),
      /^horse -> out\/horse\.onnx {2}\(.*\n {2}CC-BY-NC-4\.0 \(not for commercial use\)/,
    );
    const { architecture, io, side, scope, licence, title, source } = labelAt('out/horse.onnx');
    assert.deepEqual([architecture, scope, licence?.name], ['cyclegan', 'portrait', 'CC-BY-NC-4.0']);
    assert.ok(io && side && title && source);
  });

  it('writes what draws the same, carries its licence, and can be imported again', async () => {
    await exported('horse', 'again.onnx');
    const out = ['--scope', 'photo', '--force', '-o'];
    for (const [style, name] of [
      ['horse', 'a.png'],
      ['./again.onnx', 'b.png'],
    ])
      assert.equal((await world.run(['stylize', 'photo.png', '--style', style, ...out, name])).exitCode, 0);
    const [a, b] = await Promise.all(
      ['a.png', 'b.png'].map((name) => sharp(world.path(name)).raw().toBuffer()),
    );
    assert.deepEqual(a, b);
    assert.match(String((await sharp(world.path('b.png')).metadata()).xmp), /not for commercial use/);
    const [told] = (await world.run(['models', 'import', 'again.onnx', '--json'])).json;
    assert.deepEqual([told.scope, (told.licence as { name: string }).name], ['portrait', 'CC-BY-NC-4.0']);
  });

  it('makes an ONNX file of a checkpoint, and of an embedded network', async () => {
    assert.equal((await exported('horse.pt', 'plain.onnx')).exitCode, 0);
    assert.equal(labelAt('plain.onnx').architecture, 'cyclegan');
    await world.file('mine.onnx', writeOnnx(tinyGan({ io: BYTES, kind: 'random' })));
    await exported('mine.onnx', 'copy.onnx');
    assert.deepEqual(labelAt('copy.onnx'), { source: 'mine.onnx' }, 'guesses stay out');
    const [told] = (await exported('embedded-detector', 'detector.onnx', '--json')).json;
    assert.deepEqual([told.status, (told.licence as { name: string }).name], ['exported', 'MIT']);
    assert.match(labelAt('detector.onnx').licence?.notice ?? '', /vladmandic/);
  });

  it('keeps what is there unless it is forced', async () => {
    await world.file('there.onnx', 'mine');
    const { exitCode, stderr } = await exported('horse', 'there.onnx');
    assert.deepEqual([exitCode, /a new file .*\n.*--force replaces it/.test(stderr)], [2, true]);
    assert.equal(readFileSync(world.path('there.onnx'), 'utf8'), 'mine');
    assert.equal((await exported('horse', 'there.onnx', '--force')).exitCode, 0);
  });

  it('says what cannot be exported, and where nothing can be written', async () => {
    await world.file('file', '');
    await world.file('folder.onnx/file', '');
    const cases: [string, string, number, RegExp][] = [
      ['hayao', 'x.onnx', 5, /hayao in the store but it is not there\n.*models pull hayao/],
      ['ink', 'x.onnx', 2, /ink is an algorithm/],
      ['hose', 'x.onnx', 5, /Did you mean horse\?/],
      ['horse', 'x.pt', 2, /a file that ends in \.onnx/],
      ['horse', 'file/x.onnx', 1, /Expected to write file\/x\.onnx but cannot: a part of the path is a file/],
      ['horse', 'folder.onnx', 1, /Expected to write .*folder\.onnx but cannot: it is a folder/],
      ['gone.pt', 'x.onnx', 5, /a model file at gone\.pt/],
    ];
    for (const [word, out, code, sentence] of cases) {
      const { exitCode, stderr } = await exported(word, out);
      assert.deepEqual([exitCode, sentence.test(stderr)], [code, true], stderr);
    }
    await world.file('home/models/horse/horse.onnx', readFileSync(world.path('there.onnx')).subarray(1));
    assert.equal((await exported('horse', 'x.onnx')).exitCode, 5);
    assert.equal((await world.list('.')).includes('x.onnx'), false);
  });
});
