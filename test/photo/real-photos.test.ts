// Real and really odd files, where they are at hand: beside the mirror of models, never in the repository.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NigaoeError } from '../../shared/errors.js';
import { decodePhoto } from '../../shared/photo/decode.js';
import { encodePhoto } from '../../shared/photo/encode.js';
import type { Photo } from '../../shared/photo/photo.js';
import { distance, pixel } from './pictures.js';

const mirror = process.env.NIGAOE_MIRROR;
const photos = mirror === undefined || /^https?:/.test(mirror) ? undefined : join(mirror, '..', 'photos');
const isThere = photos !== undefined && existsSync(join(photos, 'odd'));

const read = (path: string) => decodePhoto(readFileSync(join(photos!, path)), { name: path });

/** The sentences for the files of `odd` that are not read. */
const REFUSED: Readonly<Record<string, string>> = {
  '17000x17000.avif': 'has 17000 x 17000 pixels (289 MP), more than the limit of 100 MP',
  '65536-uint32-limit.png': 'has 65536 x 65536 pixels (4294.97 MP), more than the limit of 100 MP',
  'giant-image.jpg': 'has 20000 x 14000 pixels (280 MP), more than the limit of 100 MP',
  'circle.svg': 'is an SVG drawing; nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF',
  'relax.jp2': 'is a JPEG 2000 picture; nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF',
  'small.bmp': 'is a BMP picture; nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF',
  'corrupt-header.jpg': 'is incomplete: the JPEG file ends before its picture does',
  'truncated.jpg': 'is incomplete: the JPEG file ends before its picture does',
  'truncated.png': 'is incomplete: the PNG file ends before its picture does',
  'ojpeg-strip.tif': 'is a kind of TIFF file that nigaoe cannot read',
};

describe(`real photos${isThere ? '' : ' (skipped: no mirror)'}`, () => {
  before(function () {
    if (!isThere) this.skip();
  });

  for (const folder of isThere ? ['odd', 'exif', 'portraits', 'groups'] : [])
    for (const file of readdirSync(join(photos!, folder)))
      it(`${folder}/${file}: a picture, or one sentence`, async () => {
        const outcome = await read(`${folder}/${file}`).catch((error: NigaoeError) => error);
        if (outcome instanceof Error)
          assert.equal(outcome.message, `${folder}/${file} ${REFUSED[file] ?? '(was to be read)'}`);
        else await assertWhole(outcome, file);
      });

  it('photos held in any way show the same scene upright', async () => {
    const upright = await read('exif/Portrait_1.jpg');
    for (const turned of ['exif/Portrait_3.jpg', 'exif/Portrait_6.jpg', 'exif/Portrait_8.jpg']) {
      const photo = await read(turned);
      assert.deepEqual([photo.width, photo.height], [upright.width, upright.height]);
      assert.ok(difference(photo, upright) < 4, turned);
    }
  });

  it('a JPEG in XYB colours shows the same as the PNG that it was made from', async () => {
    const [xyb, png] = await Promise.all([read('odd/sample-xyb.jpg'), read('odd/indexed.png')]);
    assert.ok(difference(xyb, png) < 10, `${difference(xyb, png)}`);
  });

  it('CMYK without a profile is no negative: the meadow is green, the sky is light', async () => {
    const photo = await read('odd/Channel_digital_image_CMYK_color_no_profile.jpg');
    const [red, green, blue] = pixel(photo, 40, 200);
    assert.ok(green > red && green > blue, `${[red, green, blue]}`);
  });

  it('red in Display P3 beyond sRGB becomes the reddest red', async () => {
    assert.ok(distance(pixel(await read('odd/p3.png'), 4, 4), [255, 0, 0]) <= 2);
  });

  it('a WebP that looks like an SVG is read as the WebP that it is', async () => {
    const photo = await read('odd/looks-like-svg.webp');
    assert.deepEqual([photo.width, photo.metadata.format, photo.alpha!.length], [256, 'webp', 256 * 256]);
  });
});

async function assertWhole(photo: Photo, file: string): Promise<void> {
  assert.equal(REFUSED[file], undefined, 'it was to be refused');
  assert.equal(photo.data.length, photo.width * photo.height * 3);
  if (photo.alpha !== undefined) assert.equal(photo.alpha.length, photo.width * photo.height);
  const { bytes } = await encodePhoto(photo, { format: 'jpeg', keepMetadata: true });
  const again = await decodePhoto(bytes);
  assert.deepEqual([again.width, again.height], [photo.width, photo.height]);
}

/** Mean absolute difference of two pictures of the same size, 0 to 255. */
function difference(a: Photo, b: Photo): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i] - b.data[i]);
  return sum / a.data.length;
}
