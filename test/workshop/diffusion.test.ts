// Diffusion by labels, LoRAs on it and on Stable Diffusion folders, and fine-tuning of styles: trained for a few steps,
// and drawn with.

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { openDiffusion } from '../../shared/generators/diffusion/pipeline.js';
import { openLabelledGenerator } from '../../shared/generators/labelled.js';
import { openGenerator } from '../../shared/generators/open.js';
import { openCheckpoint } from '../../shared/models/checkpoints/open.js';
import { readLora } from '../../shared/models/lora/file.js';
import { mergeInside } from '../../shared/models/lora/inside.js';
import { writeOnnx } from '../../shared/models/onnx/file.js';
import { tensor } from '../../shared/tensor.js';
import type { PartialSettings } from '../../shared/train/settings.js';
import { type Outcome, train } from '../../shared/workshop/train.js';
import { exportedUnet } from '../fixtures/exported-unet.js';
import { writeTinyDiffusion } from '../fixtures/tiny-diffusion.js';
import { type TinyGan, tinyGan } from '../fixtures/tiny-gan.js';
import { writeFigures } from './digits.js';

const SMALL = { size: 16, width: 8, batch: 6, device: 'cpu' } as const;

/** In an unusual order and range, which the training has to heed. */
const STYLE: TinyGan = { io: { layout: 'nhwc', channels: 'bgr', range: [0, 255] }, kind: 'random' };

