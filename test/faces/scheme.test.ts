// The 68-point scheme: partners of the mirror image, the way from 98 points, and boxes that mean the same face.

import assert from 'node:assert/strict';
import { boxAround, overlap, withoutDoubles } from '../../shared/faces/face.js';
import { from98, mirrored, PARTS } from '../../shared/faces/scheme.js';
import type { Point } from '../../shared/photo/affine.js';

const numbered = (count: number): Point[] => Array.from({ length: count }, (_, i): Point => [i, 1000 + i]);

describe('mirrored', () => {
  // The row of a point is kept: it tells which landmark a mirrored one came from.
  const partners = mirrored(numbered(68), 100).map(([, y]) => y - 1000);

  it('is a permutation that undoes itself', () => {
    assert.deepEqual(
      [...partners].sort((a, b) => a - b),
      numbered(68).map(([x]) => x),
    );
    for (const [index, partner] of partners.entries()) assert.equal(partners[partner], index);
    const face = numbered(68);
    assert.deepEqual(mirrored(mirrored(face, 100), 100), face);
  });

  it('exchanges what faces each other and keeps what lies in the middle', () => {
    const pairs: [number, number][] = [
      [0, 16],
      [7, 9],
      [17, 26],
      [21, 22],
      [31, 35],
      [36, 45],
      [37, 44],
      [39, 42],
      [41, 46],
      [48, 54],
      [50, 52],
      [59, 55],
      [58, 56],
      [60, 64],
      [61, 63],
      [67, 65],
    ];
    for (const [left, right] of pairs) assert.deepEqual([partners[left], partners[right]], [right, left]);
    for (const middle of [8, 27, 28, 29, 30, 33, 51, 57, 62, 66]) assert.equal(partners[middle], middle);
  });

  it('mirrors pixel centres: the first column becomes the last', () => {
    const edge = numbered(68).map((): Point => [0, 5]);
    assert.deepEqual(mirrored(edge, 100)[3], [99, 5]);
  });
});

describe('from98', () => {
  const taken = from98(numbered(98)).map(([x]) => x);

  it('takes 68 different points of the 98', () => {
    assert.equal(taken.length, 68);
    assert.equal(new Set(taken).size, 68);
    assert.ok(taken.every((index) => index >= 0 && index < 98));
  });

  it('takes the corners that WFLW names: chin, brows, eyes, nose, mouth', () => {
    const wflw: Record<number, number> = {
      0: 0,
      8: 16,
      16: 32,
      17: 33,
      26: 46,
      30: 54,
      33: 57,
      36: 60,
      39: 64,
    };
    for (const [index, source] of Object.entries({ ...wflw, 42: 68, 45: 72, 48: 76, 54: 82, 57: 85, 60: 88 }))
      assert.equal(taken[Number(index)], source, `landmark ${index}`);
  });
});

describe('the parts of a face', () => {
  it('cover the 68 landmarks without gap or overlap', () => {
    const covered = PARTS.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    assert.deepEqual(
      covered,
      numbered(68).map(([x]) => x),
    );
  });
});

describe('boxes', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };

  it('overlap by the shared part of their common area', () => {
    assert.equal(overlap(box, box), 1);
    assert.equal(overlap(box, { ...box, x: 5 }), 50 / 150);
    assert.equal(overlap(box, { ...box, x: 10 }), 0);
    assert.equal(overlap(box, { ...box, x: -30, y: 40 }), 0);
  });

  it('around points touch the outermost ones', () => {
    assert.deepEqual(
      boxAround([
        [3, 9],
        [-1, 4],
        [2, 20],
      ]),
      { x: -1, y: 4, width: 4, height: 16 },
    );
  });

  it('of one face are counted once, the best one, and neighbours stay', () => {
    const found = [
      { box: { ...box, x: 2 }, score: 0.6 },
      { box, score: 0.9 },
      { box: { ...box, x: 40 }, score: 0.5 },
      { box: { ...box, x: 8 }, score: 0.7 },
    ];
    const before = structuredClone(found);
    assert.deepEqual(withoutDoubles(found, 0.4), [found[1], found[3], found[2]]);
    assert.deepEqual(found, before);
    assert.deepEqual(withoutDoubles([], 0.4), []);
  });
});
