// Cutting the aligned square of a face: where it lies, that it stands upright, and what shows beyond the photo.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toPhoto as photoOf } from '../../shared/blend/raster.js';
import type { Crop } from '../../shared/crop/crop.js';
import { type CropOptions, cropFace } from '../../shared/crop/face.js';
import { mapPoint, type Point, scaleOf } from '../../shared/photo/affine.js';
import { decodePhoto } from '../../shared/photo/decode.js';
import type { Photo } from '../../shared/photo/photo.js';
import { warp } from '../../shared/photo/warp.js';
import { faceAt } from '../fixtures/face-shape.js';
import { assertAlike } from '../fixtures/failed.js';
import { PHOTOS, titled } from '../fixtures/mirror.js';
import { hills, type Painter, paintPhoto, psnr } from '../fixtures/photos.js';

const whole = (photo: Photo) => ({ left: 0, top: 0, right: photo.width, bottom: photo.height });

describe('cropFace', () => {
  const photo = paintPhoto(320, 300, hills);
  const face = faceAt([160, 150]);

  it('is as large as asked for, 512 px by default', () => {
    assert.deepEqual(cropFace(photo, face).pixels.dims, [1, 3, 512, 512]);
    assert.deepEqual(cropFace(photo, face, { sizePx: 65 }).pixels.dims, [1, 3, 65, 65]);
  });

  it('maps its corners to the corners of the square', () => {
    const { toPhoto } = cropFace(photo, face, { expand: 1, sizePx: 64 });
    assertNear(mapPoint(toPhoto, [-0.5, -0.5]), [160 - 90, 150 - 90]);
    assertNear(mapPoint(toPhoto, [63.5, -0.5]), [160 + 90, 150 - 90]);
    assertNear(mapPoint(toPhoto, [63.5, 63.5]), [160 + 90, 150 + 90]);
    assert.ok(Math.abs(scaleOf(toPhoto) - 180 / 64) < 1e-9);
  });

  it('shows at each of its pixels what the photo shows at the mapped place', () => {
    const { pixels, toPhoto } = cropFace(photo, face, { expand: 1, sizePx: 180 });
    for (const [u, v] of [
      [10, 20],
      [90, 90],
      [170, 33],
    ] as Point[]) {
      const [red] = hills(...mapPoint(toPhoto, [u, v]));
      const shown = (pixels.data[v * 180 + u] + 1) * 127.5;
      assert.ok(Math.abs(shown - red) < 2, `${shown} instead of ${red} at ${u}, ${v}`);
    }
  });

  it('takes in more around the face with expand', () => {
    const tight = cropFace(photo, face, { expand: 1, sizePx: 64 });
    const wide = cropFace(photo, face, { expand: 1.5, sizePx: 96 });
    // At 1.5 times the side and size both show the same scale; the tight one is the middle of the wide one.
    const middle = Array.from({ length: 64 * 64 }, (_, at) => {
      return wide.pixels.data[(Math.trunc(at / 64) + 16) * 96 + (at % 64) + 16];
    });
    assert.ok(psnr(tight.pixels.data.subarray(0, 64 * 64), middle, 2) > 60);
  });

  it('stands upright however the head is turned: 30 degrees give the same crop', async () => {
    const angleRad = Math.PI / 6;
    const turned = paintPhoto(320, 300, turnedHills([160, 150], angleRad));
    const upright = cropFace(photo, face, { expand: 1, sizePx: 128 });
    const levelled = cropFace(turned, faceAt([160, 150], { angleRad }), { expand: 1, sizePx: 128 });
    await assertAlike(picture(levelled), picture(upright), 'crop-30-degrees', 45);
  });

  it('leaves the photo as it was', () => {
    const before = Uint8Array.from(photo.data);
    cropFace(photo, faceAt([10, 10]));
    assert.deepEqual(photo.data, before);
  });

  it('demands 68 points', () => {
    for (const points of [[], face.slice(1), [...face, face[0]]])
      assert.throws(() => cropFace(photo, points), {
        code: 'options',
        message: `Expected 68 points for landmarks but received ${points.length}`,
      });
  });

  it('demands options in their range, by the names of the command line', () => {
    const SIZE = 'a whole number from 64 to 4096 for --size';
    const EXPAND = 'a number from 0.5 to 4 for --expand';
    const WRONG: [CropOptions, string][] = [
      [{ sizePx: 0 }, `${SIZE} but received 0`],
      [{ sizePx: -5 }, `${SIZE} but received -5`],
      [{ sizePx: 100.5 }, `${SIZE} but received 100.5`],
      [{ sizePx: 100_000 }, `${SIZE} but received 100000`],
      [{ expand: 0 }, `${EXPAND} but received 0`],
      [{ expand: Number.NaN }, `${EXPAND} but received NaN`],
      [{ pad: 'no' as unknown as boolean }, 'a boolean for --pad but received "no"'],
    ];
    for (const [options, sentence] of WRONG)
      assert.throws(() => cropFace(photo, face, options), {
        code: 'options',
        message: `Expected ${sentence}`,
      });
  });

  it('demands a face with some extent', () => {
    const dot = Array.from({ length: 68 }, (): Point => [50, 50]);
    const nowhere = Array.from({ length: 68 }, (): Point => [Number.NaN, 50]);
    for (const points of [dot, nowhere])
      assert.throws(() => cropFace(photo, points), { code: 'options', message: /a face with some extent/ });
  });
});

