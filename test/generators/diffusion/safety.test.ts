// Safety checkers of folders, and how they see pictures.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDiffusion } from '../../../shared/generators/diffusion/pipeline.js';
import { clipPixels } from '../../../shared/generators/diffusion/safety/clip-pixels.js';
import type { Wish } from '../../../shared/generators/diffusion/wish.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { type TinyOptions, writeTinyDiffusion } from '../../fixtures/tiny-diffusion.js';

const WISH: Wish = {
  ...{ prompt: 'a cat', negative: '', steps: 4, guidance: 5, sampler: 'ddim' },
  ...{ widthPx: 64, heightPx: 48, seed: 7 },
};

describe('a safety checker', () => {
  let folder = '';
  let count = 0;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-safety-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function drawn(options: TinyOptions) {
    const diffusion = await openDiffusion(
      await writeTinyDiffusion(path.join(folder, String(count++)), options),
      { device: 'cpu' },
    );
    const [notices, shown]: [string[], Tensor[]] = [[], []];
    const onNotice = (sentence: string) => notices.push(sentence);
    const preview = { everySteps: 2, show: (pixels: Tensor) => shown.push(pixels) };
    const pixels = await diffusion.draw(WISH, { onNotice, preview });
    await diffusion.close();
    return { pixels, notices, shown };
  }
  const isBlack = ({ data }: Tensor) => data.every((value) => value === -1);

  it('turns what it flags black, previews too, and says how to go on', async () => {
    const { pixels, notices, shown } = await drawn({ checker: 'dark' });
    assert.ok(isBlack(pixels) && shown.length === 1 && shown.every(isBlack));
    assert.deepEqual(notices, [
      'The safety checker of the folder flagged the picture of seed 7, which is black therefore: try another seed or prompt',
    ]);
  });

  it('leaves alone what it does not flag', async () => {
    const plain = await drawn({});
    assert.ok(plain.pixels.data.reduce((sum, value) => sum + value, 0) < 0);
    assert.deepEqual(await drawn({ checker: 'bright' }), plain);
  });
});

describe('pictures as CLIP sees them', () => {
  const MEAN = [0.48145466, 0.4578275, 0.40821073];
  const DEVIATION = [0.26862954, 0.26130258, 0.27577711];
  const bytesAt = ({ data }: Tensor, row: number, column: number) =>
    MEAN.map((mean, channel) =>
      Math.round(255 * (data[(channel * 224 + row) * 224 + column] * DEVIATION[channel] + mean)),
    );
  const picture = (height: number, width: number): Tensor => {
    const value = (x: number, y: number, c: number) => (x * 7 + y * 13 + c * 50 + ((x * y) % 31) * 3) % 256;
    const data = Float32Array.from({ length: 3 * height * width }, (_, at) => {
      const [place, channel] = [at % (height * width), Math.floor(at / (height * width))];
      return value(place % width, Math.floor(place / width), channel) / 127.5 - 1;
    });
    return tensor([1, 3, height, width], data);
  };

  // By Pillow 12.3: Image.resize with BICUBIC, and the middle of it.
  const PLACES = [
    [0, 0],
    [0, 223],
    [100, 57],
    [223, 223],
    [111, 112],
  ];
  const WANTED: Record<string, { height: number; width: number; sum: number; at: number[][] }> = {
    'made smaller': {
      ...{ height: 512, width: 640, sum: 19190567 },
      at: [
        [214, 98, 54],
        [203, 110, 58],
        [87, 87, 138],
        [203, 146, 40],
        [205, 95, 63],
      ],
    },
    'made larger': {
      ...{ height: 48, width: 64, sum: 19153443 },
      at: [
        [49, 99, 149],
        [122, 203, 251],
        [214, 4, 57],
        [22, 85, 135],
        [51, 109, 159],
      ],
    },
    'cut to the middle': {
      ...{ height: 300, width: 224, sum: 19190514 },
      at: [
        [238, 32, 82],
        [40, 90, 140],
        [214, 8, 58],
        [138, 188, 238],
        [191, 241, 35],
      ],
    },
  };
  for (const [how, { height, width, sum, at }] of Object.entries(WANTED))
    it(`are those of Pillow, ${how}`, () => {
      const seen = clipPixels(picture(height, width));
      assert.deepEqual(seen.dims, [1, 3, 224, 224]);
      assert.deepEqual(
        PLACES.map(([row, column]) => bytesAt(seen, row, column)),
        at,
      );
      let total = 0;
      for (let place = 0; place < 224 * 224; place++)
        for (const byte of bytesAt(seen, Math.floor(place / 224), place % 224)) total += byte;
      assert.equal(total, sum);
    });
});
