// What every generator promises, whatever draws inside: one suite, run over all of them.

import assert from 'node:assert/strict';
import type { Generator } from '../../shared/generators/generator.js';
import { type Tensor, tensor } from '../../shared/tensor.js';

/** Opens a new generator for one suite. */
export type OpenForContract = () => Promise<Generator>;

/** Odd ones, small ones, tall ones: a style takes what a crop gives it. Width and height. */
const SIZES = [
  [64, 64],
  [65, 97],
  [131, 70],
] as const;

/** Declares the tests that `open`'s generator has to pass; `isThere` false skips them. */
export function keepsTheContract(title: string, open: OpenForContract, { isThere = true } = {}): void {
  describe(isThere ? title : `${title} (skipped: no mirror)`, () => {
    let generator: Generator;
    before(async function () {
      if (!isThere) return this.skip();
      generator = await open();
    });
    after(() => generator?.close());

    for (const [width, height] of SIZES)
      it(`returns a picture of ${width}x${height} at that size, in -1..1`, async () => {
        const drawing = await generator.generate(picture(width, height));
        assert.deepEqual(drawing.dims, [1, 3, height, width]);
        assert.equal(drawing.data.length, 3 * width * height);
        assert.ok(
          drawing.data.every((value) => value >= -1 && value <= 1),
          'a value lies outside',
        );
      });

    it('draws the same picture each time, whatever was drawn between', async () => {
      const first = await generator.generate(picture(70, 66));
      await generator.generate(picture(64, 80));
      assert.deepEqual(await generator.generate(picture(70, 66)), first);
    });

    it('leaves the pixels that it was given as they were', async () => {
      const pixels = picture(65, 67);
      await generator.generate(pixels);
      assert.deepEqual(pixels, picture(65, 67));
    });

    it('hands out a picture of its own: the next one does not overwrite it', async () => {
      const first = await generator.generate(picture(64, 64));
      const copy = Float32Array.from(first.data);
      await generator.generate(negative(picture(64, 64)));
      assert.deepEqual(first.data, copy);
    });

    it('throws cancelled instead of drawing once the signal is raised, and draws again after', async () => {
      const signal = AbortSignal.abort();
      await assert.rejects(generator.generate(picture(64, 64), { signal }), { code: 'cancelled' });
      assert.deepEqual((await generator.generate(picture(64, 64))).dims, [1, 3, 64, 64]);
    });

    it('reports progress that grows and ends at its total', async () => {
      const steps: [number, number][] = [];
      await generator.generate(picture(64, 64), { onProgress: (done, total) => steps.push([done, total]) });
      const last = steps.at(-1) ?? assert.fail('no progress');
      assert.equal(last[0], last[1]);
      assert.ok(
        steps.every(([done, total], index) => total === last[1] && done >= (steps[index - 1]?.[0] ?? 0)),
      );
    });

    it('names itself, its device and the sides that it takes', () => {
      assert.notEqual(generator.id, '');
      assert.equal(generator.device, 'cpu');
      const { multipleOf, minPx, maxPx } = generator.side;
      assert.ok(multipleOf >= 1 && minPx >= 1 && maxPx >= minPx, JSON.stringify(generator.side));
    });

    it('closes, and opens anew', async () => {
      const other = await open();
      await other.close();
      const again = await open();
      assert.deepEqual((await again.generate(picture(64, 64))).dims, [1, 3, 64, 64]);
      await again.close();
    });
  });
}

/** A picture on -1..1 with edges, ramps and all colours, the channels different. */
export function picture(width: number, height: number): Tensor {
  const pixels = tensor([1, 3, height, width]);
  for (let at = 0; at < pixels.data.length; at++) {
    const x = (at % width) / width;
    const y = (Math.trunc(at / width) % height) / height;
    const channel = Math.trunc(at / (width * height));
    const ball = Math.hypot(x - 0.4, y - 0.5) < 0.2 + 0.05 * channel ? 0.6 : -0.3;
    pixels.data[at] = Math.max(-1, Math.min(1, ball + 0.5 * Math.sin(6 * x + 2 * channel) * y));
  }
  return pixels;
}

function negative({ dims, data }: Tensor): Tensor {
  return { dims, data: data.map((value) => -value) };
}