describe('a square that reaches over the border of the photo', () => {
  const bright = paintPhoto(300, 240, (x, y) => [120 + (x % 60), 150 + (y % 60), 200]);
  // At expand 1 the square spans x -50..130 and y 20..200.
  const cut = faceAt([40, 110]);
  const options: CropOptions = { expand: 1, sizePx: 90 };

  it('is black exactly where the photo ends, without padding', () => {
    const { pixels, toPhoto } = cropFace(bright, cut, { ...options, pad: false });
    for (let v = 0; v < 90; v++)
      for (let u = 0; u < 90; u++) {
        const [left] = mapPoint(toPhoto, [u - 0.5, v]);
        const [right] = mapPoint(toPhoto, [u + 0.5, v]);
        const value = pixels.data[v * 90 + u];
        if (right <= -0.5) assert.equal(value, -1, `${u}, ${v} is outside`);
        if (left >= -0.5) assert.ok(value > -0.1, `${u}, ${v} is inside`);
      }
  });

  it('mirrors the photo with padding: what is one colour stays it, bands go on, and nothing is black', () => {
    const bands = paintPhoto(300, 240, (_, y) => (y < 110 ? [220, 60, 60] : [60, 60, 220]));
    const { pixels, toPhoto } = cropFace(bands, cut, { ...options, pad: true });
    for (const y of [60, 160]) {
      const v = Math.round((y - toPhoto[5]) / toPhoto[4]);
      const u = Math.round((-12 - toPhoto[2]) / toPhoto[0]);
      const [red, , blue] = [0, 1, 2].map((channel) => pixels.data[(channel * 90 + v) * 90 + u]);
      assert.equal(red > blue, y < 110, `the band of y ${y} goes on beyond the border`);
    }
    assert.ok(pixels.data.every((value) => value > -0.6));
  });

  it('mirrors and does not repeat: a ramp that falls towards the border rises beyond it', () => {
    const ramp = paintPhoto(300, 240, (x) => [x, x, x]);
    const { pixels, toPhoto } = cropFace(ramp, cut, { ...options, pad: true });
    const level = (x: number) =>
      (pixels.data[45 * 90 + Math.round((x - toPhoto[2]) / toPhoto[0])] + 1) * 127.5;
    assert.ok(level(-30) > level(-4) + 10, `${level(-4)} to ${level(-30)}`);
  });

  it('softens outwards: fine detail fades to one colour', () => {
    const grain = paintPhoto(300, 240, (x, y) => ((x + y) % 4 < 2 ? [220, 220, 220] : [90, 90, 90]));
    const { pixels, toPhoto } = cropFace(grain, cut, { ...options, sizePx: 180, pad: true });
    const contrast = (x: number) => {
      const u = Math.round((x - toPhoto[2]) / toPhoto[0]);
      const column = Array.from({ length: 60 }, (_, i) => pixels.data[(60 + i) * 180 + u]);
      return Math.max(...column) - Math.min(...column);
    };
    assert.ok(contrast(60) > 0.5, `inside the detail stays: ${contrast(60)}`);
    assert.ok(contrast(-10) < contrast(60) / 3, `beyond the border it is soft: ${contrast(-10)}`);
    assert.ok(contrast(-48) < 0.05, `far out it is gone: ${contrast(-48)}`);
  });

  it('shows the same with and without padding far inside the photo', () => {
    const [padded, plain] = [true, false].map((pad) => cropFace(bright, cut, { ...options, pad }));
    for (let v = 0; v < 90; v++)
      for (let u = 50; u < 90; u++) {
        const at = v * 90 + u;
        if (v > 20 && v < 70) assert.equal(padded.pixels.data[at], plain.pixels.data[at], `${u}, ${v}`);
      }
  });

  it('makes no difference to padding where it stays inside', () => {
    const inside = faceAt([150, 120], { scale: 0.6 });
    const [padded, plain] = [true, false].map((pad) => cropFace(bright, inside, { ...options, pad }));
    assert.deepEqual(padded, plain);
    const direct = warp(bright, plain.toPhoto, {
      width: 90,
      height: 90,
      edge: { mode: 'clamp', rect: whole(bright) },
    });
    assert.deepEqual(plain.pixels, direct);
  });

  it('works for a face that lies outside altogether, on all sides, and in a tiny photo', () => {
    for (const centre of [
      [-200, 100],
      [600, 100],
      [100, -300],
      [100, 700],
    ] as Point[]) {
      const { pixels } = cropFace(bright, faceAt(centre), { ...options, pad: true });
      assert.ok(pixels.data.every((value) => value >= -1 && value <= 1));
      assert.ok(
        cropFace(bright, faceAt(centre), { ...options, pad: false }).pixels.data.every(
          (value) => value === -1,
        ),
      );
    }
    const tiny = paintPhoto(2, 3, () => [200, 100, 50]);
    const { pixels } = cropFace(tiny, faceAt([1, 1]), options);
    assert.ok(pixels.data.subarray(0, 90 * 90).every((value) => Math.abs((value + 1) * 127.5 - 200) < 1));
  });
});

