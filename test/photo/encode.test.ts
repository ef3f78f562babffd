// What is in the files that are written: the pixels, and of the metadata only what was asked for.

import assert from 'node:assert/strict';
import sharp from 'sharp';
import { decodePhoto } from '../../shared/photo/decode.js';
import { encodePhoto } from '../../shared/photo/encode.js';
import type { OutputFormat, Photo } from '../../shared/photo/photo.js';
import { insertChunks } from '../../shared/photo/png-chunks.js';
import type { Provenance } from '../../shared/photo/provenance.js';
import { compass, corners, distance, failure, noise, pixel, RED, solid } from './pictures.js';

const FORMATS: readonly OutputFormat[] = ['jpeg', 'png', 'webp', 'avif'];

const PROVENANCE: Provenance = {
  program: 'nigaoe 0.1.0',
  style: 'ink & "wash" <1>',
  licenceNotice: 'Model (c) 似顔絵, non-commercial',
  digitalSourceType: 'algorithmicallyEnhanced',
};

/** A photo as a phone takes it: EXIF with a place, an orientation and a camera. */
async function phonePhoto(): Promise<Photo> {
  const bytes = await compass()
    .withMetadata({ orientation: 6 })
    .withExifMerge({
      IFD0: { Make: 'Phone', Copyright: 'Ada' },
      IFD2: { ColorSpace: '65535' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 30/1 0/1' },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>home</secret></x:xmpmeta>')
    .jpeg({ quality: 100 })
    .toBuffer();
  return decodePhoto(bytes);
}

describe('encodePhoto', () => {
  for (const format of FORMATS)
    it(`writes ${format} that shows the same picture`, async () => {
      const photo = await decodePhoto(await compass().png().toBuffer());
      const file = await encodePhoto(photo, { format });
      assert.deepEqual([file.format, file.width, file.height, file.notices], [format, 48, 32, []]);
      const again = await decodePhoto(file.bytes);
      assert.equal(again.metadata.format, format);
      assert.equal(corners(again), 'red green blue yellow');
    });

  it('loses nothing in PNG', async () => {
    const photo = await decodePhoto(await noise().png().toBuffer());
    const { bytes } = await encodePhoto(photo, { format: 'png' });
    assert.deepEqual((await decodePhoto(bytes)).data, photo.data);
  });

  it('keeps the full resolution of colour in JPEG', async () => {
    const { bytes } = await encodePhoto(await decodePhoto(await noise().png().toBuffer()), {
      format: 'jpeg',
    });
    assert.equal((await sharp(bytes).metadata()).chromaSubsampling, '4:4:4');
  });

  it('makes smaller files at lower quality', async () => {
    const photo = await decodePhoto(await noise().png().toBuffer());
    for (const format of ['jpeg', 'webp', 'avif'] as const) {
      const [low, high] = await Promise.all(
        [20, 95].map((quality) => encodePhoto(photo, { format, quality })),
      );
      assert.ok(low.bytes.length < high.bytes.length, format);
    }
  });

  it('writes the format that came in, and PNG for TIFF and GIF', async () => {
    const wanted = { jpeg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', tiff: 'png', gif: 'png' } as const;
    for (const [input, output] of Object.entries(wanted)) {
      const photo = await decodePhoto(
        await solid(RED)
          .toFormat(input as OutputFormat)
          .toBuffer(),
      );
      assert.equal((await encodePhoto(photo)).format, output);
    }
  });

  it('does not change the photo that it writes', async () => {
    const photo = await phonePhoto();
    const before = structuredClone(photo);
    await encodePhoto(photo, { keepMetadata: true, provenance: PROVENANCE });
    assert.deepEqual(photo, before);
  });

  it('refuses values out of range by name', async () => {
    const photo = await decodePhoto(await solid(RED).png().toBuffer());
    const quality = 'Expected a whole number from 1 to 100 for --quality but received 101';
    await assert.rejects(encodePhoto(photo, { quality: 101 }), failure('options', quality));
    const format = 'Expected one of same, jpeg, png, webp, avif for --format but received "tiff"';
    await assert.rejects(encodePhoto(photo, { format: 'tiff' as OutputFormat }), failure('options', format));
  });

  it('refuses sides that the format cannot hold', async () => {
    const photo = await decodePhoto(await solid(RED, { width: 16_400, height: 2 }).png().toBuffer());
    const sentence = 'Expected sides up to 16383 px for a WebP file but received "16400 x 2 px"';
    await assert.rejects(encodePhoto(photo, { format: 'webp' }), failure('options', sentence));
    assert.equal((await encodePhoto(photo, { format: 'png' })).width, 16_400);
  });
});

describe('encodePhoto and transparency', () => {
  for (const format of ['png', 'webp', 'avif'] as const)
    it(`keeps it in ${format}`, async () => {
      const photo = await decodePhoto(await solid(RED, { alpha: 0.5 }).png().toBuffer());
      const file = await encodePhoto(photo, { format });
      const again = await decodePhoto(file.bytes);
      assert.ok(Math.abs(again.alpha![20] - 128) <= 2);
      assert.ok(distance(pixel(again, 8, 6), RED) <= 5);
      assert.deepEqual(file.notices, []);
    });

  it('paints JPEG over white and says so', async () => {
    const photo = await decodePhoto(await solid(RED, { alpha: 0.5 }).png().toBuffer());
    const file = await encodePhoto(photo, { format: 'jpeg', quality: 100 });
    assert.ok(distance(pixel(await decodePhoto(file.bytes), 8, 6), [227, 152, 152]) <= 2);
    assert.deepEqual(file.notices, ['JPEG has no transparency: it was painted over with white']);
  });
});

describe('encodePhoto and metadata', () => {
  for (const format of FORMATS) {
    it(`${format}: nothing of the original gets in`, async () => {
      const { bytes } = await encodePhoto(await phonePhoto(), { format });
      const { exif, xmp, icc, iptc, orientation } = await sharp(bytes).metadata();
      assert.deepEqual(
        { exif, xmp, icc, iptc, orientation },
        { exif: undefined, xmp: undefined, icc: undefined, iptc: undefined, orientation: undefined },
      );
      for (const secret of ['Phone', 'GPS', 'home', 'Ada'])
        assert.equal(Buffer.from(bytes).includes(secret), false, secret);
    });

    it(`${format}: keepMetadata keeps EXIF with the place, upright, and the very same pixels`, async () => {
      const photo = await phonePhoto();
      const kept = await encodePhoto(photo, { format, keepMetadata: true });
      const plain = await encodePhoto(photo, { format });
      const again = await decodePhoto(kept.bytes);
      assert.deepEqual(again.data, (await decodePhoto(plain.bytes)).data);
      assert.deepEqual([again.width, again.height], [photo.width, photo.height]);
      assert.equal((await sharp(kept.bytes).metadata()).orientation ?? 1, 1);
      const exif = Buffer.from(again.metadata.exif!);
      assert.ok(exif.includes('Phone') && exif.includes('Ada'));
      assert.ok(exif.includes(degrees(48, 30, 0)), 'the latitude is there');
    });
  }

  it('keeps EXIF beside transparency', async () => {
    const { metadata } = await phonePhoto();
    const photo = await decodePhoto(await solid(RED, { alpha: 0.5 }).png().toBuffer());
    const { bytes } = await encodePhoto({ ...photo, metadata }, { format: 'png', keepMetadata: true });
    const again = await decodePhoto(bytes);
    assert.deepEqual([again.data, again.alpha], [photo.data, photo.alpha]);
    assert.ok(Buffer.from(again.metadata.exif!).includes('Phone'));
  });

  for (const order of ['II', 'MM'] as const)
    for (const kind of ['jpeg', 'bare pixels'] as const)
      it(`keeps no thumbnail of the undrawn photo (${order}, ${kind})`, async () => {
        const exif = exifWithThumbnail(order, kind);
        const file = insertChunks(await solid(RED).png().toBuffer(), [{ type: 'eXIf', data: exif }]);
        const photo = await decodePhoto(file);
        const kept = Buffer.from(photo.metadata.exif!);
        assert.deepEqual([kept.includes('Phone'), kept.includes('FACE')], [true, false]);
        for (const format of FORMATS) {
          const { bytes } = await encodePhoto(photo, { format, keepMetadata: true });
          const written = Buffer.from((await sharp(bytes).metadata()).exif!);
          assert.deepEqual([written.includes('Phone'), written.includes('FACE')], [true, false], format);
        }
      });

  it('never keeps the XMP of the original', async () => {
    const photo = await phonePhoto();
    const { bytes } = await encodePhoto(photo, { keepMetadata: true, provenance: PROVENANCE });
    assert.equal(Buffer.from(bytes).includes('home'), false);
  });

  it('says in a PNG that the pixels are sRGB', async () => {
    const { bytes } = await encodePhoto(await phonePhoto(), { format: 'png' });
    assert.ok(Buffer.from(bytes).includes('sRGB'));
  });
});

describe('encodePhoto and provenance', () => {
  for (const format of FORMATS)
    it(`${format}: an XMP packet says who drew it, how, and under which terms`, async () => {
      const { bytes } = await encodePhoto(await phonePhoto(), { format, provenance: PROVENANCE });
      const xmp = (await sharp(bytes).metadata()).xmpAsString!;
      assert.match(xmp, /<xmp:CreatorTool>nigaoe 0\.1\.0<\/xmp:CreatorTool>/);
      assert.ok(xmp.includes('Drawn in the style ink &amp; &quot;wash&quot; &lt;1&gt; by nigaoe 0.1.0'));
      assert.match(
        xmp,
        /<xmpRights:UsageTerms>.*Model \(c\) 似顔絵, non-commercial.*<\/xmpRights:UsageTerms>/,
      );
      assert.ok(
        xmp.includes(
          '<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced<',
        ),
      );
    });

  it('PNG: text chunks say the same', async () => {
    const { bytes } = await encodePhoto(await phonePhoto(), { format: 'png', provenance: PROVENANCE });
    const { comments } = await sharp(bytes).metadata();
    const texts = Object.fromEntries(comments!.map(({ keyword, text }) => [keyword, text]));
    assert.equal(texts.Software, 'nigaoe 0.1.0');
    assert.equal(texts.Style, 'ink & "wash" <1>');
    assert.equal(texts.Description, 'Drawn in the style ink & "wash" <1> by nigaoe 0.1.0');
    assert.equal(texts.Copyright, 'Model (c) 似顔絵, non-commercial');
  });

  it('says nothing of a licence that asks for nothing', async () => {
    const { licenceNotice: _, ...free } = PROVENANCE;
    const { bytes } = await encodePhoto(await phonePhoto(), { format: 'png', provenance: free });
    const { xmpAsString, comments } = await sharp(bytes).metadata();
    assert.equal(xmpAsString!.includes('<xmpRights:'), false);
    assert.equal(
      comments!.some(({ keyword }) => keyword === 'Copyright'),
      false,
    );
  });

  it('survives text that XML cannot hold', async () => {
    const provenance = { ...PROVENANCE, style: 'a\u0000b\u0007c\ud800d' };
    const { bytes } = await encodePhoto(await phonePhoto(), { format: 'png', provenance });
    assert.ok((await sharp(bytes).metadata()).xmpAsString!.includes('a\ufffdb\ufffdc\ufffdd'));
  });

  it('goes with kept EXIF', async () => {
    const options = { keepMetadata: true, provenance: PROVENANCE };
    for (const format of FORMATS) {
      const { bytes } = await encodePhoto(await phonePhoto(), { format, ...options });
      const { exif, xmp } = await sharp(bytes).metadata();
      assert.ok(exif !== undefined && xmp !== undefined, format);
    }
  });
});

/** An EXIF block of a camera "Phone" whose thumbnail reads FACE. */
function exifWithThumbnail(order: 'II' | 'MM', kind: 'jpeg' | 'bare pixels'): Uint8Array {
  const [startTag, lengthTag] = kind === 'jpeg' ? [0x0201, 0x0202] : [0x0111, 0x0117];
  const [main, second, make, thumbnail] = [8, 26, 56, 64];
  const block = Buffer.alloc(thumbnail + 4);
  const view = new DataView(block.buffer, block.byteOffset);
  const little = order === 'II';
  const directory = (at: number, entries: readonly (readonly number[])[], next: number) => {
    view.setUint16(at, entries.length, little);
    for (const [index, [tag, type, count, value]] of entries.entries()) {
      view.setUint16(at + 2 + index * 12, tag, little);
      view.setUint16(at + 4 + index * 12, type, little);
      view.setUint32(at + 6 + index * 12, count, little);
      view.setUint32(at + 10 + index * 12, value, little);
    }
    view.setUint32(at + 2 + entries.length * 12, next, little);
  };
  block.write(order, 'latin1');
  view.setUint16(2, 42, little);
  view.setUint32(4, main, little);
  directory(main, [[0x010f, 2, 6, make]], second);
  const [long, one] = [4, 1];
  directory(
    second,
    [
      [startTag, long, one, thumbnail],
      [lengthTag, long, one, 4],
    ],
    0,
  );
  block.write('Phone', make, 'latin1');
  block.write('FACE', thumbnail, 'latin1');
  return block;
}

/** Degrees, minutes and seconds as EXIF stores them: three little-endian fractions over 1. */
function degrees(...parts: number[]): Buffer {
  return Buffer.from(new Uint32Array(parts.flatMap((part) => [part, 1])).buffer);
}
