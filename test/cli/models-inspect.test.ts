// `nigaoe models inspect`: what a file is, before anything is done with it.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { GeneratorIo } from '../../shared/models/entry.js';
import { type OnnxModel, writeOnnx } from '../../shared/models/onnx/file.js';
import { tinyLora, writeTinyDiffusion } from '../fixtures/tiny-diffusion.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
import { torchFile } from '../fixtures/torch-file.js';
import { cycleFile } from '../models/imports/world.js';
import { CliWorld } from './cli-world.js';

const BYTES: GeneratorIo = { layout: 'nhwc', channels: 'rgb', range: [0, 255] };

describe('nigaoe models inspect', () => {
  const world = CliWorld.inSuite();
  before(async () => {
    await world.file('mine.onnx', writeOnnx(tinyGan({ io: BYTES, kind: 'random' })));
    await world.file('horse.pt', cycleFile());
  });

  const inspect = (...args: string[]) => world.run(['models', 'inspect', ...args]);

  it('tells of an ONNX file how it wants its pixels and what a picture costs', async () => {
    const { exitCode, stdout } = await inspect('mine.onnx');
    assert.equal(exitCode, 0);
    const text = stdout.toString();
    assert.match(text, /pixels +nhwc, rgb, 0 to 255, as its last step is Tanh/);
    assert.match(text, /parameters +271 float32/);
    // 512 x 512 places, two convolutions of 3 x 3 x 3 x 5.
    assert.match(text, /multiply-adds +70\.8 million for 1x512x512x3/);
    const [{ multiplyAdds, io, format }] = (await inspect('mine.onnx', '--json')).json;
    assert.deepEqual(multiplyAdds, { count: 512 * 512 * 270, dims: [1, 512, 512, 3], isPartial: false });
    assert.deepEqual([io, format], [BYTES, 'onnx']);
  });

  it('tells of a checkpoint what network it holds', async () => {
    const { stdout } = await inspect('horse.pt');
    const text = stdout.toString();
    assert.match(text, /format +pytorch\n +architecture +CycleGAN.*\n +form +.+\n/);
    assert.match(text, /sha256 +[0-9a-f]{64}$/m);
    assert.match(text, /multiply-adds +[\d.]+ \w+ for 1x3x512x512/);
    const [{ architecture, parameters, inputs }] = (await inspect('horse.pt', '--json')).json;
    assert.equal((architecture as { id: string }).id, 'cyclegan');
    assert.ok(Number(parameters) > 0 && Array.isArray(inputs));
  });

  it('tells of a Stable Diffusion folder which parts are there, and fails where one is missing', async () => {
    await writeTinyDiffusion(world.path('sd'), { encoder: 'none', checker: 'dark' });
    const whole = await inspect('sd');
    assert.equal(whole.exitCode, 0, whole.stderr);
    assert.match(whole.stdout.toString(), /unet +[\d.]+ \w+: unet\/model\.onnx, takes the noise away/);
    assert.match(whole.stdout.toString(), /vae_encoder +not there, and not needed/);
    assert.match(whole.stdout.toString(), /safety_checker +[\d.]+ \w+: .*, which come back black/);
    assert.match(whole.stdout.toString(), /sampler +PNDMScheduler/);
    await rm(world.path('sd/unet/model.onnx'));
    const cut = await inspect('sd', '--json');
    assert.deepEqual([cut.exitCode, cut.json[0].isWhole], [5, false]);
    assert.match(cut.stderr, /lacks unet\/model\.onnx/);
  });

  it('tells of a Stable Diffusion folder that onnxruntime cannot run', async () => {
    const edit = ({ opsetImport }: OnnxModel) => {
      opsetImport[0].version = 999;
    };
    await writeTinyDiffusion(world.path('new'), { edit });
    const { exitCode, stdout, stderr } = await inspect('new');
    assert.equal(exitCode, 5);
    assert.match(stdout.toString(), /unet +[\d.]+ \w+: unet\/model\.onnx/);
    assert.match(stderr, /for unet of new but unet\/model\.onnx has opset 999\n.*opset, 17/);
  });

  it('goes with a folder that LoRAs are merged into', async () => {
    const root = await writeTinyDiffusion(world.path('base'));
    await world.file('look.safetensors', tinyLora());
    const args = ['models', 'merge', 'base', '--lora', 'look.safetensors:0.5', '-o', 'merged'];
    const { exitCode, lines, stderr } = await world.run(args);
    assert.equal(exitCode, 0, stderr);
    assert.equal(lines[0], 'base -> merged  (1 modules changed)');
    assert.deepEqual(await world.list('merged'), await world.list(path.basename(root)));
    const draw = (model: string, out: string, ...more: string[]) =>
      world.run(
        [
          'imagine',
          '--model',
          model,
          '--prompt',
          'cat',
          '--steps',
          '2',
          '--width',
          '64',
          '--height',
          '64',
          '-o',
          out,
        ].concat(more),
      );
    await draw('merged', 'merged.png');
    await draw('base', 'beside.png', '--lora', 'look.safetensors:0.5');
    await draw('base', 'plain.png');
    const [merged, beside, plain] = await Promise.all(
      ['merged', 'beside', 'plain'].map((name) =>
        sharp(world.path(`${name}.png`))
          .raw()
          .toBuffer(),
      ),
    );
    assert.ok(merged.equals(beside));
    assert.ok(!merged.equals(plain));
    assert.equal((await world.run(args)).exitCode, 2);
  });

  it('tells of an imported style what it was made of', async () => {
    await world.run(['models', 'import', 'horse.pt', '--licence', 'MIT']);
    const { stdout } = await inspect('horse');
    assert.match(
      stdout.toString(),
      /licence +MIT \(commercial[\s\S]*state +present[\s\S]*architecture +CycleGAN/,
    );
  });

  it('lists what a checkpoint holds that makes no style, says why, and fails', async () => {
    const tensors = Array.from(
      { length: 20 },
      (_, at) => [`layer.${at}.weight`, { dims: [2, 3], data: new Float32Array(6) }] as const,
    );
    await world.file('other.pt', torchFile(new Map(tensors)));
    const { exitCode, stdout, stderr } = await inspect('other.pt');
    assert.equal(exitCode, 5);
    const text = stdout.toString();
    assert.match(text, /format +pytorch\n +tensors +20\n +layer\.0\.weight float32 \[2, 3\]\n/);
    assert.match(text, / and 8 more$/m);
    assert.match(
      stderr,
      /Expected a network that nigaoe knows in other\.pt but its tensors fit none of them.*\n.*nigaoe knows: AnimeGANv2/,
    );
    const { json } = await inspect('other.pt', '--json');
    assert.equal((json[0].tensors as object[]).length, 20);
    assert.equal((json[0].noStyle as { code: string }).code, 'model-unsupported');
  });

  it('shows the others where one cannot be opened', async () => {
    const { exitCode, stdout, stderr } = await inspect('gone.pt', 'horse.pt');
    assert.equal(exitCode, 5);
    assert.match(stdout.toString(), /^horse\.pt\n/);
    assert.match(stderr, /Expected a model file at gone\.pt/);
    const { json } = await inspect('gone.pt', 'horse.pt', '--json');
    assert.deepEqual([json[0].id, json[0].status, json[1].format], ['gone.pt', 'failed', 'pytorch']);
  });

  it('shows the names in a file without what a terminal would take for a command', async () => {
    const key = '\x1b]0;owned\x07\x9b31mred';
    const other = torchFile(new Map([[key, { dims: [2], data: new Float32Array(2) }]]));
    await world.file('named.pt', other);
    const { stdout, stderr } = await inspect('named.pt');
    for (const text of [stdout.toString(), stderr]) {
      assert.match(text, /\?\]0;owned\?\?31mred/);
      assert.doesNotMatch(text, /[^\P{Cc}\n]/u);
    }
  });

  it('says of an ONNX file why it is no style, and shows it all the same', async () => {
    await world.run(['models', 'export', 'embedded-detector', 'detector.onnx']);
    const { exitCode, stdout } = await inspect('detector.onnx');
    assert.equal(exitCode, 0);
    assert.match(stdout.toString(), /no style +Expected one picture output[\s\S]*operators/);
  });
});
