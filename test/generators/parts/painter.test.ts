// Large pictures are painted tile by tile: as they would be drawn whole with the same numbers, and not where that is impossible.

import assert from 'node:assert/strict';
import { ganGenerator, MOST_WHOLE_PX } from '../../../shared/generators/gan.js';
import type { Generator, Statistics } from '../../../shared/generators/generator.js';
import { tensorCanvas } from '../../../shared/generators/parts/canvas.js';
import { cutNetwork } from '../../../shared/models/frozen/cut.js';
import type { OnnxModel } from '../../../shared/models/onnx/file.js';
import { openSession } from '../../../shared/models/session.js';
import type { Tensor } from '../../../shared/tensor.js';
import { keepsTheContract, picture } from '../contract.js';
import { IO, plainStyle, rowStyle, SIDE, tinyStyle } from './tiny-style.js';

async function open(network: () => OnnxModel, read = async () => network()): Promise<Generator> {
  const session = await openSession(network(), { name: 'tiny', device: 'cpu', sidesMultipleOf: 4 });
  return ganGenerator({ id: 'tiny', io: IO, side: SIDE }, session, read);
}

const WIDTH = 1280;
const HEIGHT = 1040;

/** What the network draws of the whole picture with these numbers. */
async function drawnWith(statistics: Statistics, pixels: Tensor): Promise<Tensor> {
  const cut = (await cutNetwork(tinyStyle(), SIDE)) ?? assert.fail('it was not cut');
  const [, , height, width] = pixels.dims;
  const whole = { height, width };
  const frozen = cut.freeze(statistics, { tile: whole, whole, isOpen: false });
  const session = await openSession(frozen.model, { name: 'whole', device: 'cpu' });
  const { drawing } = await session.run({ picture: pixels });
  await session.close();
  return drawing;
}

const worst = (a: Tensor, b: Tensor, isCompared: (at: number) => boolean = () => true): number =>
  a.data.reduce(
    (most, value, at) => (isCompared(at) ? Math.max(most, Math.abs(value - b.data[at])) : most),
    0,
  );

/** Whether a pixel is so far from the edge of the picture. */
const isInside =
  (px: number, { dims: [, , height, width] }: Tensor) =>
  (at: number) => {
    const [x, y] = [at % width, Math.floor(at / width) % height];
    return x >= px && y >= px && x < width - px && y < height - px;
  };

keepsTheContract('a network that can be painted', () => open(tinyStyle));

describe('a large picture', () => {
  const large = picture(WIDTH, HEIGHT);
  let generator: Generator;
  before(async () => {
    generator = await open(tinyStyle);
  });
  after(() => generator.close());

  it('is painted as it is drawn whole with the same numbers', async () => {
    const statistics = await generator.study!(large);
    const painted = await generator.generate(large, { statistics });
    const whole = await drawnWith(statistics, large);
    assert.ok(worst(painted, whole, isInside(8, large)) < 1e-3);
    assert.ok(worst(painted, whole) < 0.2, 'its edge is another picture');
  });

  it('is measured by itself where nothing else is told', async () => {
    const statistics = await generator.study!(large);
    assert.ok(statistics.size > 0);
    assert.deepEqual(await generator.generate(large), await generator.generate(large, { statistics }));
  });

  it('is painted in several tiles, which are counted', async () => {
    const steps: [number, number][] = [];
    await generator.generate(large, { onProgress: (done, total) => steps.push([done, total]) });
    const [, total] = steps[0];
    assert.ok(total > 1, `${total} tiles`);
    assert.deepEqual(
      steps,
      Array.from({ length: total + 1 }, (_, done) => [done, total]),
    );
  });

  it('is left between two tiles once the signal is raised, and painted the next time', async () => {
    const abort = new AbortController();
    let last = 0;
    const onProgress = (done: number) => {
      last = done;
      if (done === 1) abort.abort();
    };
    await assert.rejects(generator.generate(large, { signal: abort.signal, onProgress }), {
      code: 'cancelled',
    });
    assert.equal(last, 1);
    assert.deepEqual((await generator.generate(large)).dims, large.dims);
  });

  it('may be of another size the next time, of odd sides too', async () => {
    const statistics = await generator.study!(large);
    const [width, height] = [1203, 1101];
    const pixels = picture(width, height);
    assert.ok(width * height > MOST_WHOLE_PX);
    const painted = await generator.generate(pixels, { statistics });
    assert.deepEqual(painted.dims, pixels.dims);
    assert.ok(painted.data.every((value) => value >= -1 && value <= 1));
  });
});

