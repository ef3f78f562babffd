// The style "ink" on synthetic pictures: what a user would notice if it went wrong.

import assert from 'node:assert/strict';
import type { Generator } from '../../shared/generators/generator.js';
import { openInk } from '../../shared/generators/ink/generator.js';
import { INK_INPUT, INK_OUTPUT, inkGraph } from '../../shared/generators/ink/graph.js';
import { openSession } from '../../shared/models/session.js';
import { sizeOf, type Tensor, tensor } from '../../shared/tensor.js';

/** Values 0..1 of red, green and blue at a place given in parts of the picture. */
type Painter = (x: number, y: number) => readonly [number, number, number];

/** Ops that CPU, CUDA, CoreML, DirectML and WebGPU providers all have. */
const PORTABLE = [
  ...['Add', 'AveragePool', 'Clip', 'Concat', 'Conv', 'Div', 'Identity', 'Max', 'Min', 'Mul', 'Pad'],
  ...['ReduceSum', 'Resize', 'Sigmoid', 'Slice', 'Sqrt', 'Sub', 'Tanh'],
];
/** One level of 256, on -1..1. */
const LEVEL = 2 / 255;

describe('style ink', () => {
  let ink: Generator;
  before(async () => {
    ink = await openInk({ device: 'cpu' });
  });
  after(() => ink.close());

  for (const [width, height] of [
    [64, 64],
    [65, 130],
    [333, 97],
    [97, 700],
    [512, 512],
    [1001, 803],
  ]) {
    it(`keeps shape and range of a picture of ${width}x${height}`, async () => {
      const drawing = await ink.generate(picture(width, height, still));
      assert.deepEqual(drawing.dims, [1, 3, height, width]);
      assert.ok(drawing.data.every((value) => value >= -1 && value <= 1));
    });
  }

  it('leaves a flat picture flat up to its borders, in the same hue', async () => {
    const drawing = await ink.generate(picture(333, 205, () => [0.7, 0.5, 0.3]));
    const [red, green, blue] = planes(drawing).map(extent);
    for (const { low, high } of [red, green, blue]) assert.ok(high - low < LEVEL, `${low}..${high}`);
    assert.ok(red.low > green.high && green.low > blue.high);
    assert.ok(Math.abs(red.low - (2 * 0.7 - 1)) < 0.35, 'and about as bright');
  });

  it('leaves black black and white white', async () => {
    const black = await ink.generate(picture(100, 100, () => [0, 0, 0]));
    const white = await ink.generate(picture(100, 100, () => [1, 1, 1]));
    assert.ok(extent(black.data).high < -1 + 3 * LEVEL);
    assert.ok(extent(white.data).low > 1 - 3 * LEVEL);
  });

  it('keeps grey grey', async () => {
    const drawing = await ink.generate(
      picture(320, 240, (x, y) => {
        const [red] = still(x, y);
        return [red, red, red];
      }),
    );
    const [red, green, blue] = planes(drawing);
    for (let i = 0; i < red.length; i++)
      assert.ok(Math.abs(red[i] - green[i]) < LEVEL / 2 && Math.abs(green[i] - blue[i]) < LEVEL / 2);
  });

  it('makes colours richer', async () => {
    const drawing = await ink.generate(picture(128, 128, () => [0.6, 0.5, 0.45]));
    const [red, , blue] = planes(drawing).map((plane) => plane[64 * 128 + 64] / 2);
    assert.ok(red - blue > 0.18, `chroma 0.15 became ${red - blue}`);
  });

  it('draws a dark line along an edge, on its darker side', async () => {
    const edge = picture(300, 300, (x) => (x < 0.5 ? [0.8, 0.8, 0.8] : [0.5, 0.5, 0.5]));
    const row = Array.from(planes(await ink.generate(edge))[0].subarray(150 * 300, 151 * 300));
    const darkest = row.indexOf(Math.min(...row));
    assert.ok(darkest >= 149 && darkest <= 153, `the line lies at ${darkest}`);
    assert.ok(row[darkest] < row[290] - 0.4, `${row[darkest]} is hardly darker than ${row[290]}`);
    assert.ok(Math.abs(row[200] - row[290]) < 2 * LEVEL, 'and the line is thin');
  });

  it('draws no lines into noise', async () => {
    const random = noise(7);
    const grain = picture(400, 300, () => {
      const value = 0.55 + 0.02 * random();
      return [value, value, value];
    });
    const { low, high } = extent((await ink.generate(grain)).data);
    assert.ok(high - low < 0.08, `${low}..${high}`);
  });

  it('draws the same picture at twice the size', async () => {
    const small = await ink.generate(picture(512, 384, still));
    const large = await ink.generate(picture(1024, 768, still));
    const decibel = psnr(small, halved(large));
    assert.ok(decibel > 26, `PSNR ${decibel.toFixed(1)} dB`);
  });

  it('draws the same each time', async () => {
    const photo = picture(200, 150, still);
    const first = await ink.generate(photo);
    await ink.generate(picture(96, 96, still));
    assert.deepEqual(await ink.generate(photo), first);
  });

  it('leaves its input as it was and reports progress', async () => {
    const photo = picture(80, 80, still);
    const steps: string[] = [];
    await ink.generate(photo, { onProgress: (done, total) => steps.push(`${done}/${total}`) });
    assert.deepEqual(photo, picture(80, 80, still));
    assert.deepEqual(steps, ['1/1']);
  });

  it('does not start when it was cancelled before', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(ink.generate(picture(80, 80, still), { signal }), { code: 'cancelled' });
  });

  it('uses only ops that every device has', () => {
    const { graph } = inkGraph({ width: 1500, height: 1600 });
    const ops = new Set(graph?.node?.map((node) => node.opType));
    assert.deepEqual(
      [...ops].filter((op) => !PORTABLE.includes(String(op))),
      [],
    );
  });

  it('draws a tile of a picture like that part of the whole', async () => {
    const left = { width: 384, height: 512 };
    const session = await openSession(inkGraph({ ...left, sizePx: 512 }), { name: 'tile', device: 'cpu' });
    const part = cut(picture(512, 512, still), left.width);
    const tile = (await session.run({ [INK_INPUT]: part }))[INK_OUTPUT];
    await session.close();
    const whole = await ink.generate(picture(512, 512, still));
    // The last quarter of the tile is the overlap that it needs: there it cannot know what comes.
    const decibel = psnr(cut(tile, 256), cut(whole, 256));
    assert.ok(decibel > 50, `PSNR ${decibel.toFixed(1)} dB`);
  });
});

