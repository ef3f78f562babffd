// The whole photo as a crop: its values, its sizes, and the way back to the photo.

import assert from 'node:assert/strict';
import { cropWhole, planesOf } from '../../shared/crop/whole.js';
import { mapPoint } from '../../shared/photo/affine.js';
import { hills, paintPhoto } from '../fixtures/photos.js';

describe('cropWhole', () => {
  const photo = paintPhoto(120, 81, hills);

  it('is the photo itself where the style takes its size', async () => {
    const { pixels, toPhoto } = await cropWhole(photo, 120);
    assert.deepEqual(pixels, planesOf(photo));
    assert.deepEqual(mapPoint(toPhoto, [17, 5]), [17, 5]);
  });

  it('is reduced to the longest side that the style takes, never enlarged', async () => {
    assert.deepEqual((await cropWhole(photo, 60)).pixels.dims, [1, 3, 41, 60]);
    assert.deepEqual((await cropWhole(photo, 5000)).pixels.dims, [1, 3, 81, 120]);
    const tall = paintPhoto(3, 900, hills);
    assert.deepEqual((await cropWhole(tall, 90)).pixels.dims, [1, 3, 90, 1]);
  });

  it('maps its corners to those of the photo', async () => {
    const { toPhoto } = await cropWhole(photo, 60);
    const [x, y] = mapPoint(toPhoto, [59.5, 40.5]);
    assert.ok(Math.abs(x - 119.5) < 1e-9 && Math.abs(y - 80.5) < 1e-9);
  });

  it('shows what transparency hides: styles know no holes', async () => {
    const holed = { ...photo, alpha: new Uint8Array(120 * 81) };
    assert.deepEqual(await cropWhole(holed, 60), await cropWhole(photo, 60));
  });
});

describe('planesOf', () => {
  it('takes bytes to -1..1, planes of red, green and blue', () => {
    const { dims, data } = planesOf(paintPhoto(2, 1, (x) => (x === 0 ? [0, 255, 51] : [255, 0, 204])));
    assert.deepEqual(dims, [1, 3, 1, 2]);
    const wanted = [-1, 1, 1, -1, -0.6, 0.6];
    for (const [at, value] of data.entries()) assert.ok(Math.abs(value - wanted[at]) < 1e-6);
  });
});
