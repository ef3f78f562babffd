// Tiles cover a picture, once each pixel, and keep nothing of what their borders get wrong.

import assert from 'node:assert/strict';
import { planTiles, type TilePlan } from '../../../shared/generators/parts/plan.js';
import { random } from '../../fixtures/tiny-gan.js';

type PlanOptions = Parameters<typeof planTiles>[0];

const HALO = { top: 41, bottom: 48, left: 41, right: 48 };
const PHOTO: PlanOptions = {
  picture: { height: 1100, width: 1400 },
  multipleOf: 8,
  minPx: 64,
  halo: HALO,
  mostPixels: 300_000,
};

const CASES: Record<string, PlanOptions> = {
  'a photo': PHOTO,
  'a photo of odd sides': { ...PHOTO, picture: { height: 1101, width: 1399 } },
  'a photo in little memory': { ...PHOTO, mostPixels: 40_000 },
  'a photo in no memory': { ...PHOTO, mostPixels: 1 },
  'a picture of one pixel': { ...PHOTO, picture: { height: 1, width: 1 } },
  'a picture thinner than its halo': { ...PHOTO, picture: { height: 33, width: 9000 } },
  'a picture narrower than its halo': { ...PHOTO, picture: { height: 9000, width: 7 } },
  'a picture as large as its halo': { ...PHOTO, picture: { height: 96, width: 96 } },
  'sides that are any number': { ...PHOTO, multipleOf: 1, minPx: 1 },
  'a network without borders': { ...PHOTO, halo: { top: 0, bottom: 0, left: 0, right: 0 } },
  'borders on one side only': { ...PHOTO, halo: { top: 60, bottom: 0, left: 0, right: 3 } },
};

const padded = (px: number, { multipleOf, minPx }: PlanOptions): number =>
  Math.ceil(Math.max(px, minPx) / multipleOf) * multipleOf;

function assertCovers({ tiles }: TilePlan, { height, width }: PlanOptions['picture']): void {
  const times = new Uint8Array(height * width);
  for (const { keep } of tiles)
    for (let row = keep.top; row < keep.top + keep.height; row++)
      for (let at = row * width + keep.left, end = at + keep.width; at < end; at++) times[at]++;
  assert.ok(
    times.every((count) => count === 1),
    'a pixel is drawn twice, or never',
  );
}

/** Along one side: from where to where the tile is that of the whole. */
function rightOf(plan: TilePlan, start: number, length: number, [before, after]: number[], end: number) {
  if (plan.isOpen) return [start + before, start + length - after];
  return [start === 0 ? 0 : start + before, start + length === end ? end : start + length - after];
}

function assertRight(plan: TilePlan, options: PlanOptions): void {
  const { halo, multipleOf, picture } = options;
  for (const { top, left, height, width, keep } of plan.tiles) {
    assert.deepEqual({ height, width }, plan.size, 'tiles are of one size');
    const numbers = [top, left, height, width].map((px) => Math.abs(px % multipleOf));
    assert.deepEqual(numbers, [0, 0, 0, 0], 'tiles lie and end at multiples');
    const ends = [padded(picture.height, options), padded(picture.width, options)];
    const rows = rightOf(plan, top, height, [halo.top, halo.bottom], ends[0]);
    const columns = rightOf(plan, left, width, [halo.left, halo.right], ends[1]);
    assert.ok(keep.top >= rows[0] && keep.top + keep.height <= rows[1], 'rows of the border are kept');
    assert.ok(keep.left >= columns[0] && keep.left + keep.width <= columns[1], 'columns of it are kept');
    if (!plan.isOpen) assert.ok(top >= 0 && left >= 0 && top + height <= ends[0] && left + width <= ends[1]);
  }
}

describe('a plan of tiles', () => {
  for (const [title, options] of Object.entries(CASES))
    it(`covers every pixel once, and keeps no border: ${title}`, () => {
      const plan = planTiles(options);
      assertCovers(plan, options.picture);
      assertRight(plan, options);
    });

  it('covers every pixel once, whatever the picture', () => {
    const next = random(3);
    const upTo = (most: number) => Math.floor(((next() + 0.4) / 0.8) * most);
    for (let round = 0; round < 150; round++) {
      const options = {
        picture: { height: 1 + upTo(700), width: 1 + upTo(700) },
        multipleOf: 2 ** upTo(6),
        minPx: 2 ** upTo(8),
        halo: { top: upTo(50), bottom: upTo(50), left: upTo(50), right: upTo(50) },
        mostPixels: 5_000 + upTo(200_000),
      };
      const plan = planTiles(options);
      assertCovers(plan, options.picture);
      assertRight(plan, options);
    }
  });

  it('fits into the memory that is there', () => {
    for (const mostPixels of [80_000, 300_000, 2_000_000]) {
      const { size } = planTiles({ ...PHOTO, mostPixels });
      assert.ok(size.height * size.width <= mostPixels, JSON.stringify(size));
    }
  });

  it('is one tile where the picture fits', () => {
    const { tiles, isOpen } = planTiles({ ...PHOTO, picture: { height: 300, width: 400 } });
    assert.deepEqual([tiles.length, isOpen], [1, false]);
  });

  it('takes no tile shorter than the network does', () => {
    const { size } = planTiles({ ...PHOTO, picture: { height: 20, width: 4000 }, minPx: 256 });
    assert.ok(size.height >= 256 && size.width >= 256, JSON.stringify(size));
  });

  it('continues large pictures beyond their edge, and small ones never', () => {
    assert.equal(planTiles({ ...PHOTO, picture: { height: 6000, width: 8000 } }).isOpen, true);
    assert.equal(planTiles({ ...PHOTO, picture: { height: 60, width: 8000 } }).isOpen, false);
  });

  it('draws little twice', () => {
    const { size, tiles } = planTiles({ ...PHOTO, picture: { height: 6000, width: 8000 } });
    const work = (tiles.length * size.height * size.width) / (6000 * 8000);
    assert.ok(work < 1.7, `it draws ${work} times as many pixels`);
  });
});