/** A still life: soft light, a ball, a box, a dark stripe. */
function still(x: number, y: number): [number, number, number] {
  if (Math.hypot(x - 0.35, y - 0.5) < 0.22) return [0.85, 0.35 + 0.3 * y, 0.25];
  if (Math.abs(x - 0.75) < 0.12 && Math.abs(y - 0.6) < 0.2) return [0.2, 0.35, 0.6];
  if (Math.abs(y - 0.9 - 0.03 * Math.sin(9 * x)) < 0.02) return [0.1, 0.1, 0.12];
  return [0.75 + 0.1 * x, 0.75, 0.7 - 0.1 * y];
}

/** A picture on -1..1, every pixel the mean of 3x3 places in it. */
function picture(width: number, height: number, paint: Painter): Tensor {
  const photo = tensor([1, 3, height, width]);
  const count = width * height;
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < 9; part++) {
      const x = ((i % width) + ((part % 3) + 0.5) / 3) / width;
      const y = (Math.floor(i / width) + (Math.floor(part / 3) + 0.5) / 3) / height;
      const colour = paint(x, y);
      for (let c = 0; c < 3; c++) photo.data[c * count + i] += (2 * colour[c] - 1) / 9;
    }
  }
  return photo;
}

function planes({ dims, data }: Tensor): Float32Array[] {
  const count = sizeOf(dims) / 3;
  return [0, 1, 2].map((c) => data.subarray(c * count, (c + 1) * count));
}

function extent(values: Float32Array): { low: number; high: number } {
  return values.reduce(
    ({ low, high }, value) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY },
  );
}

/** The leftmost columns. */
function cut({ dims, data }: Tensor, width: number): Tensor {
  const [, , height, whole] = dims;
  const rows = Array.from({ length: 3 * height }, (_, row) => [
    ...data.subarray(row * whole, row * whole + width),
  ]);
  return tensor([1, 3, height, width], Float32Array.from(rows.flat()));
}

function halved({ dims, data }: Tensor): Tensor {
  const [height, width] = [dims[2] / 2, dims[3] / 2];
  const half = tensor([1, 3, height, width]);
  for (let i = 0; i < half.data.length; i++) {
    const at = 2 * Math.floor(i / width) * 2 * width + 2 * (i % width);
    half.data[i] = (data[at] + data[at + 1] + data[at + 2 * width] + data[at + 2 * width + 1]) / 4;
  }
  return half;
}

/** Peak signal to noise ratio of values on -1..1. */
function psnr(a: Tensor, b: Tensor): number {
  const squares = a.data.reduce((sum, value, i) => sum + (value - b.data[i]) ** 2, 0);
  return 10 * Math.log10(4 / (squares / a.data.length));
}

/** Numbers of about normal distribution (sum of uniform ones), always the same ones for a seed. */
function noise(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value) - 6;
}
