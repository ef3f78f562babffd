// What a photo is after decoding: upright, sRGB, 8 bit, transparency set aside.

import assert from 'node:assert/strict';
import sharp from 'sharp';
import { decodePhoto } from '../../shared/photo/decode.js';
import { encodePhoto } from '../../shared/photo/encode.js';
import { compass, corners, distance, noise, pixel, RED, solid, tiff } from './pictures.js';

describe('decodePhoto', () => {
  describe('reads every format', () => {
    const files = {
      jpeg: () => solid(RED).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
      png: () => solid(RED).png().toBuffer(),
      webp: () => solid(RED).webp({ lossless: true }).toBuffer(),
      avif: () => solid(RED).avif({ lossless: true }).toBuffer(),
      tiff: () => solid(RED).tiff({ compression: 'lzw' }).toBuffer(),
      gif: () => solid(RED).gif().toBuffer(),
    };
    for (const [format, make] of Object.entries(files))
      it(`${format}: size, colour, format and no notices`, async () => {
        const photo = await decodePhoto(await make());
        assert.deepEqual([photo.width, photo.height, photo.data.length], [16, 12, 16 * 12 * 3]);
        assert.ok(distance(pixel(photo, 8, 6), RED) <= 2, `${pixel(photo, 8, 6)}`);
        assert.equal(photo.alpha, undefined);
        assert.deepEqual(photo.metadata, { format, notices: [] });
      });

    it('a picture of one pixel', async () => {
      const photo = await decodePhoto(await solid(RED, { width: 1, height: 1 }).png().toBuffer());
      assert.deepEqual([...photo.data], RED);
    });

    it('from the middle of a larger buffer', async () => {
      const png = await solid(RED).png().toBuffer();
      const inside = Buffer.concat([Buffer.alloc(7), png, Buffer.alloc(9)]).subarray(7, 7 + png.length);
      assert.deepEqual(pixel(await decodePhoto(inside), 0, 0), RED);
    });
  });

  describe('turns photos upright', () => {
    // Where the corners of the stored pixels come to lie, by the EXIF orientation (EXIF 2.32, tag 0x0112).
    const UPRIGHT = [
      'red green blue yellow',
      'green red yellow blue',
      'yellow blue green red',
      'blue yellow red green',
      'red blue green yellow',
      'blue red yellow green',
      'yellow green blue red',
      'green yellow red blue',
    ];
    for (const [index, wanted] of UPRIGHT.entries())
      for (const format of ['jpeg', 'webp', 'png', 'tiff'] as const)
        it(`orientation ${index + 1} of a ${format} file`, async () => {
          const bytes = await compass()
            .withMetadata({ orientation: index + 1 })
            .toFormat(format)
            .toBuffer();
          const photo = await decodePhoto(bytes);
          assert.equal(corners(photo), wanted);
          assert.deepEqual([photo.width, photo.height], index < 4 ? [48, 32] : [32, 48]);
        });

    it('and ignores an orientation that does not exist', async () => {
      const bytes = await compass().withMetadata({ orientation: 6 }).jpeg().toBuffer();
      const at = bytes.indexOf(Buffer.from([0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06]));
      assert.ok(at > 0);
      bytes[at + 8] = 9;
      assert.equal(corners(await decodePhoto(bytes)), UPRIGHT[0]);
    });

    it('and says so in the EXIF that it hands on', async () => {
      const bytes = await compass().withMetadata({ orientation: 6 }).jpeg().toBuffer();
      const { metadata } = await decodePhoto(bytes);
      const again = await encodePhoto({ ...(await decodePhoto(bytes)), metadata }, { keepMetadata: true });
      assert.equal((await sharp(again.bytes).metadata()).orientation, 1);
    });
  });

  describe('converts colours to sRGB', () => {
    it('from a Display P3 profile, which it keeps beside the pixels', async () => {
      const bytes = await solid(RED).withIccProfile('p3').png().toBuffer();
      const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
      assert.ok(distance([stored[0], stored[1], stored[2]], RED) > 10, 'the file itself is not sRGB');
      const photo = await decodePhoto(bytes);
      assert.ok(distance(pixel(photo, 0, 0), RED) <= 1);
      assert.equal(Buffer.from(photo.icc!.subarray(36, 40)).toString('latin1'), 'acsp');
    });

    for (const profile of ['p3', 'srgb'])
      it(`from 16 bits per channel with a ${profile} profile`, async () => {
        const bytes = await solid(RED).toColourspace('rgb16').withIccProfile(profile).png().toBuffer();
        assert.ok(distance(pixel(await decodePhoto(bytes), 0, 0), RED) <= 1);
      });

    it('from 16 bits per channel without a profile', async () => {
      const bytes = await solid(RED).toColourspace('rgb16').png().toBuffer();
      assert.deepEqual(pixel(await decodePhoto(bytes), 0, 0), RED);
    });

    it('from an AVIF with 10 bits per channel', async () => {
      const bytes = await solid(RED).withIccProfile('p3').avif({ bitdepth: 10, quality: 100 }).toBuffer();
      assert.ok(distance(pixel(await decodePhoto(bytes), 0, 0), RED) <= 2);
    });

    it('from CMYK, with and without a profile, and says so', async () => {
      const plain = await solid(RED).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
      const tagged = await solid(RED)
        .toColourspace('cmyk')
        .withIccProfile('cmyk')
        .jpeg({ quality: 100 })
        .toBuffer();
      for (const bytes of [plain, tagged]) {
        const photo = await decodePhoto(bytes);
        // Print inks cannot show this red: near it, and above all not its negative.
        assert.ok(distance(pixel(photo, 8, 6), RED) <= 25, `${pixel(photo, 8, 6)}`);
        assert.deepEqual(photo.metadata.notices, ['The CMYK colours were converted to sRGB']);
      }
    });

    it('from CIELAB', async () => {
      const bytes = await solid(RED).toColourspace('lab').tiff({ compression: 'lzw' }).toBuffer();
      assert.ok(distance(pixel(await decodePhoto(bytes), 0, 0), RED) <= 1);
    });

    for (const space of ['b-w', 'grey16'])
      it(`from grey (${space})`, async () => {
        const photo = await decodePhoto(await solid([90, 90, 90]).toColourspace(space).png().toBuffer());
        assert.deepEqual(pixel(photo, 3, 3), [90, 90, 90]);
      });

    it('from a palette', async () => {
      const photo = await decodePhoto(await compass().png({ palette: true, colours: 4 }).toBuffer());
      assert.equal(corners(photo), 'red green blue yellow');
    });

    it('from black and white with one bit per pixel', async () => {
      const white = solid([255, 255, 255]).toColourspace('b-w');
      const bytes = await white.tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer();
      assert.deepEqual(pixel(await decodePhoto(bytes), 0, 0), [255, 255, 255]);
    });
  });

  describe('sets transparency aside', () => {
    for (const format of ['png', 'webp', 'tiff'] as const)
      it(`of a ${format} file, and leaves the colour as strong as it was`, async () => {
        const file = solid(RED, { alpha: 0.5 }).toFormat(format, { lossless: true, compression: 'lzw' });
        const photo = await decodePhoto(await file.toBuffer());
        assert.equal(photo.alpha!.length, 16 * 12);
        assert.equal(photo.alpha![5], 128);
        assert.ok(distance(pixel(photo, 5, 0), RED) <= 1);
      });

    it('of grey with alpha in 16 bits', async () => {
      const bytes = await solid([90, 90, 90], { alpha: 0.5 }).toColourspace('grey16').png().toBuffer();
      const photo = await decodePhoto(bytes);
      assert.deepEqual([pixel(photo, 0, 0), photo.alpha![0]], [[90, 90, 90], 128]);
    });

    it('and takes multiplied colours of a TIFF file back', async () => {
      const pixels = Buffer.from(Array.from({ length: 16 }, () => [100, 25, 25, 128]).flat());
      const photo = await decodePhoto(tiff(pixels, { channels: 4, extra: [[338, 1]] }));
      assert.ok(distance(pixel(photo, 0, 0), RED) <= 2);
      assert.equal(photo.alpha![0], 128);
    });

    it('and drops it where every pixel is opaque', async () => {
      const photo = await decodePhoto(await solid(RED, { alpha: 1 }).png().toBuffer());
      assert.equal(photo.alpha, undefined);
      assert.equal('alpha' in photo, false);
    });

    it('and keeps it where a single pixel is not', async () => {
      const pixels = Buffer.alloc(16 * 4, 255);
      pixels[63] = 254;
      const raw = { width: 4, height: 4, channels: 4 as const };
      const photo = await decodePhoto(await sharp(pixels, { raw }).png().toBuffer());
      assert.equal(photo.alpha![15], 254);
    });
  });

  describe('says what it left out', () => {
    for (const format of ['gif', 'webp'] as const)
      it(`all but the first frame of an animated ${format}`, async () => {
        const frames = await Promise.all(
          [RED, [0, 0, 255] as const].map((colour) => solid(colour).png().toBuffer()),
        );
        const bytes = await sharp(frames, { join: { animated: true } })
          .toFormat(format)
          .toBuffer();
        const photo = await decodePhoto(bytes);
        assert.deepEqual([photo.width, photo.height], [16, 12]);
        assert.ok(distance(pixel(photo, 8, 6), RED) <= 3);
        assert.deepEqual(photo.metadata.notices, [
          'The file is an animation of 2 frames; only the first was read',
        ]);
      });
  });

  it('reads a JPEG with stray bytes between its parts, and mentions the flaw', async () => {
    const jpeg = await noise().jpeg().toBuffer();
    const behindFirstPart = 4 + jpeg.readUInt16BE(4);
    const stray = Buffer.from([1, 2, 3]);
    const flawed = Buffer.concat([jpeg.subarray(0, behindFirstPart), stray, jpeg.subarray(behindFirstPart)]);
    const photo = await decodePhoto(flawed);
    assert.deepEqual(photo.data, (await decodePhoto(jpeg)).data);
    assert.deepEqual(photo.metadata.notices, ['The file has small flaws; the picture may show them']);
  });
});
