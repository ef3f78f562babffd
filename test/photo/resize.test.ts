// Scaling photos: exact sizes, no colour where there was none, transparency too.

import assert from 'node:assert/strict';
import { decodePhoto } from '../../shared/photo/decode.js';
import type { Photo } from '../../shared/photo/photo.js';
import { resizePhoto } from '../../shared/photo/resize.js';
import { compass, corners, distance, failure, pixel, RED, solid } from './pictures.js';

describe('resizePhoto', () => {
  const SIZES = [
    { width: 12, height: 8 },
    { width: 97, height: 65 },
    { width: 20, height: 90 },
  ];
  for (const { width, height } of SIZES)
    it(`makes a picture of exactly ${width} x ${height}`, async () => {
      const photo = await decodePhoto(await compass().png().toBuffer());
      const scaled = await resizePhoto(photo, { width, height });
      assert.deepEqual(
        [scaled.width, scaled.height, scaled.data.length],
        [width, height, width * height * 3],
      );
      assert.equal(corners(scaled), 'red green blue yellow');
      assert.deepEqual(scaled.metadata, photo.metadata);
    });

  it('leaves one colour that colour, down to one pixel and up again', async () => {
    const photo = await decodePhoto(await solid(RED).png().toBuffer());
    const dot = await resizePhoto(photo, { width: 1, height: 1 });
    assert.deepEqual([...dot.data], RED);
    assert.deepEqual(pixel(await resizePhoto(dot, { width: 33, height: 7 }), 32, 6), RED);
  });

  it('returns a photo of that size as it is', async () => {
    const photo = await decodePhoto(await solid(RED).png().toBuffer());
    assert.equal(await resizePhoto(photo, { width: 16, height: 12 }), photo);
  });

  it('scales transparency, and hidden colours do not bleed into visible ones', async () => {
    const half: Photo = {
      data: new Uint8Array(64 * 64 * 3).map((_, index) => (index % 192 < 96 ? RED[index % 3] : 255)),
      alpha: new Uint8Array(64 * 64).map((_, index) => (index % 64 < 32 ? 255 : 0)),
      width: 64,
      height: 64,
      metadata: { format: 'png', notices: [] },
    };
    const scaled = await resizePhoto(half, { width: 21, height: 21 });
    assert.equal(scaled.alpha!.length, 21 * 21);
    assert.deepEqual([scaled.alpha![0], scaled.alpha![20]], [255, 0]);
    // White behind the edge would add up to 205; the ringing of a sharp filter adds a few.
    for (let x = 0; x < 21; x++)
      if (scaled.alpha![x] > 40)
        assert.ok(distance(pixel(scaled, x, 0), RED) <= 20, `${pixel(scaled, x, 0)}`);
  });

  it('refuses sizes that are none', async () => {
    const photo = await decodePhoto(await solid(RED).png().toBuffer());
    await assert.rejects(
      resizePhoto(photo, { width: 0, height: 5 }),
      failure('options', 'Expected a whole number of pixels from 1 for width but received 0'),
    );
    await assert.rejects(
      resizePhoto(photo, { width: 5, height: 2.5 }),
      failure('options', 'Expected a whole number of pixels from 1 for height but received 2.5'),
    );
  });
});
