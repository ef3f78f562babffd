// Drawing with whole folders, of tiny networks.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { torchNoise } from '../../../shared/generators/diffusion/noise.js';
import { type Diffusion, openDiffusion } from '../../../shared/generators/diffusion/pipeline.js';
import { SAMPLER_NAMES } from '../../../shared/generators/diffusion/samplers/table.js';
import type { Wish } from '../../../shared/generators/diffusion/wish.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { type TinyOptions, writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';

const WISH: Wish = {
  ...{ prompt: 'a cat', negative: 'blurry', steps: 6, guidance: 7.5, sampler: 'auto', seed: 7 },
  ...{ widthPx: 64, heightPx: 48 },
};
const PICTURE = tensor(
  [1, 3, 48, 64],
  torchNoise(3)(3 * 48 * 64).map((value) => Math.tanh(value)),
);
const distance = (a: Tensor, b: Tensor): number =>
  a.data.reduce((sum, value, at) => sum + Math.abs(value - b.data[at]), 0) / a.data.length;

describe('drawing by diffusion', () => {
  let folder = '';
  let count = 0;
  const opened: Diffusion[] = [];
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-diffusion-'));
  });
  afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));
  after(() => rm(folder, { recursive: true, force: true }));

  async function open(options: TinyOptions = {}, oneAtATime = false): Promise<Diffusion> {
    const root = await writeTinyDiffusion(path.join(folder, String(count++)), options);
    const diffusion = await openDiffusion(root, { device: 'cpu', oneAtATime });
    opened.push(diffusion);
    return diffusion;
  }

  it('gives the same picture for the same seed, and another one for another seed or prompt', async () => {
    const diffusion = await open();
    const drawn = await diffusion.draw(WISH);
    assert.deepEqual(drawn.dims, [1, 3, 48, 64]);
    assert.ok(drawn.data.every((value) => Math.abs(value) <= 1));
    assert.deepEqual(await diffusion.draw(WISH), drawn);
    assert.ok(distance(await diffusion.draw({ ...WISH, seed: 8 }), drawn) > 0.01);
    assert.ok(distance(await diffusion.draw({ ...WISH, prompt: 'a dog' }), drawn) > 1e-4);
    assert.ok(distance(await diffusion.draw({ ...WISH, prompt: 'a (cat:1.5)' }), drawn) > 1e-5);
    assert.ok(distance(await diffusion.draw({ ...WISH, negative: '' }), drawn) > 1e-4);
  });

  it('is the same with one network at a time, with weights beside the graph, and by any kind of timestep', async () => {
    const drawn = await (await open()).draw(WISH);
    const frugal = await open({}, true);
    assert.deepEqual(await frugal.draw(WISH), drawn);
    const external = await open({ isExternal: true });
    assert.deepEqual(await external.draw(WISH), drawn);
    const scalar = await open({ timestep: 'scalar' });
    assert.deepEqual(await scalar.draw(WISH), drawn);
  });

  it('is the same by networks that take one, two or three latents at once, with guidance and without', async () => {
    for (const guidance of [7.5, 1]) {
      const drawn = await (await open()).draw({ ...WISH, guidance });
      for (const batch of [1, 2, 3])
        assert.ok(
          distance(await (await open({ batch })).draw({ ...WISH, guidance }), drawn) < 1e-6,
          `${batch}`,
        );
    }
  });

  it('draws the one size that a folder is fixed to, and refuses others before anything is opened', async () => {
    const sides = { widthPx: 64, heightPx: 48 };
    const fixed = await open({ sides });
    assert.deepEqual(fixed.folder.fixed, sides);
    assert.deepEqual(await fixed.draw(WISH), await (await open()).draw(WISH));
    await rm(path.join(fixed.folder.root, 'text_encoder/model.onnx'));
    const refusal = {
      code: 'options',
      message: /^Expected 64 x 48 px, as \S+ draws nothing else, for the picture but received "64 x 64"$/,
    };
    await assert.rejects((await open({ sides })).draw({ ...WISH, heightPx: 64 }), refusal);
    await assert.rejects(fixed.reconstruct(tensor([1, 3, 64, 64], new Float32Array(3 * 64 * 64))), refusal);
  });

  for (const sampler of SAMPLER_NAMES)
    it(`draws by the sampler ${sampler}`, async () => {
      const drawn = await (await open()).draw({ ...WISH, sampler });
      assert.ok(drawn.data.every(Number.isFinite));
    });

  it('stays near a picture at a low strength and leaves it at a high one', async () => {
    const diffusion = await open({ scheduler: { _class_name: 'DDIMScheduler' } });
    const [low, high] = [0.2, 0.9].map((strength) => ({ ...WISH, canvas: { picture: PICTURE, strength } }));
    const again = await diffusion.reconstruct(PICTURE);
    const [near, far] = [await diffusion.draw(low), await diffusion.draw(high)];
    assert.ok(distance(near, again) < distance(far, again), `${distance(near, again)}`);
  });

  const left = new Float32Array(48 * 64).map((_, at) => (at % 64 < 32 ? 1 : 0));
  const canvas = { picture: PICTURE, strength: 1, mask: tensor([1, 1, 48, 64], left) };

  it('draws anew what a mask shows and keeps the rest', async () => {
    const diffusion = await open({ scheduler: { _class_name: 'DDIMScheduler', set_alpha_to_one: true } });
    // Posteriors are drawn too: what is kept is what this seed makes of the picture.
    const drawn = await diffusion.draw({ ...WISH, canvas });
    const other = await diffusion.draw({ ...WISH, prompt: 'a dog', canvas });
    const off = (side: number) =>
      drawn.data.reduce(
        (most, value, at) =>
          Math.floor((at % 64) / 32) === side ? Math.max(most, Math.abs(value - other.data[at])) : most,
        0,
      );
    assert.ok(off(0) > 1e-4, `${off(0)} where it was drawn anew`);
    assert.equal(off(1), 0);
  });

  it('shows mask and picture to a network that fills in', async () => {
    const diffusion = await open({ unetChannels: 9 });
    const [drawn, whole, other] = [
      await diffusion.draw({ ...WISH, canvas }),
      await diffusion.draw({
        ...WISH,
        canvas: { ...canvas, mask: tensor(canvas.mask.dims, new Float32Array(left.length).fill(1)) },
      }),
      await diffusion.draw({
        ...WISH,
        canvas: {
          ...canvas,
          picture: tensor(
            PICTURE.dims,
            PICTURE.data.map((value) => -value),
          ),
        },
      }),
    ];
    assert.ok(distance(drawn, whole) > 1e-3);
    assert.ok(distance(drawn, other) > 1e-3);
  });

  it('draws with folders that end in pure noise, and with those of solvers that are not known here', async () => {
    const zero = {
      rescale_betas_zero_snr: true,
      prediction_type: 'v_prediction',
      timestep_spacing: 'trailing',
    };
    const diffusion = await open({ scheduler: zero });
    for (const sampler of SAMPLER_NAMES)
      assert.ok((await diffusion.draw({ ...WISH, sampler })).data.every(Number.isFinite), sampler);
    const unipc = await open({ scheduler: { _class_name: 'UniPCMultistepScheduler', solver_type: 'bh2' } });
    const notices: string[] = [];
    const drawn = await unipc.draw(WISH, { onNotice: (each) => notices.push(each) });
    assert.deepEqual(drawn, await unipc.draw({ ...WISH, sampler: 'dpm++' }));
    assert.deepEqual(notices, ['UniPCMultistepScheduler is not known here: dpm++ draws instead']);
  });

  it('wants a picture and a mask for a network that fills in', async () => {
    await assert.rejects((await open({ unetChannels: 9 })).draw(WISH), {
      code: 'options',
      message: /^Expected a picture and a mask for .*, which was trained to fill in$/,
    });
  });

  it('starts a step later than old files say, as every pipeline does, and without Runge and Kutta', async () => {
    const drawn = await (await open()).draw(WISH);
    const old = await open({ scheduler: { steps_offset: 0, skip_prk_steps: undefined } });
    assert.deepEqual(await old.draw(WISH), drawn);
  });

  it('draws over a picture with a folder that starts by Runge and Kutta', async () => {
    const over = { ...WISH, canvas: { picture: PICTURE, strength: 0.5 } };
    const kutta = await open({ scheduler: { skip_prk_steps: false } });
    assert.deepEqual(await kutta.draw(over), await (await open()).draw(over));
    assert.notDeepEqual(await kutta.draw(WISH), await (await open()).draw(WISH));
  });

  it('tells how far it is, shows previews, and ends between steps', async () => {
    const diffusion = await open();
    const [told, shown]: [string[], Tensor[]] = [[], []];
    const controller = new AbortController();
    const run = diffusion.draw(
      { ...WISH, sampler: 'ddim' },
      {
        signal: controller.signal,
        onProgress: (done, total) => {
          told.push(`${done}/${total}`);
          if (done === 4) controller.abort();
        },
        preview: { everySteps: 2, show: (pixels) => shown.push(pixels) },
      },
    );
    await assert.rejects(run, { code: 'cancelled' });
    assert.deepEqual(told, ['1/6', '2/6', '3/6', '4/6']);
    assert.deepEqual(
      shown.map(({ dims }) => dims),
      [PICTURE.dims, PICTURE.dims],
    );
  });

  it('shows previews with one network at a time as well', async () => {
    const [shown, drawn] = [[] as Tensor[], await (await open()).draw(WISH)];
    const preview = { everySteps: 1, show: (pixels: Tensor) => shown.push(pixels) };
    assert.deepEqual(await (await open({}, true)).draw(WISH, { preview }), drawn);
    assert.equal(shown.length, 6);
  });

  for (const isExternal of [false, true])
    it(`computes an autoencoder that overflows in float16 in float32${isExternal ? ', with weights beside the graph' : ''}`, async () => {
      const plain = await (await open()).draw(WISH);
      const half = await open({ overflow: { of: 'vae_decoder', type: 'float16', isExternal } });
      const notices: string[] = [];
      const onNotice = (sentence: string) => notices.push(sentence);
      const drawn = await half.draw(WISH, { onNotice });
      // Millions of times as bright: black and white where it overflows no more.
      const signs = drawn.data.filter((value, at) => value === Math.sign(plain.data[at]));
      assert.ok(signs.length > 0.99 * plain.data.length, `${signs.length}`);
      assert.deepEqual(await half.draw(WISH, { onNotice }), drawn);
      assert.deepEqual(notices, ['vae_decoder overflows in float16: from here on it is computed in float32']);
    });

  it('computes an encoder that overflows in float16 in float32 as well, with one network at a time too', async () => {
    const over = { ...WISH, sampler: 'ddim', canvas: { picture: PICTURE, strength: 0.5 } };
    const half = await open({ overflow: { of: 'vae_encoder', type: 'float16' } }, true);
    const notices: string[] = [];
    const onNotice = (sentence: string) => notices.push(sentence);
    const drawn = await half.draw(over, { onNotice });
    assert.ok(drawn.data.every(Number.isFinite));
    assert.deepEqual(await half.draw(over, { onNotice }), drawn);
    assert.deepEqual(notices, ['vae_encoder overflows in float16: from here on it is computed in float32']);
  });

  it('says so where an autoencoder gives no numbers in float32 either', async () => {
    const broken = await open({ overflow: { of: 'vae_decoder', type: 'float32' } });
    await assert.rejects(broken.draw({ ...WISH, steps: 1 }), {
      code: 'model-corrupt',
      message: 'Expected numbers from vae_decoder but some are none, in float16 and in float32',
    });
    await assert.rejects(broken.draw({ ...WISH, steps: 1 }), /some are none, in float32$/);
  });

  it('says what of a prompt did not fit', async () => {
    const notices: string[] = [];
    const long = `${'cat '.repeat(75)}a b`;
    await (await open()).draw(
      { ...WISH, prompt: long, steps: 1 },
      { onNotice: (each) => notices.push(each) },
    );
    assert.deepEqual(notices, ['The prompt is longer than 75 tokens; left out: a b']);
  });

  it('draws words that its text encoder has learned, and says which it has not', async () => {
    const learned = async (moreRows: number, prompt: string) => {
      const root = await writeTinyDiffusion(path.join(folder, String(count++)), { moreRows });
      await writeFile(path.join(root, 'tokenizer/added_tokens.json'), JSON.stringify({ '<toy>': 192 }));
      const diffusion = await openDiffusion(root, { device: 'cpu' });
      opened.push(diffusion);
      const notices: string[] = [];
      const drawn = await diffusion.draw({ ...WISH, prompt }, { onNotice: (each) => notices.push(each) });
      return { drawn, notices };
    };
    const known = await learned(1, 'a <toy>');
    assert.deepEqual(known.notices, []);
    const unknown = await learned(0, 'a <toy>, <lora:ink:0.8>');
    assert.deepEqual(unknown.notices, [
      'LoRAs are given with --lora; in the prompt they are letters: <lora:ink:0.8>',
      'The text encoder has not learned these words, which are letters to it: <toy>',
    ]);
    const letters = await learned(0, 'a <toy>');
    assert.ok(distance(known.drawn, letters.drawn) > 1e-4);
  });

  it('does without an encoder until a picture is given', async () => {
    const diffusion = await open({ encoder: 'none' });
    await diffusion.draw({ ...WISH, steps: 1 });
    await assert.rejects(diffusion.draw({ ...WISH, canvas: { picture: PICTURE, strength: 0.5 } }), {
      code: 'model-missing',
      message: /^Expected vae_encoder\/model\.onnx in /,
    });
  });

  const refusals: Record<string, { wish: Partial<Wish>; message: RegExp }> = {
    'sides that are no multiples of 8': {
      wish: { widthPx: 60 },
      message: /^Expected sides that are multiples of 8 for the picture but received "60 x 48"$/,
    },
    'a strength that leaves no step': {
      wish: { canvas: { picture: PICTURE, strength: 0.1 } },
      message: /^Expected one step or more of --steps times --strength for --strength but received 0\.1$/,
    },
    'a sampler that does not exist': {
      wish: { sampler: 'eular' },
      message: /^Expected one of auto, ddim, .* for --sampler but received "eular"$/,
    },
    'a seed that is none': { wish: { seed: -1 }, message: /^Expected a whole number from 0 for --seed/ },
  };
  for (const [what, { wish, message }] of Object.entries(refusals))
    it(`refuses ${what}`, async () => {
      await assert.rejects((await open()).draw({ ...WISH, ...wish }), { code: 'options', message });
    });

  it('names what a folder lacks', async () => {
    const root = await writeTinyDiffusion(path.join(folder, 'cut'));
    for (const part of ['unet', 'tokenizer']) await rm(path.join(root, part), { recursive: true });
    await assert.rejects(openDiffusion(root), {
      code: 'model-missing',
      message: /lacks unet\/model\.onnx, tokenizer\/vocab\.json, tokenizer\/merges\.txt$/,
    });
    await assert.rejects(
      openDiffusion(folder),
      /^NigaoeError: Expected a Stable Diffusion folder in ONNX at .* but it is none$/,
    );
  });
});