describe('the numbers of one picture', () => {
  let generator: Generator;
  before(async () => {
    generator = await open(tinyStyle);
  });
  after(() => generator.close());

  /** The next frame of a film: something bright comes in at the upper left. */
  function frameAfter(first: Tensor): Tensor {
    const [, , height, width] = first.dims;
    const data = first.data.map((value, at) => {
      const [x, y] = [at % width, Math.floor(at / width) % height];
      return x < 60 && y < 60 ? 1 : value;
    });
    return { dims: first.dims, data };
  }

  it('keep the colours of a film steady where something bright comes in', async () => {
    const first = picture(200, 160);
    const second = frameAfter(first);
    const elsewhere = (at: number) => at % 200 > 80;
    const statistics = await generator.study!(first);
    const steady: Tensor[] = [];
    for (const frame of [first, second]) steady.push(await generator.generate(frame, { statistics }));
    assert.equal(worst(steady[0], steady[1], elsewhere), 0);
    const [a, b] = [await generator.generate(first), await generator.generate(second)];
    assert.ok(worst(a, b, elsewhere) > 0.01, 'it would flicker without');
  });

  it('draw a picture as it is drawn whole, if they are its own', async () => {
    const first = picture(200, 160);
    const statistics = await generator.study!(first);
    assert.ok(worst(await generator.generate(first, { statistics }), await generator.generate(first)) < 1e-4);
  });

  it('draw pictures that are smaller than the network takes', async () => {
    const statistics = await generator.study!(picture(200, 160));
    for (const [width, height] of [
      [1, 1],
      [7, 300],
    ]) {
      const drawn = await generator.generate(picture(width, height), { statistics });
      assert.deepEqual(drawn.dims, [1, 3, height, width]);
    }
  });
});

describe('a style that cannot be painted', () => {
  it('says so, paints nothing, measures nothing, and draws whole', async () => {
    const generator = await open(rowStyle);
    const pixels = picture(1400, 1000);
    const { canvas, drawn } = tensorCanvas(pixels);
    assert.equal(await generator.paint!(canvas), false);
    assert.ok(drawn.data.every((value) => value === 0));
    assert.equal((await generator.study!(pixels)).size, 0);
    const steps: number[][] = [];
    await generator.generate(pixels, { onProgress: (...step) => steps.push(step) });
    assert.deepEqual(steps, [[1, 1]]);
    await generator.close();
  });

  it('is also one whose network turns out to be another than was opened', async () => {
    const session = await openSession(tinyStyle(), { name: 'tiny', device: 'cpu' });
    const broken = async () => ({ ...tinyStyle(), opsetImport: [{ domain: '', version: 99 }] });
    const generator = ganGenerator({ id: 'tiny', io: IO, side: SIDE }, session, broken);
    const { canvas } = tensorCanvas(picture(100, 90));
    assert.equal(await generator.paint!(canvas), false);
    await generator.close();
  });

  it('is one of which only an open session is known', async () => {
    const session = await openSession(tinyStyle(), { name: 'tiny', device: 'cpu' });
    const generator = ganGenerator({ id: 'tiny', io: IO, side: SIDE }, session);
    assert.deepEqual([generator.paint, generator.study], [undefined, undefined]);
    await generator.close();
  });
});

describe('a style that measures nothing', () => {
  it('is painted without', async () => {
    const generator = await open(plainStyle);
    assert.equal((await generator.study!(picture(100, 90))).size, 0);
    const large = picture(WIDTH, HEIGHT);
    const painted = await generator.generate(large);
    const session = await openSession(plainStyle(), { name: 'whole', device: 'cpu' });
    const { drawing } = await session.run({ picture: large });
    assert.ok(worst(painted, drawing, isInside(4, large)) < 1e-5);
    await session.close();
    await generator.close();
  });
});

describe('a network that is read when it is needed', () => {
  it('is not read for small pictures, and once for large ones', async () => {
    let reads = 0;
    const generator = await open(tinyStyle, async () => {
      reads++;
      return tinyStyle();
    });
    await generator.generate(picture(64, 64));
    assert.equal(reads, 0);
    for (let round = 0; round < 2; round++) await generator.study!(picture(64, 64));
    assert.equal(reads, 1);
    await generator.close();
  });

  it('is read again after it could not be', async () => {
    let isThere = false;
    const generator = await open(tinyStyle, async () => {
      if (!isThere) throw new Error('its file is gone');
      return tinyStyle();
    });
    await assert.rejects(generator.study!(picture(64, 64)), /gone/);
    isThere = true;
    assert.ok((await generator.study!(picture(64, 64))).size > 0);
    await generator.close();
  });

  it('closes twice without harm', async () => {
    const generator = await open(tinyStyle);
    await generator.generate(picture(80, 80), { statistics: await generator.study!(picture(80, 80)) });
    await generator.close();
    await generator.close();
  });
});
