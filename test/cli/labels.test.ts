// `nigaoe imagine` by labels, and LoRAs on files that draw so.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import sharp from 'sharp';
import { writeSafetensors } from '../../shared/models/checkpoints/write-safetensors.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { tensor } from '../../shared/tensor.js';
import { tinyDenoiser } from '../fixtures/tiny-denoiser.js';
import { tinyGan } from '../fixtures/tiny-gan.js';
import { CliWorld } from './cli-world.js';

describe('nigaoe imagine by labels', () => {
  const world = CliWorld.inSuite();
  before(async () => {
    await world.file('denoiser.onnx', writeOnnx(tinyDenoiser()));
    const map = 'lora_unet_up_2_attention_cross_Wv';
    const lora = {
      [`${map}.lora_down.weight`]: tensor([1, 32], new Float32Array(32).fill(0.3)),
      [`${map}.lora_up.weight`]: tensor([16, 1], new Float32Array(16).fill(0.8)),
    };
    await world.file('look.safetensors', writeSafetensors(new Map(Object.entries(lora))));
  });

  const imagine = (...args: string[]) =>
    world.run(['imagine', '--model', 'denoiser.onnx', '--device', 'cpu', '--steps', '4', ...args]);
  const sizeOf = async (name: string) => {
    const { width, height } = await sharp(world.path(name)).metadata();
    return [width, height];
  };
  const pixels = async (name: string) => sharp(world.path(name)).raw().toBuffer();
  /** 16 px, enlarged to 64, with 4 between. */
  const cells = (count: number) => count * 68 + 4;

  it('draws one picture of each label where nothing else is said', async () => {
    const { exitCode, stdout, stderr } = await imagine('-o', 'all.png', '--json');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout.toString()).labels, [0, 1, 2]);
    assert.deepEqual(await sizeOf('all.png'), [cells(3), cells(1)]);
  });

  it('shows a row for each label, from noise to picture', async () => {
    const { exitCode, stderr } = await imagine('--labels', '0-1,1', '--stages', '5', '-o', 'stages.png');
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(await sizeOf('stages.png'), [cells(5), cells(3)]);
  });

  it('writes a file for each picture into a folder', async () => {
    assert.equal((await imagine('--labels', '2', '--count', '3', '-o', 'drawn/')).exitCode, 0);
    assert.deepEqual((await readdir(world.path('drawn'))).sort(), ['1.png', '2.png', '3.png']);
  });

  it('draws with a LoRA, the same merged, beside, and merged into a file', async () => {
    const lora = ['--lora', 'look.safetensors:6'];
    for (const [name, args] of [
      ['plain.png', []],
      ['merged.png', lora],
      ['beside.png', [...lora, '--beside']],
    ] as const)
      assert.equal((await imagine(...args, '-o', name)).exitCode, 0);
    const { exitCode, stderr } = await world.run([
      'models',
      'merge',
      'denoiser.onnx',
      ...lora,
      '-o',
      'look.onnx',
    ]);
    assert.equal(exitCode, 0, stderr);
    await world.run(['imagine', '--model', 'look.onnx', '--device', 'cpu', '--steps', '4', '-o', 'file.png']);
    const [plain, merged, beside, file] = await Promise.all(
      ['plain', 'merged', 'beside', 'file'].map((name) => pixels(`${name}.png`)),
    );
    const off = (one: Buffer, other: Buffer) =>
      one.reduce((most, level, at) => Math.max(most, Math.abs(level - other[at])), 0);
    assert.ok(off(merged, beside) <= 1);
    assert.equal(off(merged, file), 0);
    assert.ok(off(plain, merged) > 1);
  });

  const REFUSED: [what: string, args: string[], sentence: RegExp][] = [
    ['a label that it has not', ['--labels', '3'], /whole numbers from 0 to 2 for --labels but received 3/],
    [
      'labels that are none',
      ['--labels', 'three'],
      /numbers and ranges .* for --labels but received "three"/,
    ],
    [
      'more steps than it was trained on',
      ['--steps', '1000', '--sampler', 'pndm', '--labels', '9-8'],
      /--labels/,
    ],
    [
      'more stages than it makes',
      ['--stages', '6'],
      /at most 5, one more than --steps for --stages but received 6/,
    ],
    ['to keep no LoRA beside the weights', ['--beside'], /no --beside .* without --lora/],
    ['a prompt', ['--prompt', 'seven'], /no --prompt .* denoiser\.onnx, which draws by labels/],
  ];
  for (const [what, args, sentence] of REFUSED)
    it(`refuses ${what}`, async () => {
      const { exitCode, stderr } = await imagine(...args, '-o', 'never.png');
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, sentence);
    });

  it('merges into files that draw by labels only', async () => {
    await world.file(
      'style.onnx',
      writeOnnx(tinyGan({ io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] }, kind: 'random' })),
    );
    const args = ['models', 'merge', 'style.onnx', '--lora', 'look.safetensors', '-o', 'never.onnx'];
    const { exitCode, stderr } = await world.run(args);
    assert.equal(exitCode, 5);
    assert.match(stderr, /takes noise away in style\.onnx/);
  });

  it('has no use for labels where a network draws from numbers', async () => {
    await world.file(
      'gan.onnx',
      writeOnnx(tinyGan({ io: { layout: 'nchw', channels: 'rgb', range: [-1, 1] }, kind: 'random' })),
    );
    const { exitCode, stderr } = await world.run([
      'imagine',
      '--model',
      'gan.onnx',
      '--labels',
      '3',
      '-o',
      'never.png',
    ]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /no --labels/);
  });
});
