// The drawing of a whole photo at the photo's size, portraits of their own, and two pictures side by side.

import assert from 'node:assert/strict';
import { mixPhotos, toPhoto } from '../../shared/blend/raster.js';
import { sideBySide } from '../../shared/blend/side-by-side.js';
import { blendPortrait, blendWhole } from '../../shared/blend/whole.js';
import { cropFace } from '../../shared/crop/face.js';
import { cropWhole, planesOf } from '../../shared/crop/whole.js';
import type { Photo } from '../../shared/photo/photo.js';
import { tensor } from '../../shared/tensor.js';
import { faceAt } from '../fixtures/face-shape.js';
import { flatPhoto, hills, levelsAt, paintPhoto, psnr } from '../fixtures/photos.js';

const photo = paintPhoto(150, 101, hills);
const alpha = Uint8Array.from({ length: 150 * 101 }, (_, at) => at % 256);

describe('blendWhole', () => {
  it('puts an unchanged drawing back as the photo, byte by byte', async () => {
    assert.deepEqual((await blendWhole(photo, planesOf(photo), 1)).data, photo.data);
  });

  it('enlarges a smaller drawing to the size of the photo', async () => {
    const { pixels } = await cropWhole(photo, 75);
    const result = await blendWhole(photo, pixels, 1);
    assert.deepEqual([result.width, result.height], [150, 101]);
    assert.ok(psnr(result.data, photo.data) > 32);
  });

  it('keeps transparency and metadata', async () => {
    const { pixels } = await cropWhole(photo, 75);
    const result = await blendWhole({ ...photo, alpha }, pixels, 1);
    assert.deepEqual(result.alpha, alpha);
    assert.equal(result.metadata, photo.metadata);
  });

  it('mixes by strength: 0 the photo, 0.5 halfway, 1 the drawing', async () => {
    const white = tensor([1, 3, 101, 150]);
    white.data.fill(1);
    const [none, half, all] = await Promise.all(
      [0, 0.5, 1].map((strength) => blendWhole(photo, white, strength)),
    );
    assert.deepEqual(none.data, photo.data);
    for (const [at, level] of half.data.entries())
      assert.ok(Math.abs(level - (photo.data[at] + 255) / 2) <= 1);
    assert.ok(all.data.every((level) => level === 255));
  });
});

describe('blendPortrait', () => {
  const crop = cropFace(photo, faceAt([75, 50], { scale: 0.4 }), { sizePx: 64 });

  it('is the drawing as a picture of its own', () => {
    const white = { ...crop.pixels, data: crop.pixels.data.map(() => 1) };
    const portrait = blendPortrait({ ...photo, alpha }, crop, white, 1);
    assert.deepEqual([portrait.width, portrait.height, portrait.alpha], [64, 64, undefined]);
    assert.ok(portrait.data.every((level) => level === 255));
  });

  it('at strength 0 shows what was cut out', () => {
    const white = { ...crop.pixels, data: crop.pixels.data.map(() => 1) };
    assert.deepEqual(blendPortrait(photo, crop, white, 0).data, toPhoto(crop.pixels, photo).data);
  });
});

describe('toPhoto', () => {
  it('is the way back of planesOf', () => {
    assert.deepEqual(toPhoto(planesOf(photo), photo).data, photo.data);
  });

  it('rounds to the nearest level and clips what lies beyond black and white', () => {
    const pixels = tensor([1, 3, 1, 1], Float32Array.of(-7, 7, 0.2));
    assert.deepEqual([...toPhoto(pixels, photo).data], [0, 255, 153]);
  });
});

describe('mixPhotos', () => {
  it('of two equal pictures is that picture at any strength', () => {
    for (const strength of [0, 0.1, 1 / 3, 0.77, 1])
      assert.deepEqual(mixPhotos(photo, { ...photo }, strength).data, photo.data);
  });
});

describe('sideBySide', () => {
  const black = flatPhoto(40, 30, 0);
  const white = flatPhoto(40, 30, 255);

  it('has the original on the left and the drawing on the right', async () => {
    const both = await sideBySide(black, white);
    assert.deepEqual([both.width, both.height, both.alpha], [80, 30, undefined]);
    for (const y of [0, 29])
      for (const [x, level] of [
        [0, 0],
        [39, 0],
        [40, 255],
        [79, 255],
      ])
        assert.deepEqual(levelsAt(both, x, y), [level, level, level]);
  });

  it('scales the original to the height of the drawing', async () => {
    const both = await sideBySide(flatPhoto(100, 60, 0), white);
    assert.deepEqual([both.width, both.height, both.data.length], [50 + 40, 30, 90 * 30 * 3]);
  });

  it('keeps the transparency of either, opaque where one has none', async () => {
    const holed: Photo = { ...black, alpha: new Uint8Array(40 * 30).fill(7) };
    const left = await sideBySide(holed, white);
    assert.deepEqual(
      [left.alpha?.[0], left.alpha?.[39], left.alpha?.[40], left.alpha?.[79]],
      [7, 7, 255, 255],
    );
    const right = await sideBySide(white, holed);
    assert.deepEqual([right.alpha?.[0], right.alpha?.[40]], [255, 7]);
    assert.equal(right.alpha?.length, 80 * 30);
  });
});
