// Short convolutions: the matrices give what the definition of the convolution gives.

import assert from 'node:assert/strict';
import { shortConvolution } from '../../../shared/models/cpu/toom-cook.js';
import { random } from '../../fixtures/tiny-gan.js';

type Matrix = readonly (readonly number[])[];

const times = (matrix: Matrix, vector: readonly number[]) =>
  matrix.map((row) => row.reduce((sum, factor, k) => sum + factor * vector[k], 0));

describe('a short convolution', () => {
  for (const [outputs, taps] of [
    [2, 3],
    [4, 3],
    [4, 5],
    [4, 7],
  ]) {
    it(`gives ${outputs} outputs of ${taps} taps with ${outputs + taps - 1} products`, () => {
      const next = random(outputs * taps);
      const filter = Array.from({ length: taps }, next);
      const data = Array.from({ length: outputs + taps - 1 }, next);
      const { products, kernel, input, output } = shortConvolution(outputs, taps);
      const factors = times(kernel, filter);
      const answer = times(
        output,
        times(input, data).map((value, k) => value * factors[k]),
      );
      assert.equal(products, data.length);
      for (let i = 0; i < outputs; i++) {
        const right = filter.reduce((sum, tap, k) => sum + tap * data[i + k], 0);
        assert.ok(Math.abs(answer[i] - right) < 1e-12, `output ${i}: ${answer[i]} instead of ${right}`);
      }
    });
  }

  it('is refused where the points would no longer be good ones', () => {
    assert.throws(() => shortConvolution(4, 9), /more points/);
  });
});
