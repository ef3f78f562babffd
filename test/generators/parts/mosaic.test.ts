// What a large picture is measured by: itself while it is small, then pieces from all over it.

import assert from 'node:assert/strict';
import { tensorCanvas } from '../../../shared/generators/parts/canvas.js';
import { mosaicOf } from '../../../shared/generators/parts/mosaic.js';
import { type Tensor, tensor } from '../../../shared/tensor.js';
import { picture } from '../contract.js';

/** Every pixel says where it lies: its row in red, its column in green. */
function map(height: number, width: number): Tensor {
  const pixels = tensor([1, 3, height, width]);
  for (let at = 0; at < height * width; at++) {
    pixels.data[at] = Math.floor(at / width);
    pixels.data[height * width + at] = at % width;
  }
  return pixels;
}

const SMALL = { multipleOf: 8, mostPixels: 512 * 384 };
const of = (pixels: Tensor, options = SMALL) => mosaicOf(tensorCanvas(pixels).canvas, options);

/** Where pieces begin, of a mosaic of a map. */
function piecesOf({ dims: [, , height, width], data }: Tensor): { rows: number[]; columns: number[] } {
  const starts = (values: number[]) => values.filter((value, at) => at === 0 || value !== values[at - 1] + 1);
  return {
    rows: starts(Array.from({ length: height }, (_, row) => data[row * width])),
    columns: starts([...data.subarray(height * width, height * width + width)]),
  };
}

describe('a mosaic', () => {
  it('is the picture itself while that is small', () => {
    const pixels = picture(500, 300);
    assert.deepEqual(of(pixels), pixels);
    assert.deepEqual(of(picture(1, 1)), picture(1, 1));
  });

  it('is made of pieces that are spread evenly over a large picture, from edge to edge', () => {
    const mosaic = of(map(1200, 1600));
    const { rows, columns } = piecesOf(mosaic);
    assert.deepEqual(mosaic.dims, [1, 3, 384, 512]);
    assert.deepEqual(
      [rows, columns],
      [
        [68, 268, 468, 668, 868, 1068],
        [68, 268, 468, 668, 868, 1068, 1268, 1468],
      ],
    );
  });

  it('shows its pieces as sharp as they are: no pixel is another', () => {
    const { dims, data } = of(map(1200, 1600));
    const plane = dims[2] * dims[3];
    for (let at = 0; at < plane; at++)
      assert.ok(Number.isInteger(data[at]) && Number.isInteger(data[plane + at]));
  });

  it('takes about as many pixels as it may, of any format', () => {
    for (const [height, width] of [
      [3000, 4000],
      [4000, 3000],
      [1000, 9000],
      [700, 700],
    ]) {
      const { dims } = of(map(height, width));
      const pixels = dims[2] * dims[3];
      assert.ok(pixels > 0.6 * SMALL.mostPixels && pixels < 1.3 * SMALL.mostPixels, `${height}: ${dims}`);
    }
  });

  it('sees all of a panorama that is thinner than its pieces', () => {
    const mosaic = of(map(40, 9000));
    const { columns } = piecesOf(mosaic);
    assert.equal(mosaic.dims[2], 40);
    assert.ok(columns.length > 8 && columns[0] < 600 && columns.at(-1)! > 8400, columns.join());
  });

  it('has pieces whose sides are multiples of what the network takes', () => {
    const { dims } = of(map(1500, 1500), { multipleOf: 48, mostPixels: 300_000 });
    assert.deepEqual([dims[2] % 48, dims[3] % 48], [0, 0]);
  });
});
