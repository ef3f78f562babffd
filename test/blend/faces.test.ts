// Drawn faces back in the photo: nothing shows that a square was cut out, and neighbours do not fight.

import assert from 'node:assert/strict';
import { blendCrop } from '../../shared/blend/crop.js';
import { blendFaces, type DrawnFace } from '../../shared/blend/faces.js';
import type { Crop } from '../../shared/crop/crop.js';
import { cropFace } from '../../shared/crop/face.js';
import { alignmentSquare } from '../../shared/crop/square.js';
import { cropWhole } from '../../shared/crop/whole.js';
import type { Point } from '../../shared/photo/affine.js';
import type { Photo } from '../../shared/photo/photo.js';
import { type Tensor, tensor } from '../../shared/tensor.js';
import { faceAt } from '../fixtures/face-shape.js';
import { flatPhoto, hills, levelsAt, paintPhoto } from '../fixtures/photos.js';

const photo = paintPhoto(320, 300, hills);
const CENTRE: Point = [160, 150];
const face = faceAt(CENTRE);
/** 180 px of the photo at a little more than its own resolution. */
const crop = cropFace(photo, face, { expand: 1, sizePx: 192 });

describe('a drawn face in the photo', () => {
  it('that is drawn exactly as it was changes the photo by no more than resampling does', () => {
    const result = blendOne(photo, crop, crop.pixels);
    assert.ok(furthest(result, photo) <= 2, `${furthest(result, photo)} levels`);
  });

  it('changes nothing outside its square, nor at the rim of the square', () => {
    const result = blendOne(photo, crop, negative(crop.pixels));
    const { sidePx } = alignmentSquare(face, 1);
    const clear = 0.49 * sidePx;
    for (let y = 0; y < photo.height; y++)
      for (let x = 0; x < photo.width; x++)
        if (Math.max(Math.abs(x - CENTRE[0]), Math.abs(y - CENTRE[1])) >= clear)
          assert.deepEqual(levelsAt(result, x, y), levelsAt(photo, x, y), `${x}, ${y}`);
  });

  it('shows the drawing in the middle of the face', () => {
    const stripes = drawing(crop, (_, v) => (v % 24 < 12 ? 0.8 : -0.8));
    const result = blendOne(flatPhoto(320, 300, 128), crop, stripes);
    const column = Array.from({ length: 40 }, (_, i) => levelsAt(result, 160, 130 + i)[0]);
    assert.ok(Math.max(...column) - Math.min(...column) > 150, 'the stripes stand out');
  });

  it('that is brighter all over shows no step anywhere, and is still brighter in the middle', () => {
    const brighter = shifted(crop.pixels, 30);
    const change = difference(blendOne(photo, crop, brighter), photo);
    for (let y = 1; y < photo.height; y++)
      for (let x = 1; x < photo.width; x++) {
        const step = Math.max(
          Math.abs(change(x, y) - change(x - 1, y)),
          Math.abs(change(x, y) - change(x, y - 1)),
        );
        assert.ok(step <= 3, `a step of ${step} levels at ${x}, ${y}`);
      }
    assert.ok(
      change(...CENTRE) >= 10 && change(...CENTRE) <= 30,
      `${change(...CENTRE)} levels in the middle`,
    );
    assert.ok(Math.abs(change(CENTRE[0] - 72, CENTRE[1])) <= 3, 'and gone at the rim');
  });

  it('takes on the colour of the light around it', () => {
    const yellow = paintPhoto(320, 300, () => [200, 180, 90]);
    const grey = drawing(crop, () => 0);
    const [red, , blue] = levelsAt(blendOne(yellow, crop, grey), CENTRE[0], CENTRE[1]);
    assert.ok(red - blue > 40, `${red} over ${blue}`);
  });

  it('of a turned head lands turned', () => {
    const angleRad = Math.PI / 3;
    const turned = cropFace(photo, faceAt(CENTRE, { angleRad }), { expand: 1, sizePx: 192 });
    assert.ok(furthest(blendOne(photo, turned, turned.pixels), photo) <= 2);
  });

  for (const sizePx of [64, 512])
    it(`drawn at ${sizePx} px fits the same place`, () => {
      const other = cropFace(photo, face, { expand: 1, sizePx });
      const result = blendOne(photo, other, shifted(other.pixels, 30));
      const change = difference(result, photo);
      const same = difference(blendOne(photo, crop, shifted(crop.pixels, 30)), photo);
      for (const [x, y] of [CENTRE, [130, 150], [160, 190]] as Point[])
        assert.ok(
          Math.abs(change(x, y) - same(x, y)) <= 6,
          `${change(x, y)} and ${same(x, y)} at ${x}, ${y}`,
        );
    });

  it('cut by the border of the photo is drawn up to the border', () => {
    for (const pad of [true, false]) {
      const cut = cropFace(photo, faceAt([10, 150]), { expand: 1, sizePx: 192, pad });
      const result = blendOne(photo, cut, shifted(cut.pixels, 30));
      assert.deepEqual([result.width, result.height, result.data.length], [320, 300, 320 * 300 * 3]);
      assert.ok(difference(result, photo)(0, 150) > 4, 'the face changes at the border');
    }
  });

  it('beyond the photo changes nothing', () => {
    const away = cropFace(photo, faceAt([900, 150]), { sizePx: 64 });
    assert.deepEqual(blendOne(photo, away, negative(away.pixels)).data, photo.data);
  });

  it('leaves the photo and the drawing as they were, and keeps transparency', () => {
    const [data, pixels] = [Uint8Array.from(photo.data), Float32Array.from(crop.pixels.data)];
    const alpha = new Uint8Array(320 * 300).fill(40);
    const result = blendOne({ ...photo, alpha }, crop, crop.pixels);
    assert.deepEqual(photo.data, data);
    assert.deepEqual(crop.pixels.data, pixels);
    assert.equal(result.alpha, alpha);
  });
});

