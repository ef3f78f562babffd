// What nigaoe-stylize takes for a picture, and what it says to everything else.

import assert from 'node:assert/strict';
import sharp from 'sharp';
import { readPicture } from '../../node-red-node/stylize/picture-in.js';
import { NigaoeError } from '../../shared/errors.js';
import { drawnPhoto } from '../isolated/photo.js';

const NAME = 'msg.payload';

describe('nigaoe-stylize takes as a picture', () => {
  let photo: Buffer;
  before(async () => {
    photo = Buffer.from(await drawnPhoto());
  });
  const takes = (title: string, give: () => unknown) =>
    it(title, () => assert.deepEqual(readPicture(give(), NAME), photo));

  takes('a Buffer', () => photo);
  takes('a Uint8Array', () => new Uint8Array(photo));
  takes('a part of a larger buffer', () => new Uint8Array([0, ...photo, 0]).subarray(1, photo.length + 1));
  takes('an ArrayBuffer', () => new Uint8Array(photo).buffer);
  takes('base64, which for a JPEG begins like a path', () => photo.toString('base64'));
  takes('base64 in the alphabet of addresses', () => photo.toString('base64url'));
  takes('base64 in lines', () => photo.toString('base64').replace(/.{76}/g, '$&\r\n') + '\n');
  takes('a data URL', () => `data:image/jpeg;base64,${photo.toString('base64')}`);
  takes('a data URL with parameters', () => `data:image/jpeg;name=a.jpg;base64,${photo.toString('base64')}`);
  takes('a Buffer that went through JSON', () => JSON.parse(JSON.stringify(photo)));

  it('all kinds of files that the bridge takes', async () => {
    for (const format of ['png', 'webp', 'gif', 'tiff', 'avif'] as const) {
      const file = await sharp(photo).toFormat(format).toBuffer();
      assert.equal(readPicture(file.toString('base64'), NAME).length, file.length, format);
    }
  });
});

describe('nigaoe-stylize says what to do about', () => {
  const tells = (title: string, value: () => unknown, message: RegExp, hint: RegExp) =>
    it(title, () => {
      assert.throws(
        () => readPicture(value(), NAME),
        (error: unknown) => {
          assert.ok(error instanceof NigaoeError);
          assert.equal(error.code, 'photo-unreadable');
          assert.match(error.message, /^Expected a picture in msg\.payload but /);
          assert.match(error.message, message);
          assert.match(error.hint ?? '', hint);
          assert.ok(error.message.length < 160, error.message);
          return true;
        },
      );
    });

  const asText = (bytes: Buffer) => bytes.toString('utf8');
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]);
  tells('a JPEG that was read as text', () => asText(jpeg), /read as text/, /mqtt in.*"a Buffer"/);
  for (const format of ['png', 'webp', 'gif', 'avif'] as const) {
    let text = '';
    before(async () => {
      text = asText(
        await sharp(await drawnPhoto())
          .toFormat(format)
          .toBuffer(),
      );
    });
    tells(`a ${format} that was read as text`, () => text, /read as text/, /mqtt in/);
  }
  tells('the path of a file', () => '/home/me/photo', /name of a file/, /file in node/);
  tells('the path of a file on Windows', () => 'C:\\pictures\\a b.png', /name of a file/, /file in node/);
  tells('a file name', () => 'front door.JPG', /name of a file/, /file in node/);
  tells('a web address', () => 'http://camera/shot.jpg', /web address/, /nigaoe-camera/);
  tells('empty text', () => ' ', /empty/, /retained/);
  tells('an empty Buffer', () => Buffer.alloc(0), /empty/, /retained/);
  tells('nothing', () => undefined, /not there/, /property/);
  tells('null', () => null, /not there/, /property/);
  tells('a number', () => 1764000000, /it is a number/, /property/);
  tells('an object', () => ({ camera: 'front' }), /it is an object/, /property/);
  tells('an object that holds the picture', () => ({ image: jpeg }), /object/, /choose msg\.payload\.image/);
  tells('an array', () => [jpeg], /it is an array/, /split node/);
  tells('JSON text', () => '{"image": 1}', /JSON text/, /json node/);
  tells('other text', () => 'ON', /the text "ON"/, /base64/);
  tells('long text', () => 'no picture '.repeat(1000), /the text/, /base64/);
  tells(
    'a data URL of something else',
    () => 'data:text/plain;base64,aGFsbG8=',
    /"text\/plain"/,
    /image\/jpeg/,
  );
  tells('a data URL without base64', () => 'data:image/svg+xml,<svg/>', /"image\/svg\+xml"/, /base64/);
  tells(
    'a log-in page',
    () => Buffer.from('<!DOCTYPE html><title>Log in</title>'),
    /it is the web page "Log in"/,
    /login/,
  );
  tells('JSON as bytes', () => Buffer.from('{"error": 1}'), /it is JSON: \{"error"/, /JPEG/);
  tells(
    'a film',
    () => Buffer.from('\0\0\0\x18ftypisom\0\0\0\0', 'latin1'),
    /no known picture format/,
    /JPEG/,
  );
  tells('bytes of something else', () => Buffer.from([0, 1, 2, 3, 4]), /5 bytes of no known picture/, /JPEG/);
});
