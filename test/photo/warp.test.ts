// Resampling a photo through a map: what stays as it was, what lies beyond the border, and how much is averaged.

import assert from 'node:assert/strict';
import { type Affine, rescale } from '../../shared/photo/affine.js';
import { type Edge, type Rect, warp } from '../../shared/photo/warp.js';
import type { Tensor } from '../../shared/tensor.js';
import { flatPhoto, hills, levelsAt, paintPhoto } from '../fixtures/photos.js';

const STAY: Affine = [1, 0, 0, 0, 1, 0];
/** A quarter of a level, the most that float32 sums may be off. */
const TINY = 0.25;

describe('warp', () => {
  const photo = paintPhoto(40, 30, hills);
  const whole: Rect = { left: 0, top: 0, right: 40, bottom: 30 };

  it('by the identity with one sample gives every pixel back, channel by channel', () => {
    const levels = levelsOf(warp(photo, STAY, { width: 40, height: 30, samples: 1 }));
    for (let y = 0; y < 30; y++)
      for (let x = 0; x < 40; x++)
        for (const [channel, level] of levelsAt(photo, x, y).entries())
          assert.ok(Math.abs(levels(channel, x, y) - level) < TINY, `${x}, ${y}`);
  });

  it('by a whole shift gives the pixels of that place', () => {
    const levels = levelsOf(warp(photo, [1, 0, 7, 0, 1, 4], { width: 10, height: 10, samples: 1 }));
    assert.ok(Math.abs(levels(0, 3, 5) - levelsAt(photo, 10, 9)[0]) < TINY);
  });

  it('between two pixels shows their mean', () => {
    const steps = paintPhoto(4, 4, (x) => [x * 40, x * 40, x * 40]);
    const levels = levelsOf(warp(steps, [1, 0, 0.5, 0, 1, 0], { width: 3, height: 3, samples: 1 }));
    assert.ok(Math.abs(levels(1, 1, 1) - 60) < TINY);
  });

  it('leaves a picture of one colour that colour, inside and over the border, turned and scaled', () => {
    const flat = flatPhoto(40, 30, 77);
    for (const map of [STAY, [0.3, -0.8, 20, 0.8, 0.3, 2], [5, 0, -40, 0, 5, -40]] as Affine[])
      for (const mode of ['clamp', 'reflect'] as const) {
        const { data } = warp(flat, map, { width: 21, height: 17, edge: { mode, rect: whole } });
        for (const value of data) assert.ok(Math.abs((value + 1) * 127.5 - 77) < TINY);
      }
  });

  it('keeps the mean brightness when it shrinks, where single samples would flicker', () => {
    const grain = paintPhoto(256, 256, (x, y) =>
      ((x * 7919) ^ (y * 104729)) % 97 < 48 ? [255, 255, 255] : [0, 0, 0],
    );
    const small = { width: 50, height: 50 };
    const shrunk = statistics(warp(grain, rescale(small, grain), small).data);
    const single = statistics(warp(grain, rescale(small, grain), { ...small, samples: 1 }).data);
    const whole = statistics(Float32Array.from(grain.data, (level) => level / 127.5 - 1));
    assert.ok(Math.abs(shrunk.mean - whole.mean) < 0.02, `mean ${shrunk.mean} instead of ${whole.mean}`);
    assert.ok(shrunk.deviation < 0.35 * whole.deviation, `deviation ${shrunk.deviation}`);
    assert.ok(shrunk.deviation < 0.6 * single.deviation, `deviation ${single.deviation} without`);
  });

  it('shows the same inside the photo whatever lies beyond', () => {
    const inner: Affine = [0.6, -0.2, 9, 0.2, 0.6, 6];
    const [first, ...others] = (['clamp', 'reflect', 'black'] as const).map((mode) =>
      warp(photo, inner, { width: 20, height: 20, edge: { mode, rect: whole } }),
    );
    for (const other of others) assert.deepEqual(other, first);
  });

  it('draws the same with the border in reach as without', () => {
    // One picture that ends inside, one whose last column lies beyond: all other columns must agree.
    const inside = levelsOf(warp(photo, STAY, { width: 38, height: 28 }));
    const across = levelsOf(warp(photo, STAY, { width: 45, height: 35 }));
    for (let y = 1; y < 28; y++)
      for (let x = 1; x < 38; x++)
        assert.ok(Math.abs(inside(2, x, y) - across(2, x, y)) < TINY, `${x}, ${y}`);
  });
});

describe('beyond the border', () => {
  const steps = paintPhoto(10, 10, (x, y) => [x * 20, y * 20, 200]);
  const rect: Rect = { left: 2, top: 1, right: 8, bottom: 9 };
  const at = (mode: Edge['mode'], x: number, y: number) => {
    const levels = levelsOf(
      warp(steps, [1, 0, x, 0, 1, y], { width: 1, height: 1, samples: 1, edge: { mode, rect } }),
    );
    return [0, 1, 2].map((channel) => Math.round(levels(channel, 0, 0)));
  };

  it('clamp repeats the border pixel', () => {
    assert.deepEqual(at('clamp', -3, 4), [2 * 20, 4 * 20, 200]);
    assert.deepEqual(at('clamp', 9, 12), [7 * 20, 8 * 20, 200]);
  });

  it('reflect mirrors without repeating the border pixel, as often as it takes', () => {
    assert.deepEqual(at('reflect', 1, 4), [3 * 20, 4 * 20, 200]);
    assert.deepEqual(at('reflect', 8, 0), [6 * 20, 2 * 20, 200]);
    // The columns 2..7 read 2 3 4 5 6 7 6 5 4 3 and again: ten to the right or left is the same place.
    assert.deepEqual(at('reflect', 14, 4), at('reflect', 4, 4));
    assert.deepEqual(at('reflect', -5, 4), at('reflect', 5, 4));
  });

  it('black is black from half a pixel beyond the outermost centre', () => {
    assert.deepEqual(at('black', 1.4, 4), [0, 0, 0]);
    assert.deepEqual(at('black', 1.6, 4), [2 * 20, 4 * 20, 200]);
    assert.deepEqual(at('black', 7.6, 4), [0, 0, 0]);
    assert.deepEqual(at('black', 4, 8.4), [4 * 20, 8 * 20, 200]);
  });

  it('a photo of one pixel is that pixel everywhere', () => {
    const dot = flatPhoto(1, 1, 90);
    for (const mode of ['clamp', 'reflect'] as const) {
      const edge: Edge = { mode, rect: { left: 0, top: 0, right: 1, bottom: 1 } };
      const levels = levelsOf(warp(dot, [1, 0, -2, 0, 1, -2], { width: 5, height: 5, edge }));
      for (const place of [0, 2, 4]) assert.ok(Math.abs(levels(0, place, place) - 90) < TINY);
    }
  });
});

function statistics(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/** Reads levels 0..255 of planar pixels. */
function levelsOf({ dims, data }: Tensor): (channel: number, x: number, y: number) => number {
  const [, , height, width] = dims;
  return (channel, x, y) => (data[(channel * height + y) * width + x] + 1) * 127.5;
}