interface AlignedCase extends Required<CropOptions> {
  image: string;
  landmarks: Point[];
  reference: string;
}

describe(titled('the crop beside the classic implementation', PHOTOS), () => {
  it('is the same picture: 45 dB in the middle, 32 dB at worst', async function () {
    if (!PHOTOS) return this.skip();
    const folder = join(PHOTOS, 'dlib');
    const cases = JSON.parse(readFileSync(join(folder, 'aligned', 'cases.json'), 'utf8')) as AlignedCase[];
    const decibels: number[] = [];
    for (const { image, landmarks, reference, ...options } of cases) {
      const photo = await decodePhoto(readFileSync(join(folder, image)));
      const wanted = await decodePhoto(readFileSync(join(folder, 'aligned', reference)));
      const crop = picture(cropFace(photo, landmarks, options));
      decibels.push(await assertAlike(crop, wanted, `aligned-${reference.replace('.png', '')}`, 32));
    }
    const middle = decibels.sort((a, b) => a - b)[decibels.length >> 1];
    assert.ok(cases.length >= 20 && middle >= 45, `${cases.length} cases, median ${middle.toFixed(1)} dB`);
  });
});

const picture = (crop: Crop): Photo =>
  photoOf(
    crop.pixels,
    paintPhoto(1, 1, () => [0, 0, 0]),
  );

/** The same hills, turned about a point. */
function turnedHills([cx, cy]: Point, angleRad: number): Painter {
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  return (x, y) => hills(cx + cos * (x - cx) + sin * (y - cy), cy - sin * (x - cx) + cos * (y - cy));
}

function assertNear(received: Point, wanted: Point): void {
  const apart = Math.hypot(received[0] - wanted[0], received[1] - wanted[1]);
  assert.ok(apart < 1e-9, `${received.join(', ')} is not ${wanted.join(', ')}`);
}
