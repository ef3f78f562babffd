// What happens to files that are no photo: one sentence, no half pictures, no decoding of bombs.

import assert from 'node:assert/strict';
import type { NigaoeError } from '../../shared/errors.js';
import { decodePhoto } from '../../shared/photo/decode.js';
import { sniffFormat } from '../../shared/photo/sniff.js';
import { failure, noise, RED, solid, tiff } from './pictures.js';

const ACCEPTED = 'nigaoe reads JPEG, PNG, WebP, AVIF, TIFF and GIF';
const text = (content: string) => Buffer.from(content, 'latin1');

describe('decodePhoto refuses', () => {
  it('an empty file', async () => {
    const sentence = 'cat.jpg is empty (0 bytes)';
    await assert.rejects(
      decodePhoto(new Uint8Array(), { name: 'cat.jpg' }),
      failure('photo-unreadable', sentence),
    );
  });

  it('bytes of no format that it knows', async () => {
    const sentence = `The photo is in an unknown format; ${ACCEPTED}`;
    await assert.rejects(decodePhoto(text('meow')), failure('photo-refused', sentence));
  });

  it('what is no bytes at all', async () => {
    const sentence = 'Expected a Uint8Array for the bytes of a photo but received "cat.jpg"';
    await assert.rejects(decodePhoto('cat.jpg' as unknown as Uint8Array), failure('options', sentence));
  });

  const others: Record<string, Uint8Array> = {
    'an SVG drawing': text('\xef\xbb\xbf<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x"/>'),
    'an HTML page': text('<!DOCTYPE html><title>404</title>'),
    'an XML document': text('<?xml version="1.0"?><note/>'),
    'a BMP picture': text('BM6\x03\0\0'),
    'a JPEG 2000 picture': text('\0\0\0\x0cjP  \r\n\x87\n'),
    'a HEIC picture': text('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
    'a JPEG XL picture': text('\xff\x0a\0\0'),
    'a PDF document': text('%PDF-1.7'),
    'a Photoshop (PSD) picture': text('8BPS\0\x01'),
    'an MP4 video': text('\0\0\0\x18ftypisom\0\0\0\0isommp42'),
    'a QuickTime video': text('\0\0\0\x14ftypqt  \0\0\0\0qt  '),
    'a Matroska or WebM video': text('\x1aE\xdf\xa3'),
    'a camera raw file': text('II*\0\x10\0\0\0CR\x02\0'),
    'a ZIP archive': text('PK\x03\x04'),
  };
  for (const [name, bytes] of Object.entries(others))
    it(`${name}, by name`, () =>
      assert.rejects(
        decodePhoto(bytes, { name: 'x' }),
        failure('photo-refused', `x is ${name}; ${ACCEPTED}`),
      ));

  it('a DNG, which is a TIFF with a thumbnail first', async () => {
    const dng = tiff(Buffer.alloc(16), { extra: [[50706, 1]] });
    await assert.rejects(
      decodePhoto(dng),
      failure('photo-refused', `The photo is a camera raw file; ${ACCEPTED}`),
    );
  });

  const PIXELS = 'nigaoe reads grey, RGB and CMYK with 8 or 16 bits per channel';
  it('floating point pixels, whose range nobody knows', async () => {
    const pixels = new Uint8Array(new Float32Array(16).fill(0.5).buffer);
    const bytes = tiff(pixels, { bits: 32, sampleFormat: 3 });
    await assert.rejects(
      decodePhoto(bytes),
      failure('photo-refused', `The photo has pixels of type float; ${PIXELS}`),
    );
  });

  it('more channels than colour and transparency', async () => {
    const plane = { raw: { width: 16, height: 12, channels: 1 as const } };
    const planes = [1, 2, 3].map(() => Buffer.alloc(16 * 12, 9));
    const bytes = await solid(RED).joinChannel(planes, plane).tiff({ compression: 'lzw' }).toBuffer();
    await assert.rejects(decodePhoto(bytes), failure('photo-refused', `The photo has 6 channels; ${PIXELS}`));
  });
});

describe('decodePhoto and the size of photos', () => {
  it('refuses more pixels than the limit and says how to raise it', async () => {
    const bytes = await solid(RED, { width: 200, height: 100 }).png().toBuffer();
    const error: NigaoeError = await decodePhoto(bytes, { name: 'big.png', maxPixels: 0.01 }).then(
      () => assert.fail('it was read'),
      (thrown) => thrown,
    );
    assert.equal(error.code, 'photo-too-large');
    assert.equal(error.message, 'big.png has 200 x 100 pixels (0.02 MP), more than the limit of 0.01 MP');
    assert.equal(error.hint, 'Raise the limit with --max-pixels 1, or scale the photo down first');
  });

  it('accepts exactly the limit', async () => {
    const bytes = await solid(RED, { width: 100, height: 100 }).png().toBuffer();
    assert.equal((await decodePhoto(bytes, { maxPixels: 0.01 })).width, 100);
  });

  it('knows the size of a bomb without decoding it', async () => {
    const bytes = await solid(RED).png({ palette: false }).toBuffer();
    bytes.writeUInt32BE(60_000, 16);
    bytes.writeUInt32BE(60_000, 20);
    const sealed = await withHeaderChecksum(bytes);
    const sentence = 'The photo has 60000 x 60000 pixels (3600 MP), more than the limit of 100 MP';
    await assert.rejects(decodePhoto(sealed), failure('photo-too-large', sentence));
    await assert.rejects(decodePhoto(sealed), { hint: 'Scale the photo down first' });
  });

  it('refuses a limit that is out of range', () =>
    assert.rejects(
      decodePhoto(new Uint8Array(1), { maxPixels: 0 }),
      failure('options', 'Expected a number from 0.01 to 1000 for --max-pixels but received 0'),
    ));
});

describe('decodePhoto and files that are cut off or damaged', () => {
  const files = {
    JPEG: () => noise().jpeg().toBuffer(),
    'progressive JPEG': () => noise().jpeg({ progressive: true }).toBuffer(),
    PNG: () => noise().png().toBuffer(),
    WebP: () => noise().webp().toBuffer(),
    AVIF: () => noise().avif({ effort: 0 }).toBuffer(),
    GIF: () => noise().gif().toBuffer(),
    TIFF: () => noise().tiff({ compression: 'lzw' }).toBuffer(),
  };
  for (const [name, make] of Object.entries(files))
    for (const share of [0.1, 0.5, 0.95])
      it(`${name} of which ${share * 100} % are there: an error, not half a picture`, async () => {
        const whole = await make();
        const cut = whole.subarray(0, Math.floor(whole.length * share));
        const label = name.split(' ').at(-1);
        const sentence = `cut.x is incomplete: the ${label} file ends before its picture does`;
        await assert.rejects(decodePhoto(cut, { name: 'cut.x' }), failure('photo-unreadable', sentence));
      });

  it('a TIFF whose pixels come last', async () => {
    const whole = tiff(Buffer.alloc(1600), { width: 40, height: 40 });
    await assert.rejects(
      decodePhoto(whole.subarray(0, 900)),
      failure('photo-unreadable', 'The photo is incomplete: the TIFF file ends before its picture does'),
    );
  });

  it('a PNG with wrong bytes in its pixels', async () => {
    const bytes = await noise().png().toBuffer();
    bytes.fill(0, 2000, 2100);
    await assert.rejects(
      decodePhoto(bytes, { name: 'rot.png' }),
      failure('photo-unreadable', 'rot.png is damaged: the pixels of the PNG file cannot be read'),
    );
  });

  it('a magic number and then nonsense', async () => {
    const bytes = Buffer.concat([text('GIF89a'), Buffer.alloc(400, 0xaa)]);
    await assert.rejects(decodePhoto(bytes), (error: NigaoeError) => {
      assert.equal(error.code, 'photo-unreadable');
      assert.equal(error.message.includes('\n'), false);
      assert.ok(error.cause instanceof Error, 'what libvips said is the cause');
      assert.ok(error.hint !== undefined);
      return true;
    });
  });
});

describe('sniffFormat', () => {
  it('goes by the bytes: a WebP that contains an SVG is a WebP', () => {
    const bytes = text('RIFF\x28\0\0\0WEBPVP8 <svg xmlns="x"></svg>');
    assert.deepEqual(sniffFormat(bytes), { kind: 'readable', format: 'webp' });
  });

  it('finds AVIF among the brands of a file that starts with another', () => {
    const bytes = text('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf');
    assert.deepEqual(sniffFormat(bytes), { kind: 'readable', format: 'avif' });
  });

  it('survives any beginning of any length', () => {
    for (let length = 0; length < 40; length++)
      for (const start of ['\0\0\0\x1cftyp', 'II*\0\xff\xff\xff\xff', 'MM\0*\0\0\0\x08', 'RIFF', '<'])
        assert.ok(sniffFormat(text(start.padEnd(40, '\xff').slice(0, length))).kind);
  });
});

async function withHeaderChecksum(png: Buffer): Promise<Buffer> {
  const { crc32 } = await import('node:zlib');
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}
