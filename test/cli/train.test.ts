// `nigaoe train` and `nigaoe imagine`: from figures to a network to pictures.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { writeTinyDiffusion } from '../fixtures/tiny-diffusion.js';
import { writeFigures } from '../workshop/digits.js';
import { CliWorld } from './cli-world.js';

const CYCLE = ['train', 'cyclegan', '--data', 'photos', 'paintings', '--size', '24'];
const NARROW = ['--width', '4', '--blocks', '1'];

describe('nigaoe train', () => {
  const world = CliWorld.inSuite();
  const sizeOf = async (name: string) => {
    const { width, height } = await sharp(await readFile(world.path(name))).metadata();
    return [width, height];
  };

  before(async () => {
    await writeFigures(world.path('figures'), 60);
    for (const name of [1, 2, 3]) await world.photo(`photos/${name}.jpg`, { width: 60, height: 40 + name });
    for (const name of [1, 2]) await world.photo(`paintings/${name}.png`, { width: 40, height: 50 + name });
    await world.faces('team.jpg');
    await world.photo('people/wall.png');
    await world.faces('people/team.jpg');
  });

  it('leaves networks, samples, a plot, a log and checkpoints, and says where', async () => {
    const { exitCode, lines, stderr } = await world.run(
      ['train', 'vae', '--data', 'figures', '--out', 'vae', '--steps', '6', '--batch', '10'],
      { env: { NO_COLOR: '1' } },
    );
    assert.equal(exitCode, 0, stderr);
    assert.match(lines[0], /^vae: 6 steps on \w+, [\d.]+ \w+; loss [\d.]+ error [\d.]+ kl [\d.]+$/);
    assert.deepEqual(lines.slice(1), ['  -> vae/style.onnx', '  -> vae/decoder.onnx']);
    assert.match(stderr, /^step 6 of 6 {2}done {2}loss .*$/m);
    const made = await world.list('vae');
    for (const name of ['decoder.onnx', 'log.jsonl', 'losses.png', 'losses.svg', 'samples/step-0000006.png'])
      assert.ok(made.includes(name), `${name} among ${made.join()}`);
  });

  it('is told as JSON', async () => {
    const { json, stderr } = await world.run([
      'train',
      'classifier',
      '--data',
      'figures',
      '--out',
      'told',
      '--epochs',
      '2',
      '--hold-back',
      '10',
      '--json',
    ]);
    const [{ status, recipe, steps, held, products }] = json;
    assert.deepEqual(
      [status, recipe, steps, products],
      ['trained', 'classifier', 2, ['told/classifier.onnx']],
      stderr,
    );
    assert.deepEqual(Object.keys(held as object), ['loss', 'accuracy']);
  });

  it('makes styles that draw at once', async () => {
    const { exitCode, stderr } = await world.run([...CYCLE, ...NARROW, '--out', 'styles', '--steps', '3']);
    assert.equal(exitCode, 0, stderr);
    for (const style of ['a-to-b', 'b-to-a']) {
      const drawn = await world.run([
        'stylize',
        'team.jpg',
        '--style',
        `styles/${style}.onnx`,
        '-o',
        `${style}.png`,
      ]);
      assert.equal(drawn.exitCode, 0, drawn.stderr);
      assert.deepEqual(await sizeOf(`${style}.png`), [1920, 1280]);
    }
  });

  it('makes styles that can be imported, and checkpoints of which an earlier stage can', async () => {
    const vae = await world.run([
      'models',
      'import',
      'vae/style.onnx',
      '--id',
      'redrawn',
      '--licence',
      'MIT',
    ]);
    assert.equal(vae.exitCode, 0, vae.stderr);
    const args = [
      ...CYCLE,
      ...NARROW,
      '--flavour',
      'mindspore',
      '--out',
      'shared',
      '--steps',
      '2',
      '--batch',
      '2',
    ];
    const trained = await world.run(args);
    assert.equal(trained.exitCode, 0, trained.stderr);
    const checkpoint = 'shared/checkpoints/step-0000002.safetensors';
    await world.run([
      'models',
      'import',
      checkpoint,
      '--id',
      'early',
      '--part',
      'generatorA2B',
      '--licence',
      'MIT',
    ]);
    for (const [name, style] of Object.entries({ early: 'early', product: 'shared/a-to-b.onnx' })) {
      const drawn = await world.run(['stylize', 'photos/1.jpg', '--style', style, '-o', `${name}.png`]);
      assert.equal(drawn.exitCode, 0, drawn.stderr);
    }
    const [early, product] = await Promise.all(
      ['early', 'product'].map((name) =>
        sharp(world.path(`${name}.png`))
          .raw()
          .toBuffer(),
      ),
    );
    assert.ok(early.equals(product));
  });

  it('learns from the faces in photos', async () => {
    const args = [
      'train',
      'conv-autoencoder',
      '--data',
      'people',
      '--out',
      'faces',
      '--align-faces',
      '--size',
      '28',
    ];
    const { exitCode, json, stderr } = await world.run([...args, '--steps', '2', '--batch', '3', '--json']);
    assert.deepEqual([exitCode, json[0]?.steps], [0, 2], stderr);
  });

  it('saves when it is interrupted, and goes on from there to the same end', async () => {
    const order = [...CYCLE, ...NARROW, '--steps', '40', '--save-every', '10', '--json'];
    const whole = await world.run([...order, '--out', 'whole']);
    assert.equal(whole.exitCode, 0, whole.stderr);
    let sent = false;
    const cut = await world.run([...order, '--out', 'cut'], {
      onStderr: (text, kill) => {
        if (!sent && text.includes('step 10 of 40')) kill('SIGINT');
        sent ||= text.includes('step 10 of 40');
      },
    });
    assert.equal(cut.exitCode, 6, cut.stderr);
    assert.match(
      cut.stderr,
      /Saved at step \d+, with a-to-b\.onnx and b-to-a\.onnx; --resume goes on from there\./,
    );
    const on = await world.run([...order, '--out', 'cut', '--resume']);
    assert.deepEqual([on.exitCode, on.json[0].losses], [0, whole.json[0].losses], on.stderr);
    for (const name of ['a-to-b.onnx', 'losses.svg'])
      assert.ok(
        (await readFile(world.path(`cut/${name}`))).equals(await readFile(world.path(`whole/${name}`))),
        name,
      );
  });

  const refusals: Record<string, { args: string[]; says: RegExp }> = {
    'a recipe of another name': {
      args: ['train', 'dcgann', '--data', 'figures', '--out', 'no'],
      says: /Expected one of autoencoder, .*"dcgann"[\s\S]*dcgan/,
    },
    'one folder where two are needed': {
      args: ['train', 'cyclegan', '--data', 'photos', '--out', 'no'],
      says: /Expected 2 folders for --data/,
    },
    'a folder that is not there': {
      args: ['train', 'vae', '--data', 'nowhere', '--out', 'no'],
      says: /nowhere[\s\S]*Nothing is there/,
    },
    'photos without labels for a classifier': {
      args: ['train', 'classifier', '--data', 'photos', '--out', 'no', '--size', '24'],
      says: /labels/,
    },
    'a setting out of its range': {
      args: ['train', 'vae', '--data', 'figures', '--out', 'no', '--batch', '-3'],
      says: /--batch/,
    },
  };
  for (const [what, { args, says }] of Object.entries(refusals))
    it(`refuses ${what}, and leaves nothing`, async () => {
      const { exitCode, stderr } = await world.run(args);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, says);
      assert.deepEqual(
        await world.list('.').then((names) => names.filter((name) => name.startsWith('no/'))),
        [],
      );
    });

  describe('nigaoe imagine', () => {
    const MODEL = ['imagine', '--model', 'vae/decoder.onnx'];

    it('draws a grid, the same for the same seed', async () => {
      const { exitCode, lines, stderr } = await world.run([
        ...MODEL,
        '--count',
        '6',
        '--columns',
        '3',
        '-o',
        'six.png',
      ]);
      assert.equal(exitCode, 0, stderr);
      assert.match(lines[0], /^vae\/decoder\.onnx -> six\.png {2}\(6 pictures on \w+\)$/);
      await world.run([...MODEL, '--count', '6', '--columns', '3', '-o', 'again.png']);
      await world.run([...MODEL, '--count', '6', '--columns', '3', '--seed', '2', '-o', 'other.png']);
      const [six, again, other] = await Promise.all(
        ['six', 'again', 'other'].map((name) => readFile(world.path(`${name}.png`))),
      );
      assert.ok(six.equals(again));
      assert.ok(!six.equals(other));
      const [width, height] = await sizeOf('six.png');
      assert.ok(width > height, `${width} x ${height}`);
    });

    it('walks from picture to picture, a row each', async () => {
      const { json, stderr } = await world.run([
        ...MODEL,
        '--count',
        '3',
        '--interpolate',
        '7',
        '-o',
        'walk.png',
        '--json',
      ]);
      assert.deepEqual([json[0]?.pictures, json[0]?.interpolate], [14, 7], stderr);
      const [width, height] = await sizeOf('walk.png');
      assert.ok(width > 3 * height, `${width} x ${height}`);
    });

    it('fills a folder with a file for each, signed as drawn by a model', async () => {
      await world.run([...MODEL, '--count', '10', '-o', 'drawn/']);
      const names = await world.list('drawn');
      assert.deepEqual([names.length, names[0], names[9]], [10, '01.png', '10.png']);
      assert.deepEqual(await sizeOf('drawn/01.png'), [28, 28]);
      const { xmp } = await sharp(world.path('drawn/01.png')).metadata();
      assert.match(String(xmp), /digitalsourcetype\/trainedAlgorithmicMedia/);
    });

    it('keeps what is there, unless it is told to replace it', async () => {
      const kept = await world.run([...MODEL, '-o', 'six.png']);
      assert.equal(kept.exitCode, 2);
      assert.match(kept.stderr, /six\.png[\s\S]*--force/);
      assert.equal((await world.run([...MODEL, '-o', 'six.png', '--force'])).exitCode, 0);
    });

    it('refuses a style, which draws from photos', async () => {
      const { exitCode, stderr } = await world.run([
        'imagine',
        '--model',
        'styles/a-to-b.onnx',
        '-o',
        'x.png',
      ]);
      assert.equal(exitCode, 5, stderr);
      assert.match(stderr, /draws from numbers[\s\S]*nigaoe train vae/);
    });

    it('draws from a prompt with a Stable Diffusion folder, one picture unless more are asked for', async () => {
      await writeTinyDiffusion(world.path('sd'));
      const args = [
        'imagine',
        '--model',
        'sd',
        '--prompt',
        'a (cat:1.2)',
        '--steps',
        '3',
        '--width',
        '64',
        '--height',
        '72',
      ];
      const one = await world.run([...args, '-o', 'cat.png', '--json']);
      assert.equal(one.exitCode, 0, one.stderr);
      assert.deepEqual([one.json[0].pictures, one.json[0].prompt], [1, 'a (cat:1.2)']);
      const four = await world.run([...args, '--count', '4', '--seed', '3', '-o', 'cats/']);
      assert.equal(four.exitCode, 0, four.stderr);
      assert.deepEqual(await world.list('cats'), ['1.png', '2.png', '3.png', '4.png']);
      assert.deepEqual(await sizeOf('cats/1.png'), [64, 72]);
      const fourth = await world.run([...args, '--seed', '6', '-o', 'alone/']);
      assert.equal(fourth.exitCode, 0, fourth.stderr);
      const [of, by] = await Promise.all(
        ['cats/4.png', 'alone/1.png'].map((name) => readFile(world.path(name))),
      );
      assert.ok(of.equals(by));
      const idle = await world.run([...MODEL, '--prompt', 'a cat', '-o', 'idle.png']);
      assert.match(idle.stderr, /Expected no --prompt for vae\/decoder\.onnx, which draws from numbers/);
    });

    it('draws the size that a Stable Diffusion folder is fixed to where none is asked for', async () => {
      await writeTinyDiffusion(world.path('sized'), { sides: { widthPx: 72, heightPx: 64 } });
      const args = ['imagine', '--model', 'sized', '--prompt', 'a cat', '--steps', '2', '-o'];
      const { exitCode, json, stderr } = await world.run([...args, 'only/', '--json']);
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual([json[0].widthPx, json[0].heightPx], [72, 64]);
      assert.deepEqual(await sizeOf('only/1.png'), [72, 64]);
      // Refused for its size before the LoRA is looked for.
      const other = await world.run([
        ...args,
        'unsized.png',
        '--width',
        '64',
        '--lora',
        'nowhere.safetensors',
      ]);
      assert.equal(other.exitCode, 2);
      assert.match(other.stderr, /Expected 72 x 64 px, as sized draws nothing else, .*"64 x 64"/);
      const inspected = await world.run(['models', 'inspect', 'sized']);
      assert.match(inspected.stdout.toString(), /draws +72 x 64 px only/);
    });

    it('sends a photo through the autoencoder and tells what is lost', async () => {
      const args = ['reconstruct', 'photos/1.jpg', '--model', 'sd', '-o', 'back.png'];
      const { exitCode, lines, stderr } = await world.run(args);
      assert.equal(exitCode, 0, stderr);
      assert.match(lines[0], /^photos\/1\.jpg -> back\.png {2}\(56 x 40, PSNR [\d.]+ dB, on \w+\)$/);
      assert.deepEqual(await sizeOf('back.png'), [56, 40]);
      assert.equal((await world.run(args)).exitCode, 2);
    });

    it('refuses a walk of one picture, and an ending that is no picture', async () => {
      const lone = await world.run([...MODEL, '--count', '1', '--interpolate', '4', '-o', 'lone.png']);
      assert.deepEqual([lone.exitCode, /at least 2/.test(lone.stderr)], [2, true], lone.stderr);
      const text = await world.run([...MODEL, '-o', 'six.txt']);
      assert.deepEqual([text.exitCode, /\.png/.test(text.stderr)], [2, true], text.stderr);
    });
  });
});
