// Pictures that recorders POST: every shape of body that they come in.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type Order, openCamera, type Snapshot } from '../../node-red-node/camera/camera.js';
import { cameraError } from '../../node-red-node/camera/sentences.js';
import { readSettings } from '../../node-red-node/camera/settings.js';
import { paintFrame } from './fixtures/fake-camera.js';

function take(order: Order, most?: number): Promise<Snapshot> {
  return openCamera(readSettings({ kind: 'multipart', most }, {})).take(order);
}

/** What a Catch node would read. */
async function refusal(taken: Promise<unknown>): Promise<{ code: string; message: string }> {
  return taken.then(
    () => assert.fail('a picture came'),
    (error) => cameraError(error, []),
  );
}

describe('what a recorder posts', () => {
  const frame = paintFrame(2);
  const boundary = 'MIME_boundary';
  const part = (headers: string, body: Buffer | string): Buffer =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
      Buffer.from(body),
      Buffer.from('\r\n'),
    ]);
  const event = part(
    'Content-Disposition: form-data; name="event"\r\nContent-Type: application/json',
    '{"a":1}',
  );
  const image = part(
    'Content-Disposition: form-data; name="pic"; filename="a.jpg"\r\nContent-Type: image/jpeg',
    frame,
  );
  const end = Buffer.from(`--${boundary}--\r\n`);
  const header = (type: string) => ({ headers: { 'content-type': type } });
  const form = header(`multipart/form-data; boundary=${boundary}`);
  const post = (order: Order): Promise<Snapshot> => take(order);

  for (const [what, order] of [
    ['a form with the picture behind the event', { payload: Buffer.concat([event, image, end]), req: form }],
    ['a form that lacks its end', { payload: Buffer.concat([event, image]), req: form }],
    ['a form whose header is lost', { payload: Buffer.concat([event, image, end]) }],
    [
      'a form with another boundary than announced',
      { payload: Buffer.concat([event, image, end]), req: header('multipart/form-data; boundary=other') },
    ],
    [
      'a quoted boundary',
      {
        payload: Buffer.concat([image, end]),
        req: header(`multipart/mixed; charset=x; boundary="${boundary}"`),
      },
    ],
    [
      'parts without a name',
      {
        payload: Buffer.concat([
          part('Content-Type: text/plain', 'Code=Motion'),
          part('Content-Type: image/jpeg', frame),
          end,
        ]),
        req: header(`multipart/x-mixed-replace; boundary=${boundary}`),
      },
    ],
    [
      'base64',
      {
        payload: Buffer.concat([
          part('Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64', frame.toString('base64')),
          end,
        ]),
        req: form,
      },
    ],
    ['the bare file', { payload: frame, req: header('image/jpeg') }],
    [
      'files that http-in has taken out',
      { payload: {}, req: { files: [{ buffer: Buffer.from('{}') }, { buffer: frame }] } },
    ],
    [
      'a body that nobody has read',
      { payload: '', req: Object.assign(Readable.from([event, image, end]), form) },
    ],
  ] as const)
    it(`is understood: ${what}`, async () => assert.deepEqual((await post(order)).bytes, frame));

  for (const [what, order, code, words] of [
    [
      'no picture',
      { payload: Buffer.concat([event, end]), req: form },
      'photo-unreadable',
      /its 1 parts hold none/,
    ],
    [
      'half a picture',
      {
        payload: Buffer.concat([event, part('Content-Type: image/jpeg', frame.subarray(0, 2000)), end]),
        req: form,
      },
      'photo-unreadable',
      /breaks off/,
    ],
    ['text', { payload: 'hello' }, 'photo-unreadable', /text: hello/],
    ['nothing', {}, 'options', /msg\.payload/],
    ['an object', { payload: { a: 1 } }, 'options', /msg\.payload/],
  ] as const)
    it(`is refused with a reason: ${what}`, async () => {
      const told = await refusal(post(order));
      assert.equal(told.code, code);
      assert.match(told.message, words);
    });

  it('has a size limit, whether http-in has read it or not', async () => {
    const large = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(2_000_000)]);
    for (const order of [
      { payload: large },
      { req: { files: [{ buffer: large }] } },
      { req: Readable.from([large]) },
    ])
      assert.equal((await refusal(take(order, 0.5))).code, 'photo-too-large');
  });
});