describe('training with noise', () => {
  let folder = '';
  let figures = '';
  let denoiser = '';
  let count = 0;
  const newOut = () => path.join(folder, `out-${++count}`);
  const run = (
    recipe: string,
    settings: PartialSettings,
    { data = [figures], out = newOut(), resume = false, notices = [] as string[] } = {},
  ): Promise<Outcome & { out: string; notices: string[] }> =>
    train({
      ...{ recipe, data, out, resume, settings: { device: 'cpu', ...settings } },
      onNotice: (sentence) => notices.push(sentence),
    }).then((outcome) => ({ ...outcome, out, notices }));

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-diffusion-'));
    figures = await writeFigures(path.join(folder, 'figures'), 60);
    const { products } = await run(
      'diffusion',
      { ...SMALL, steps: 60, holdBack: 6, rate: 3e-3 },
      { out: path.join(folder, 'base') },
    );
    denoiser = products[0];
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const draw = async (
    file: string,
    options: Parameters<typeof openLabelledGenerator>[1] = {},
    labels = [0, 1, 2],
  ) => {
    const generator = await openLabelledGenerator(file, { device: 'cpu', ...options });
    const wish = { labels, seeds: labels.map((label) => 7 + label), sampler: 'ddim', steps: 10 } as const;
    const stages = await generator.draw({ ...wish, stages: 4 });
    await generator.close();
    return stages;
  };

  it('learns to tell noise from figures, and shows every label on its way', async () => {
    const log = (await readFile(path.join(folder, 'base', 'log.jsonl'), 'utf8')).trim().split('\n');
    const [first, last] = [log[0], log[log.length - 1]].map((line) => JSON.parse(line).losses.loss);
    assert.ok(last < 0.8 * first, `${first} -> ${last}`);
    const sample = await sharp(path.join(folder, 'base', 'samples', 'step-0000060.png')).metadata();
    // Twenty stages beside each other, three labels below each other, 64 px each and 4 px between.
    assert.deepEqual([sample.width, sample.height], [20 * 68 + 4, 3 * 68 + 4]);
  });

  it('draws the same picture for a seed, whatever is drawn beside it', async () => {
    const stages = await draw(denoiser);
    assert.deepEqual(
      stages.map(({ dims }) => dims.join()),
      Array(4).fill('3,1,16,16'),
    );
    const again = await draw(denoiser);
    assert.deepEqual(again.at(-1)!.data, stages.at(-1)!.data);
    const generator = await openLabelledGenerator(denoiser, { device: 'cpu' });
    const [alone] = await generator.draw({ labels: [1], seeds: [8], sampler: 'ddim', steps: 10, stages: 1 });
    await generator.close();
    const beside = stages.at(-1)!.data.subarray(256, 512);
    assert.ok(alone.data.every((value, at) => Math.abs(value - beside[at]) < 1e-4));
  });

  it('refuses labels that it did not learn', async () => {
    await assert.rejects(draw(denoiser, {}, [3]), { code: 'options', message: /0 to 2 for --labels .* 3/ });
  });

  describe('a LoRA', () => {
    let lora = '';
    before(async () => {
      const { products } = await run('lora', { from: denoiser, steps: 20, batch: 6, rank: 2, rate: 0.01 });
      lora = products[0];
    });

    it('is the thin matrices alone, under names that other programs read', async () => {
      const checkpoint = await openCheckpoint(lora);
      const keys = [...checkpoint.tensors.keys()];
      await checkpoint.close();
      assert.match(path.basename(lora), /^lora\.safetensors$/);
      assert.ok(keys.includes('lora_unet_down_0_attention_cross_Wq.lora_down.weight'), keys[0]);
      assert.ok(keys.every((key) => /^lora_unet_\w+_W[qkv]\.(lora_(down|up)\.weight|alpha)$/.test(key)));
    });

    it('draws the same merged as beside the weights, and nothing new at strength 0', async () => {
      const of = async (strength: number, beside = false) =>
        (await draw(denoiser, { loras: [{ file: lora, strength }], beside })).at(-1)!.data;
      const [plain, none, merged, beside] = [
        (await draw(denoiser)).at(-1)!.data,
        await of(0),
        await of(1),
        await of(1, true),
      ];
      assert.ok(distance(plain, none) < 1e-4);
      assert.ok(distance(merged, beside) < 1e-3, `${distance(merged, beside)}`);
      assert.ok(distance(plain, merged) > 0.01, `${distance(plain, merged)}`);
    });

    it('goes on where it was, on the same network only', async () => {
      const [whole, halves] = [newOut(), newOut()];
      const settings = { from: denoiser, batch: 6, rank: 2, saveEvery: 3 };
      await run('lora', { ...settings, steps: 6 }, { out: whole });
      await run('lora', { ...settings, steps: 6 }, { out: halves });
      await rm(path.join(halves, 'checkpoints', 'step-0000006.safetensors'));
      await run('lora', { steps: 6 }, { out: halves, resume: true });
      const [one, other] = await Promise.all(
        [whole, halves].map((out) => readFile(path.join(out, 'lora.safetensors'))),
      );
      assert.deepEqual(one, other);
      const { products } = await run('diffusion', { ...SMALL, steps: 1, seed: 5 });
      await assert.rejects(run('lora', { from: products[0], steps: 8 }, { out: halves, resume: true }), {
        code: 'options',
        message: /the network that it was begun with for --from but received "another"/,
      });
    });

    it('names the maps that are there, where none is wanted', async () => {
      await assert.rejects(run('lora', { from: denoiser, targets: 'to_qkv' }), {
        code: 'options',
        message: /--targets/,
        hint: /There are .*\w+_attention_cross_W[qkv].* more/,
      });
    });

    it('is of the size of its network, which hears no words', async () => {
      await assert.rejects(run('lora', { from: denoiser, size: 32 }), {
        code: 'options',
        message: /Expected 16, as .*denoiser\.onnx has it, for --size but received 32/,
      });
      await assert.rejects(run('lora', { from: denoiser, prompt: 'a ring' }), {
        code: 'options',
        message: /no --prompt/,
      });
    });

    it('wants a network, and one that takes noise away', async () => {
      await assert.rejects(run('lora', {}), { code: 'options', message: /--from/ });
      const style = path.join(folder, 'style.onnx');
      await writeFile(style, writeOnnx(tinyGan(STYLE)));
      await assert.rejects(run('lora', { from: style }), {
        code: 'model-unsupported',
        message: /takes noise away/,
      });
    });
  });

  it('learns a LoRA on the UNet of a Stable Diffusion folder, from pictures and the words beside them', async () => {
    const root = await writeTinyDiffusion(path.join(folder, 'sd'), { isExternal: true });
    const pictures = path.join(folder, 'pictures');
    await mkdir(pictures);
    for (const name of ['one', 'two', 'three'])
      await sharp({
        create: { width: 80, height: 64, channels: 3, background: name === 'one' ? 'red' : 'teal' },
      })
        .png()
        .toFile(path.join(pictures, `${name}.png`));
    await writeFile(path.join(pictures, 'one.txt'), 'a cat in red\n');
    const { products, notices } = await run(
      'lora',
      { from: root, size: 64, batch: 2, steps: 12, rank: 2, rate: 0.05, prompt: 'a cat' },
      { data: [pictures] },
    );
    assert.ok(
      notices.some((notice) => /Encoding 3 pictures/.test(notice)),
      notices.join('\n'),
    );
    assert.ok(!notices.some((notice) => /one\.txt/.test(notice)), 'a caption is no picture');
    const wish = { prompt: 'a cat', negative: '', steps: 4, guidance: 1, sampler: 'ddim', seed: 3 } as const;
    const size = { widthPx: 64, heightPx: 64 };
    const pixels = async (loras: { file: string; strength: number }[]) => {
      const diffusion = await openDiffusion(root, {
        device: 'cpu',
        loras,
        cache: path.join(folder, 'merged'),
      });
      const drawn = await diffusion.draw({ ...wish, ...size });
      await diffusion.close();
      return drawn.data;
    };
    const [plain, changed] = [await pixels([]), await pixels([{ file: products[0], strength: 1 }])];
    assert.ok(distance(plain, changed) > 1e-4, 'the LoRA changes what is drawn');
  });

  it('learns a LoRA through a whole UNet as PyTorch exports it, whose weights have lost their names', async () => {
    const root = path.join(folder, 'exported');
    await writeTinyDiffusion(root, { unet: exportedUnet({ words: 8 }) });
    const pictures = path.join(folder, 'one');
    await mkdir(pictures);
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'orange' } })
      .png()
      .toFile(path.join(pictures, 'a.png'));
    const { products, out } = await run(
      'lora',
      { from: root, size: 64, batch: 2, steps: 40, rank: 4, rate: 0.02, prompt: 'a cat' },
      { data: [pictures] },
    );
    const losses = (await readFile(path.join(out, 'log.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).losses.loss);
    const part = (some: number[]) => some.reduce((sum, loss) => sum + loss, 0) / some.length;
    assert.ok(part(losses.slice(-8)) < part(losses.slice(0, 8)), losses.join());
    const checkpoint = await openCheckpoint(products[0]);
    const keys = [...checkpoint.tensors.keys()];
    await checkpoint.close();
    assert.ok(
      keys.includes('lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight'),
      keys.join('\n'),
    );
    const { merged, unmatched } = mergeInside(
      exportedUnet({ words: 8 }),
      [{ name: 'it', modules: (await readLora(products[0])).networks.unet, strength: 1 }],
      'the UNet',
    );
    assert.deepEqual([merged, unmatched], [keys.length / 3, []]);
  });

  describe('fine-tuning', () => {
    let [style, photos, drawings] = ['', '', ''];
    before(async () => {
      style = path.join(folder, 'tiny.onnx');
      await writeFile(style, writeOnnx(tinyGan(STYLE)));
      [photos, drawings] = [path.join(folder, 'photos'), path.join(folder, 'drawings')];
      for (const [at, target] of [photos, drawings].entries()) {
        await mkdir(target, { recursive: true });
        for (let index = 0; index < 4; index++)
          await sharp({
            create: {
              width: 64,
              height: 64,
              channels: 3,
              background: { r: 50 * index, g: 200 - 40 * index, b: at ? 200 : 40 },
            },
          })
            .png()
            .toFile(path.join(target, `${index}.png`));
      }
    });

    it('fine-tunes a style towards pairs, and leaves the file as it was but for its numbers', async () => {
      const { products, out } = await run(
        'finetune',
        { from: style, size: 64, width: 8, steps: 25, rate: 0.02, paired: true },
        { data: [photos, drawings] },
      );
      const log = (await readFile(path.join(out, 'log.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const part = (entries: typeof log) =>
        entries.reduce((sum, { losses }) => sum + losses.stays, 0) / entries.length;
      assert.ok(
        part(log.slice(-5)) < 0.7 * part(log.slice(0, 5)),
        `${part(log.slice(0, 5))} -> ${part(log.slice(-5))}`,
      );
      const generator = await openGenerator(products[0], { device: 'cpu' });
      const drawn = await generator.generate(tensor([1, 3, 64, 64]));
      await generator.close();
      assert.deepEqual(drawn.dims, [1, 3, 64, 64]);
      assert.deepEqual((await readdir(path.join(out, 'samples'))).length > 1, true);
    });

    it('pairs nothing that could not belong together', async () => {
      const settings = { from: style, size: 64, paired: true };
      await assert.rejects(run('finetune', { ...settings, alignFaces: true }, { data: [photos, drawings] }), {
        code: 'options',
        message: /no --align-faces/,
      });
      await writeFile(path.join(drawings, 'notes.md'), 'no picture');
      await assert.rejects(run('finetune', settings, { data: [photos, drawings] }), {
        code: 'options',
        message: /nothing but pictures .*drawings.*notes\.md/,
      });
      await assert.rejects(run('finetune', settings, { data: [photos] }), {
        code: 'options',
        message: /2 folders for --data/,
      });
    });

    it('does not fine-tune what is drawn by rules', async () => {
      await assert.rejects(run('finetune', { from: 'ink' }, { data: [figures, figures] }), {
        code: 'options',
        message: /a style with a network of its own for --from but received "ink"/,
      });
    });
  });
});

const distance = (one: Float32Array, other: Float32Array): number =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);
