// `nigaoe models import` on the user's own weights, and what becomes of the style that they make.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { GeneratorIo } from '../../shared/models/entry.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { MIRROR, titled } from '../fixtures/mirror.js';
import { samplePath } from '../fixtures/photos.js';
import { shrinkingGan, tinyGan } from '../fixtures/tiny-gan.js';
import { torchFile } from '../fixtures/torch-file.js';
import { cycleFile, cycleWeights, networkOf } from '../models/imports/world.js';
import { CliWorld, type Finished } from './cli-world.js';

const BYTES: GeneratorIo = { layout: 'nhwc', channels: 'rgb', range: [0, 255] };

describe('nigaoe models import', () => {
  const world = CliWorld.inSuite();
  before(async () => {
    await world.photo('photo.png');
    await world.file('mine.onnx', writeOnnx(tinyGan({ io: BYTES, kind: 'random' })));
    await world.file('horse.pt', cycleFile());
  });
  afterEach(() => rm(world.path('home'), { recursive: true, force: true }));

  const models = (...args: string[]) => world.run(['models', ...args]);
  const textOf = ({ stdout }: Finished) => stdout.toString();

  it('makes a style of a checkpoint, tells what it is, and names the next command', async () => {
    const { exitCode, stdout, stderr } = await models('import', 'horse.pt', '--licence', 'BSD-2-Clause');
    assert.equal(exitCode, 0, stderr);
    const text = stdout.toString();
    assert.match(text, /^horse {2}imported {2}\(/);
    assert.match(text, /network +CycleGAN .*[\d,]+ parameters; read from a checkpoint \(pytorch\)/);
    assert.match(text, /pixels +nchw, rgb, -1 to 1, as this architecture has it/);
    assert.match(text, /licence +BSD-2-Clause \(commercial use allowed\)/);
    const command = /nigaoe (stylize photo\.jpg --style horse -o out\.png)$/m.exec(text)?.[1] ?? '';
    const drawn = await world.run(command.replace('photo.jpg', 'photo.png').split(' '));
    assert.equal(drawn.exitCode, 0, drawn.stderr);
    assert.equal((await sharp(world.path('out.png')).metadata()).width, 96);
    await rm(world.path('out.png'));
  });

  it('tells programs all of it', async () => {
    const args = [
      '--id',
      'my-style',
      '--title',
      'Mine',
      '--scope',
      'faces',
      '--licence',
      'own',
      '--commercial',
    ];
    const [found] = (await models('import', 'mine.onnx', ...args, '--json')).json;
    const { path, bytes, sha256, ...told } = found;
    assert.deepEqual(told, {
      id: 'my-style',
      status: 'imported',
      title: 'Mine',
      format: 'onnx',
      parameters: 271,
      io: BYTES,
      rangeReason: 'as its last step is Tanh',
      side: { multipleOf: 32, minPx: 64, maxPx: 1280 },
      scope: 'faces',
      licence: {
        name: 'own',
        commercial: true,
        notice: 'This style is under own, as was stated when it was imported.',
      },
      source: 'imported from mine.onnx',
      sourceFormat: 'onnx',
    });
    assert.equal(readFileSync(String(path)).length, bytes);
    assert.match(String(sha256), /^[0-9a-f]{64}$/);
  });

  it('says that no licence was stated, and writes so into the pictures', async () => {
    const { stderr, stdout } = await models('import', 'mine.onnx');
    assert.match(stderr, /No licence was stated.*--licence NAME states one/);
    assert.match(stdout.toString(), /licence +not stated \(not for commercial use\)/);
    const { exitCode } = await world.run([
      'stylize',
      'photo.png',
      '--style',
      'mine',
      '-o',
      'noted.png',
      '--force',
    ]);
    assert.equal(exitCode, 0, 'nobody asks for the licence again');
    const { xmp } = await sharp(world.path('noted.png')).metadata();
    assert.match(String(xmp), /ask its author before commercial use/);
  });

  it('takes the wishes of the user: layout, channels, range', async () => {
    const args = ['--layout', 'nhwc', '--channels', 'bgr', '--range', '-1,1'];
    const [{ io, rangeReason }] = (await models('import', 'mine.onnx', ...args, '--json')).json;
    assert.deepEqual(io, { layout: 'nhwc', channels: 'bgr', range: [-1, 1] });
    assert.equal(rangeReason, 'as you say');
  });

  it('takes one network of several by its prefix', async () => {
    const both = new Map(
      ['netG_A.', 'netG_B.'].flatMap((part) =>
        [...cycleWeights()].map(([key, tensor]) => [part + key, tensor] as const),
      ),
    );
    await world.file('both.pth', torchFile(both));
    const several = await models('import', 'both.pth');
    assert.equal(several.exitCode, 2);
    assert.match(several.stderr, /it holds 2: netG_A, netG_B\n.*--part netG_A/);
    assert.equal((await models('import', 'both.pth', '--part', 'netG_B')).exitCode, 0);
    assert.equal((await models('inspect', 'both.pth', '--part', 'netG_B')).exitCode, 0);
    assert.match(
      (await models('import', 'both.pth', '--part', 'netG_C', '--replace')).stderr,
      /"netG_C" names none/,
    );
  });

  it('refuses what is wrong in one sentence, with a hint, and leaves nothing behind', async () => {
    await world.file('half.onnx', writeOnnx(shrinkingGan()));
    await world.file('folder/readme.txt', 'no weights');
    const cases: [string[], number, RegExp][] = [
      [['gone.pt'], 5, /Expected a model file at gone\.pt/],
      [['folder'], 5, /Expected a manifest\.json in the folder folder/],
      [['photo.png'], 5, /Expected a checkpoint in photo\.png/],
      [['half.onnx'], 5, /but it returns 1x3x32x32/],
      [['mine.onnx', '--id', 'hayao'], 2, /an id of your own for --id .*\n.*my-hayao/],
      [['mine.onnx', '--id', 'My Style'], 2, /an id of letters.*\n.*Take my-style/],
      [['mine.onnx', '--id', 'x.pt'], 2, /an id of letters/],
      [
        ['mine.onnx', '--range', 'dark,light'],
        2,
        /two numbers, black and white for --range but received "dark,light"/,
      ],
      [['mine.onnx', '--range', '1'], 2, /two numbers/],
      [['mine.onnx', '--range', '255,0'], 2, /two numbers/],
      [['mine.onnx', '--layout', 'nhcw'], 2, /one of nchw, nhwc .*\n.*Did you mean nchw\?/],
      [['mine.onnx', '--layout', 'nchw'], 2, /the layout of the input picture 1xheightxwidthx3/],
      [['mine.onnx', '--scope', 'face'], 2, /Did you mean faces\?/],
      [['mine.onnx', '--commercial'], 2, /--licence "own work" --commercial/],
      [['mine.onnx', '--no-align-corners'], 2, /a checkpoint for --no-align-corners/],
      [['mine.onnx', '--blocks', '9'], 2, /a checkpoint for --blocks/],
      [['horse.pt', '--blocks', 'nine'], 2, /a whole number for --blocks/],
      [['horse.pt', '--layout', 'nchw'], 2, /an ONNX file for --layout.*\n.*known already/],
      [
        ['horse.pt', '--no-align-corners'],
        2,
        /an AnimeGANv2 generator for --no-align-corners.*\n.*Leave it out/,
      ],
      [['horse.pt', '--part', 'netG'], 2, /"netG" names none\n.*Leave the part out/],
      [['mine.onnx', '--commercial'], 2, /a licence beside --commercial/],
      [['mine.onnx', '--title', ''], 2, /one line of text for --title/],
      [['mine.onnx', '--title', 'a\x1b[31m'], 2, /one line of text for --title/],
      [['mine.onnx', '--id', 'con'], 2, /Windows keeps the name con/],
      [[], 2, /a value for <file>/],
    ];
    for (const [args, code, sentence] of cases) {
      const { exitCode, stderr } = await models('import', ...args);
      assert.deepEqual([exitCode, sentence.test(stderr)], [code, true], `${args.join(' ')}: ${stderr}`);
      assert.doesNotMatch(stderr, /\n +at /, 'no stack trace');
    }
    assert.deepEqual(await world.list('home').catch(() => []), []);
  });

  it('replaces a style only when it is told to', async () => {
    await models('import', 'mine.onnx');
    const again = await models('import', 'mine.onnx');
    assert.equal(again.exitCode, 2);
    assert.match(again.stderr, /mine is one of your styles already\n.*--replace/);
    const [{ status }] = (await models('import', 'mine.onnx', '--replace', '--json')).json;
    assert.equal(status, 'replaced');
  });

  it('is the beginning of a life: listed, verified, renamed, exported, removed', async () => {
    await models('import', 'mine.onnx', '--licence', 'CC-BY-NC-4.0');
    const listed = (await models('list', '--json')).json.at(-1);
    assert.deepEqual([listed?.id, listed?.own, listed?.state], ['mine', true, 'present']);
    assert.match(
      textOf(await models('list')),
      /^mine +gan +[\d.]+ kB +yours +CC-BY-NC-4\.0 \(n\) +Imported from mine\.onnx$/m,
    );
    assert.equal((await models('verify', '--json')).json[0].status, 'good');
    const [renamed] = (await models('rename', 'mine', 'yours', '--json')).json;
    assert.deepEqual([renamed.id, renamed.was, renamed.status], ['yours', 'mine', 'renamed']);
    const drawn = await world.run(['stylize', 'photo.png', '--style', 'yours', '-o', 'yours.png', '--force']);
    assert.equal(drawn.exitCode, 0, drawn.stderr);
    assert.equal((await models('rm', 'yours', '--json')).json[0].status, 'removed');
    assert.deepEqual(await world.list('home'), []);
    assert.equal((await models('rm', 'yours')).exitCode, 5);
  });

  it('says how a style comes back whose file is missing or damaged', async () => {
    const [{ path }] = (await models('import', 'mine.onnx', '--json')).json;
    await world.file('home/models/mine/mine.onnx', 'damaged');
    assert.match(
      (await models('verify', 'mine')).stderr,
      /is corrupt\n.*models import FILE --id mine --replace/,
    );
    await rm(String(path));
    assert.match(
      (await models('verify', 'mine')).stderr,
      /not there\n.*models import FILE --id mine --replace/,
    );
    assert.match(textOf(await models('list')), /yours, missing/);
    assert.equal((await models('rm', 'mine')).exitCode, 0);
  });

  it('does not let a damaged entry hide the others, and replaces it', async () => {
    await world.file('home/styles/mine.json', '{');
    const { stderr, exitCode } = await models('list');
    assert.deepEqual([exitCode, /mine\.json is left out/.test(stderr)], [0, true]);
    assert.equal((await models('import', 'mine.onnx')).exitCode, 2);
    assert.equal((await models('import', 'mine.onnx', '--replace')).exitCode, 0);
    assert.doesNotMatch((await models('list')).stderr, /left out/);
  });

  it('says of a damaged entry how it is repaired, and removes it', async () => {
    await models('import', 'mine.onnx');
    await world.file('home/styles/mine.json', '{');
    const { stderr } = await models('list');
    assert.match(
      stderr,
      /mine\.json is left out: it is damaged.*--id mine --replace.*`nigaoe models rm mine`/,
    );
    assert.doesNotMatch(stderr, /internal/);
    const [{ id, status }] = (await models('rm', 'mine', '--json')).json;
    assert.deepEqual([id, status], ['mine', 'removed']);
    assert.deepEqual(await world.list('home'), []);
    for (const id of ['mine', '../home', 'ink']) assert.notEqual((await models('rm', id)).exitCode, 0, id);
  });

  it('counts the same parameters and names the same things wherever a style is shown', async () => {
    const [imported] = (await models('import', 'horse.pt', '--json')).json;
    const [exported] = (await models('export', 'horse', 'same.onnx', '--json')).json;
    const [again] = (await models('import', 'same.onnx', '--id', 'again', '--json')).json;
    const inspected = (await models('inspect', 'horse', 'horse.pt', 'same.onnx', '--json')).json;
    const all = [imported, exported, again, ...inspected];
    for (const key of ['parameters', 'architecture', 'sourceFormat'])
      for (const each of all) assert.deepEqual(each[key], imported[key], key);
    assert.equal((imported.architecture as { summary: string }).summary, '4 channels, 6 blocks');
    for (const each of all)
      for (const key of ['path', 'bytes', 'sha256', 'format']) assert.ok(each[key] !== undefined, key);
    await rm(world.path('same.onnx'));
  });

  it('shows a style of the user as theirs, and what it was made of', async () => {
    await models('import', 'horse.pt');
    const text = textOf(await models('inspect', 'horse'));
    assert.match(text, /^ {2}yours +horse\.onnx {2}sha256/m);
    assert.doesNotMatch(text, /published/);
    assert.match(
      text,
      /format +onnx, made of pytorch\n +architecture +CycleGAN.*\n +form +4 channels, 6 blocks/,
    );
  });

  it('never sends the user to pull what only they have', async () => {
    const [{ path: file }] = (await models('import', 'mine.onnx', '--json')).json;
    await rm(String(file));
    const found = [
      await models('export', 'mine', 'lost.onnx'),
      await models('inspect', 'mine'),
      await models('verify', 'mine'),
      await world.run(['stylize', 'photo.png', '--style', 'mine', '-o', 'lost.png']),
    ];
    for (const { stdout, stderr } of found) {
      assert.match(stderr + stdout.toString(), /import FILE --id mine --replace/);
      assert.doesNotMatch(stderr + stdout.toString(), /models pull mine/);
    }
  });

  it('offers the file or folder of that name where an id is not known', async () => {
    await world.file('wave/manifest.json', '{}');
    const { exitCode, stderr } = await world.run(['stylize', 'photo.png', '--style', 'wave', '-o', 'x.png']);
    assert.equal(exitCode, 5);
    assert.match(stderr, /the id of a known style but received "wave"\n.*write \.\/wave/);
  });

  it('tells of a network of one size what becomes of photos, and advises nothing that cannot help', async () => {
    const fixed = networkOf((graph, x) => graph.op('Tanh', [x]), [1, 3, 64, 64]);
    await world.file('fixed.onnx', writeOnnx(fixed));
    assert.match(
      (await models('import', 'fixed.onnx')).stderr,
      /draws at 64 px only, so that whole photos become/,
    );
    const draw = ['stylize', 'photo.png', '--style', 'fixed', '-o', 'fixed.png', '--force'];
    const { stderr } = await world.run(draw);
    assert.match(stderr, /enlarged the drawing to 96 x 64; it draws at 64 px only/);
    assert.doesNotMatch(stderr, /--max-side/);
    const portrait = ['stylize', await world.faces('team.jpg'), '--style', 'fixed', '--scope', 'portrait'];
    const sized = await world.run([...portrait, '--size', '256', '-o', 'sized/']);
    assert.match(sized.stderr, /fixed draws at 64 px only: --size 256 has no effect/);
    await rm(world.path('fixed.png'));
  });

  it('says where the store cannot be written', async () => {
    await world.file('home', 'a file in the way');
    const { exitCode, stderr } = await models('import', 'mine.onnx');
    assert.equal(exitCode, 5);
    assert.match(stderr, /Expected a writable model store.*\n.*NIGAOE_HOME/);
  });

  it('stops when it is told to, and leaves nothing behind', async () => {
    let told = false;
    const onStderr = (_: string, kill: (signal: NodeJS.Signals) => void) => {
      // Once: a second one may meet the process when it no longer listens, and end it unheard.
      if (!told) kill('SIGINT');
      told = true;
    };
    const { exitCode } = await world.run(['models', 'import', 'horse.pt'], { onStderr });
    assert.equal(exitCode, 6);
    assert.deepEqual(await world.list('home').catch(() => []), []);
  });
});

/** The published network `wave` by the mean colours of twelve parts of what it drew when it was looked at: cream and deep blue. */
const WAVE_COLOURS = [
  ...[134, 142, 133, 184, 186, 155, 148, 154, 137, 165, 168, 143],
  ...[121, 128, 121, 164, 165, 146, 110, 124, 122, 135, 142, 136],
  ...[164, 164, 145, 153, 158, 144, 90, 111, 120, 91, 114, 128],
];

describe('a published style network in raw variables', () => {
  const world = CliWorld.inSuite();
  const wave = MIRROR && path.join(MIRROR, 'fast-style', 'wave');

  it(titled('is imported and draws as it was published', wave), async function () {
    if (wave === undefined) return this.skip();
    await sharp(samplePath(3)).resize(320).png().toFile(world.path('photo.png'));
    const { exitCode, stderr, json } = await world.run([
      'models',
      'import',
      wave,
      '--licence',
      'MIT',
      '--json',
    ]);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual([json[0].id, json[0].sourceFormat], ['wave', 'raw-folder']);
    await world.run(['stylize', 'photo.png', '--style', 'wave', '-o', 'drawn.png']);
    const parts = sharp(world.path('drawn.png')).resize(4, 3, { fit: 'fill' }).removeAlpha();
    for (const [at, level] of [...(await parts.raw().toBuffer())].entries())
      assert.ok(Math.abs(level - WAVE_COLOURS[at]) <= 8, `${at}: ${level}`);
  });
});
