// Matrices of places on the canvas, against numbers worked out by hand.

import assert from 'node:assert/strict';
import type { Transform } from '@figma/plugin-typings/plugin-api-standalone.js';
import { inverse, shift, times, widthOfAll } from '../../figma-plugin/main/document/geometry.js';

/** A quarter turn, clockwise on the canvas, then a move. */
const TURNED: Transform = [
  [0, -1, 300],
  [1, 0, 20],
];

describe('a place on the canvas', () => {
  it('is worked out from within a turned frame, and back', () => {
    assert.deepEqual(times(TURNED, shift(5, 7)), [
      [0, -1, 293],
      [1, 0, 25],
    ]);
    const back = times(inverse(TURNED), times(TURNED, shift(5, 7)));
    assert.ok(back.flat().every((value, index) => Math.abs(value - shift(5, 7).flat()[index]) < 1e-9));
  });

  it('may be skewed', () => {
    const skewed: Transform = [
      [1, 0.5, 3],
      [0, 1, 4],
    ];
    assert.deepEqual(inverse(skewed), [
      [1, -0.5, -1],
      [-0, 1, -4],
    ]);
  });

  it('of several things reaches from the first to the last', () => {
    const at = (x: number, width: number): Parameters<typeof widthOfAll>[0][number] => ({
      x,
      y: 0,
      width,
      height: 1,
    });
    assert.equal(widthOfAll([at(10, 5), at(-20, 4), at(0, 100)]), 120);
    assert.equal(widthOfAll([]), 0);
  });
});