describe('strength', () => {
  const drawn = negative(crop.pixels);
  const full = blendOne(photo, crop, drawn);

  it('0 is the photo', () => {
    assert.deepEqual(blendOne(photo, crop, drawn, 0).data, photo.data);
  });

  it('0.5 is halfway to the drawing', () => {
    const half = blendOne(photo, crop, drawn, 0.5);
    for (const [at, level] of half.data.entries())
      assert.ok(Math.abs(level - (photo.data[at] + full.data[at]) / 2) <= 1);
  });

  it('left out is 1', () => {
    assert.deepEqual(blendOne(photo, crop, drawn, 1).data, full.data);
  });
});

describe('two faces that overlap', () => {
  const places: Point[] = [
    [125, 150],
    [195, 150],
  ];
  const crops = places.map((place) => cropFace(photo, faceAt(place), { expand: 1, sizePx: 192 }));
  const brighter: DrawnFace[] = crops.map((each) => ({ crop: each, pixels: shifted(each.pixels, 60) }));

  it('share what lies between them: it is not drawn twice', () => {
    const both = difference(blendFaces(photo, brighter), photo);
    const alone = brighter.map((each) => difference(blendFaces(photo, [each]), photo));
    for (let y = 60; y < 240; y += 3)
      for (let x = 40; x < 280; x += 3) {
        const most = Math.max(...alone.map((change) => change(x, y)));
        assert.ok(
          both(x, y) <= most + 2,
          `${both(x, y)} levels at ${x}, ${y} where one face alone makes ${most}`,
        );
      }
  });

  it('each show their own drawing in their middle', () => {
    const [bright, dark] = blendTwo(40, -40);
    assert.ok(bright > 10 && dark < -10, `${bright} and ${dark}`);
  });

  it('give the same picture in any order', () => {
    const [forth, back] = [brighter, [...brighter].reverse()].map((faces) => blendFaces(photo, faces));
    assert.ok(furthest(forth, back) <= 1);
  });

  it('show no seam between them', () => {
    const change = difference(blendFaces(photo, brighter), photo);
    for (let y = 60; y < 240; y++)
      for (let x = 40; x < 280; x++)
        assert.ok(Math.abs(change(x, y) - change(x - 1, y)) <= 6, `at ${x}, ${y}`);
  });

  function blendTwo(...levels: number[]): number[] {
    const faces = crops.map((each, index) => ({ crop: each, pixels: shifted(each.pixels, levels[index]) }));
    const change = difference(blendFaces(photo, faces), photo);
    return [change(105, 150), change(215, 150)];
  }
});

/** A drawing of the crop, grey on -1..1 by crop pixel. */
function drawing({ pixels: { dims } }: Crop, grey: (u: number, v: number) => number): Tensor {
  const [, , height, width] = dims;
  const drawn = tensor(dims);
  return { dims, data: drawn.data.map((_, at) => grey(at % width, Math.trunc(at / width) % height)) };
}

/** Brighter by levels of 255, not clipped: the blend has to cope. */
function shifted({ dims, data }: Tensor, levels: number): Tensor {
  return { dims, data: data.map((value) => value + levels / 127.5) };
}

function negative({ dims, data }: Tensor): Tensor {
  return { dims, data: data.map((value) => -value) };
}

/** The largest difference in any channel of any pixel. */
function furthest(a: Photo, b: Photo): number {
  return a.data.reduce((most, level, at) => Math.max(most, Math.abs(level - b.data[at])), 0);
}

/** Reads how much brighter `after` is at a pixel, the mean of the channels. */
function difference(after: Photo, before: Photo): (x: number, y: number) => number {
  const sum = (photo: Photo, x: number, y: number) =>
    levelsAt(photo, x, y).reduce((total, level) => total + level);
  return (x, y) => (sum(after, x, y) - sum(before, x, y)) / 3;
}

describe('blendCrop', () => {
  it('puts a face back as blendFaces does', async () => {
    const photo = flatPhoto(320, 300, 128);
    const crop = cropFace(photo, faceAt([160, 150]), { sizePx: 128 });
    const drawn = negative(crop.pixels);
    const { data } = await blendCrop(photo, crop, drawn, { strength: 0.5 });
    assert.deepEqual(data, blendOne(photo, crop, drawn, 0.5).data);
  });

  it('replaces the whole photo where the whole photo was cut', async () => {
    const photo = flatPhoto(320, 200, 128);
    const crop = await cropWhole(photo, 100);
    const white = tensor(crop.pixels.dims, new Float32Array(crop.pixels.data.length).fill(1));
    const { data } = await blendCrop(photo, crop, white);
    assert.ok(data.every((level) => level === 255));
  });

  it('refuses a drawing of another shape than the crop', async () => {
    const photo = flatPhoto(64, 64, 128);
    const crop = await cropWhole(photo, 64);
    await assert.rejects(blendCrop(photo, crop, tensor([1, 3, 8, 8])), {
      code: 'options',
      message: 'Expected a drawing of shape 1x3x64x64 for pixels but received "1x3x8x8"',
    });
  });

  it('refuses a strength beyond 1', async () => {
    const photo = flatPhoto(64, 64, 128);
    const crop = await cropWhole(photo, 64);
    await assert.rejects(blendCrop(photo, crop, crop.pixels, { strength: 2 }), { code: 'options' });
  });
});

function blendOne(photo: Photo, crop: Crop, pixels: Tensor, strength = 1): Photo {
  return blendFaces(photo, [{ crop, pixels }], strength);
}
