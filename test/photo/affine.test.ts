// Affine maps between pixel grids: there and back, one after the other, and where outer edges land.

import assert from 'node:assert/strict';
import {
  type Affine,
  compose,
  invert,
  mapPoint,
  type Point,
  rescale,
  scaleOf,
} from '../../shared/photo/affine.js';

const STAY: Affine = [1, 0, 0, 0, 1, 0];
const QUARTER: Affine = [0, -1, 100, 1, 0, 20];
const SKEWED: Affine = [1.5, -0.4, 12, 0.7, 2.1, -30];
const PLACES: readonly Point[] = [
  [0, 0],
  [10, -3],
  [123.5, 77.25],
];

describe('an affine map', () => {
  it('takes a point where its six numbers say', () => {
    assert.deepEqual(mapPoint([2, 3, 5, 7, 11, 13], [1, 10]), [2 + 30 + 5, 7 + 110 + 13]);
  });

  it('leads back by its inverse', () => {
    for (const map of [STAY, QUARTER, SKEWED])
      for (const place of PLACES) assertNear(mapPoint(invert(map), mapPoint(map, place)), place);
  });

  it('composes: first the inner, then the outer map', () => {
    for (const place of PLACES)
      assertNear(mapPoint(compose(QUARTER, SKEWED), place), mapPoint(QUARTER, mapPoint(SKEWED, place)));
    assert.deepEqual(compose(QUARTER, STAY), QUARTER);
    assert.deepEqual(compose(STAY, QUARTER), QUARTER);
  });

  it('knows how many pixels one pixel becomes, however it is turned', () => {
    assert.equal(scaleOf(STAY), 1);
    assert.equal(scaleOf(QUARTER), 1);
    assert.ok(Math.abs(scaleOf([0, -3, 5, 3, 0, 9]) - 3) < 1e-12);
    assert.equal(scaleOf([-2, 0, 0, 0, 8, 0]), 4);
  });
});

describe('rescale', () => {
  const from = { width: 300, height: 200 };
  const to = { width: 90, height: 500 };

  it('lays the outer edges of both grids on each other', () => {
    const map = rescale(from, to);
    assertNear(mapPoint(map, [-0.5, -0.5]), [-0.5, -0.5]);
    assertNear(mapPoint(map, [299.5, 199.5]), [89.5, 499.5]);
  });

  it('keeps the middle in the middle, and is undone by the way back', () => {
    assertNear(mapPoint(rescale(from, to), [149.5, 99.5]), [44.5, 249.5]);
    for (const place of PLACES)
      assertNear(mapPoint(compose(rescale(to, from), rescale(from, to)), place), place);
  });

  it('to the same size changes nothing', () => {
    for (const place of PLACES) assertNear(mapPoint(rescale(from, from), place), place);
  });
});

function assertNear(received: Point, wanted: Point): void {
  const apart = Math.hypot(received[0] - wanted[0], received[1] - wanted[1]);
  assert.ok(apart < 1e-9, `${received.join(', ')} is not ${wanted.join(', ')}`);
}
