// Thumbnails: small, of the same proportions, and told apart from nothing else.

import assert from 'node:assert/strict';
import sharp from 'sharp';
import { drawThumbnail } from '../../shared/photo/thumbnail.js';

const picture = (width: number, height: number, alpha = 1) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 40, b: 40, alpha } } });

describe('a thumbnail', () => {
  it('is a JPEG whose longer side is as asked', async () => {
    const { format, width, height } = await sharp(
      await drawThumbnail(await picture(600, 300).webp().toBuffer(), 200),
    ).metadata();
    assert.deepEqual([format, width, height], ['jpeg', 200, 100]);
  });

  it('of a smaller picture keeps its size', async () => {
    const { width } = await sharp(
      await drawThumbnail(await picture(60, 30).png().toBuffer(), 200),
    ).metadata();
    assert.equal(width, 60);
  });

  it('shows what is transparent as white', async () => {
    const small = await drawThumbnail(await picture(80, 80, 0).png().toBuffer(), 40);
    const { dominant } = await sharp(small).stats();
    assert.ok(Math.min(dominant.r, dominant.g, dominant.b) > 240);
  });

  it('is turned upright', async () => {
    const turned = await picture(600, 300).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { width, height, orientation } = await sharp(await drawThumbnail(turned, 200)).metadata();
    assert.deepEqual([width, height, orientation], [100, 200, undefined]);
  });
});
