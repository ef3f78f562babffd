// Stable Diffusion as a style, by tiny networks: what every style promises, and what a run tells it.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDiffusion } from '../../../shared/generators/diffusion/pipeline.js';
import type { Generator, Run } from '../../../shared/generators/generator.js';
import { type OpenGeneratorOptions, openGenerator } from '../../../shared/generators/open.js';
import { openStore } from '../../../shared/models/store/store.js';
import type { Tensor } from '../../../shared/tensor.js';
import { type TinyOptions, tinyLora, writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';
import { keepsTheContract, picture } from '../contract.js';

const DDIM = { scheduler: { _class_name: 'DDIMScheduler' } };
const distance = (a: Tensor, b: Tensor): number =>
  a.data.reduce((sum, value, at) => sum + Math.abs(value - b.data[at]), 0) / a.data.length;

describe('a style of Stable Diffusion', () => {
  let folder = '';
  let count = 0;
  const opened: Generator[] = [];
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-sd-style-'));
  });
  afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));
  after(() => rm(folder, { recursive: true, force: true }));

  const write = (options: TinyOptions = DDIM) =>
    writeTinyDiffusion(path.join(folder, `tiny-${count++}`), options);
  async function open(root: string, options: OpenGeneratorOptions = {}): Promise<Generator> {
    const generator = await openGenerator(`sd:${root}`, { device: 'cpu', ...options });
    opened.push(generator);
    return generator;
  }

  keepsTheContract('of any size', async () => openGenerator(`sd:${await write()}`, { device: 'cpu' }));
  keepsTheContract('of one size', async () =>
    openGenerator(`sd:${await write({ sides: { widthPx: 136, heightPx: 136 } })}`, { device: 'cpu' }),
  );

  it('is called as its folder, draws any multiple of 8, and has a strength of its own', async () => {
    const { id, side, redraws, deviceReason } = await open(`${await write()}/`);
    assert.match(id, /^tiny-\d+$/);
    assert.deepEqual(side, { multipleOf: 8, minPx: 64, maxPx: 768 });
    assert.equal(redraws, true);
    assert.notEqual(deviceReason, '');
  });

  it('draws at the one size that its network has, and refuses one that draws no squares', async () => {
    const { side } = await open(await write({ sides: { widthPx: 128, heightPx: 128 } }));
    assert.deepEqual(side, { multipleOf: 8, minPx: 128, maxPx: 128 });
    await assert.rejects(open(await write({ sides: { widthPx: 64, heightPx: 128 } })), {
      code: 'model-unsupported',
      message: /^Expected a UNet of squares or of any size in .* but it draws 64 x 128 px only$/,
    });
  });

  it('draws over the picture as the pipeline does', async () => {
    const root = await write();
    const told = {
      prompt: 'a cat',
      negative: 'blurry',
      steps: 8,
      guidance: 5,
      sampler: 'euler',
      seed: 9,
    } as const;
    const drawn = await (await open(root)).generate(picture(64, 72), { ...told, strength: 0.5 });
    const diffusion = await openDiffusion(root, { device: 'cpu' });
    const canvas = { picture: picture(64, 72), strength: 0.5 };
    const over = await diffusion.draw({ ...told, widthPx: 64, heightPx: 72, canvas });
    await diffusion.close();
    assert.deepEqual(drawn, over);
  });

  it('heeds all that it is told, and has the defaults of the options', async () => {
    const style = await open(await write());
    const draw = (run: Run) => style.generate(picture(64, 64), run);
    const usual = await draw({});
    assert.deepEqual(
      await draw({ prompt: '', negative: '', steps: 25, guidance: 7.5, seed: 1, strength: 0.6 }),
      usual,
    );
    const changes: Run[] = [
      ...[{ prompt: 'a cat' }, { negative: 'a cat' }, { seed: 2 }, { steps: 9 }, { strength: 0.9 }],
      { sampler: 'euler' },
    ];
    for (const run of changes)
      assert.ok(distance(await draw(run), usual) > 1e-5, `no difference by ${JSON.stringify(run)}`);
    const guided = await draw({ prompt: 'a cat' });
    assert.ok(distance(await draw({ prompt: 'a cat', guidance: 1 }), guided) > 1e-5);
  });

  it('stays nearer to the picture at a low strength', async () => {
    const style = await open(await write());
    const over = picture(64, 64);
    const draw = (strength: number) => style.generate(over, { strength });
    const [again, low, high] = [await draw(0.04), await draw(0.2), await draw(1)];
    assert.ok(distance(low, again) < distance(high, again));
  });

  it('is changed by LoRAs, as much as their strength says', async () => {
    const root = await write();
    const lora = path.join(folder, 'look.safetensors');
    await writeFile(lora, tinyLora());
    const store = openStore({ home: path.join(folder, 'home') });
    const drawn: Tensor[] = [];
    for (const wishes of [[], [`${lora}:0.5`], [lora]]) {
      const style = await open(root, { store, lora: wishes });
      drawn.push(await style.generate(picture(64, 64), { prompt: 'a cat' }));
    }
    assert.equal((await readdir(path.join(folder, 'home/merged'))).length, 2);
    assert.ok(distance(drawn[0], drawn[1]) > 1e-6 && distance(drawn[1], drawn[2]) > 1e-6);
  });

  it('refuses a folder that cannot draw over pictures before anything is drawn', async () => {
    await assert.rejects(open(await write({ encoder: 'none' })), {
      code: 'model-missing',
      message: /^Expected vae_encoder\/model\.onnx in .*, which drawing over a picture takes$/,
    });
    await assert.rejects(open(path.join(folder, 'nowhere')), /but it is none$/);
  });

  it('tells each step, and ends between two of them when it is cancelled', async () => {
    const style = await open(await write());
    const [told, controller] = [[] as string[], new AbortController()];
    const run: Run = {
      ...{ steps: 10, strength: 0.5, signal: controller.signal },
      onProgress(done, total) {
        told.push(`${done}/${total}`);
        if (done === 3) controller.abort();
      },
    };
    await assert.rejects(style.generate(picture(64, 64), run), { code: 'cancelled' });
    assert.deepEqual(told, ['1/5', '2/5', '3/5']);
  });

  it('says what of a prompt did not fit', async () => {
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    await (await open(await write())).generate(picture(64, 64), {
      ...{ prompt: `${'cat '.repeat(75)}a b`, steps: 2, onNotice },
    });
    assert.deepEqual(notices, ['The prompt is longer than 75 tokens; left out: a b']);
  });
});
