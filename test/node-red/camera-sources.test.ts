// Where the camera node gets its pictures: every kind of source over real sockets, in good and in bad moods.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Camera, type Order, openCamera, type Snapshot } from '../../node-red-node/camera/camera.js';
import { ffmpegArguments } from '../../node-red-node/camera/ffmpeg.js';
import { findJpeg } from '../../node-red-node/camera/jpeg.js';
import { withPatience } from '../../node-red-node/camera/patience.js';
import { cameraError } from '../../node-red-node/camera/sentences.js';
import { type CameraForm, type CameraSecrets, readSettings } from '../../node-red-node/camera/settings.js';
import { FakeCamera, type FakeCameraOptions, paintFrame } from './fixtures/fake-camera.js';
import { until } from './helper.js';

let camera: FakeCamera;
let opened: Camera[] = [];

async function withFake(options: FakeCameraOptions = {}): Promise<FakeCamera> {
  camera = await FakeCamera.open(options);
  return camera;
}

function take(
  form: CameraForm,
  { secrets = {}, order = {} }: { secrets?: CameraSecrets; order?: Order } = {},
) {
  const opening = openCamera(readSettings({ retries: 0, ...form }, secrets));
  opened.push(opening);
  return opening.take(order);
}

const from = (path: string, form: CameraForm = {}): Promise<Snapshot> =>
  take({ url: camera.url(path), ...form });

/** What a Catch node would read. */
async function refusal(taken: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await taken;
  } catch (error) {
    return cameraError(error, []);
  }
  throw new Error('a picture came');
}

afterEach(async () => {
  for (const opening of opened) opening.close();
  opened = [];
  await camera?.off();
});

describe('a snapshot over HTTP', () => {
  beforeEach(() => withFake());

  it('is the file as it came, with its type and hash', async () => {
    const { bytes, mediaType, hash } = await from('/still.jpg');
    assert.deepEqual(bytes, camera.frames[0]);
    assert.equal(mediaType, 'image/jpeg');
    assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it('comes over HTTPS from a camera that signed its own certificate only when that is allowed', async () => {
    await camera.off();
    await withFake({ tls: true });
    const { code, message } = await refusal(from('/still.jpg'));
    assert.equal(code, 'unreachable');
    assert.match(message, /certificate is not trusted.*tick the option/);
    assert.deepEqual((await from('/still.jpg', { selfSigned: true })).bytes, camera.frames[0]);
  });

  it('follows the camera to another address of its own', async () => {
    assert.deepEqual((await from('/redirect')).bytes, camera.frames[0]);
  });

  it('does not follow it to another host', async () => {
    const { code, message } = await refusal(from('/redirect?to=http://localhost:1/x?secret=1'));
    assert.equal(code, 'forbidden');
    assert.match(message, /sends on to http:\/\/localhost:1\/x\. If that is right/);
  });

  it('does not turn in circles', async () => {
    assert.match((await refusal(from('/redirect?to=itself'))).message, /from one address to the next/);
  });

  it('is tried again after a failure that may pass', async () => {
    assert.ok(await from('/flaky.jpg?fail=2', { retries: 2 }));
    assert.equal(camera.asked.length, 3);
  });

  it('is tried no more often than said', async () => {
    assert.equal((await refusal(from('/status/500', { retries: 1 }))).code, 'unreachable');
    assert.equal(camera.asked.length, 2);
  });

  for (const [path, code, words] of [
    ['/status/403', 'forbidden', /may not see it/],
    ['/nothing.jpg', 'not-found', /none at this address/],
    ['/status/429', 'busy', /too often/],
    ['/status/503', 'busy', /busy/],
    ['/status/500', 'unreachable', /answers 500/],
    ['/login', 'photo-unreadable', /received the web page "Sign in - Cam 3000"/],
    ['/error.json', 'photo-unreadable', /received JSON: \{"error":"no such channel"\}/],
    ['/empty.jpg', 'photo-unreadable', /received nothing/],
    ['/broken.jpg', 'photo-unreadable', /breaks off after \d+ bytes/],
    ['/cut.jpg', 'unreachable', /connection broke/],
    ['/upgrade', 'unreachable', /wants to speak another protocol \(101\)/],
  ] as const)
    it(`says what came instead: ${path}`, async () => {
      const told = await refusal(from(path));
      assert.equal(told.code, code);
      assert.match(told.message, words);
    });

  for (const path of ['/slow.jpg?ms=60000', '/hangs.jpg', '/mjpeg/hangs'])
    it(`has a time limit for the whole of it: ${path}`, async () => {
      const { code, message } = await refusal(from(path, { timeout: 0.3 }));
      assert.equal(code, 'unreachable');
      assert.match(message, /within 0\.3 s/);
      await noConnections();
    });

  it('has a size limit, whether the size is announced or not', async () => {
    assert.equal((await refusal(from('/huge.jpg', { most: 1 }))).code, 'photo-too-large');
    await camera.off();
    await withFake({ frames: [Buffer.alloc(50_000, 0xff)] });
    const { code, message } = await refusal(from('/still.jpg', { most: 0.02 }));
    assert.equal(code, 'photo-too-large');
    assert.match(message, /at most 0\.02 MB .*raise the limit/);
    await noConnections();
  });

  it('says that nobody is there, and works once the camera is on', async () => {
    await camera.off();
    const { code, message } = await refusal(from('/still.jpg'));
    assert.equal(code, 'unreachable');
    assert.match(message, /nothing answers there\. Check address and port/);
    await camera.on();
    assert.ok(await from('/still.jpg'));
  });

  it('survives a camera that is switched on between two tries', async () => {
    await camera.off();
    const taken = from('/still.jpg', { retries: 5 });
    setTimeout(() => void camera.on(), 600);
    assert.deepEqual((await taken).bytes, camera.frames[0]);
  });

  it('ends at once when the node closes', async () => {
    const taken = from('/hangs.jpg', { timeout: 60, retries: 5 });
    setTimeout(() => opened.at(-1)?.close(), 100);
    assert.equal((await refusal(taken)).code, 'cancelled');
    await noConnections();
  });

  it('is fetched once for all who ask meanwhile', async () => {
    const node = openCamera(readSettings({ url: camera.url('/slow.jpg?ms=200') }, {}));
    const [first, second] = await Promise.all([node.take({}), node.take({})]);
    assert.equal(first.hash, second.hash);
    assert.equal(camera.asked.length, 1);
    assert.equal(node.isBusy, false);
  });

  it('may be a PNG', async () => {
    await camera.off();
    await withFake({ frames: [tinyPng()] });
    assert.equal((await from('/still.jpg')).mediaType, 'image/png');
  });
});

describe('an MJPEG stream', () => {
  beforeEach(() => withFake());

  for (const length of [0, 1])
    for (const dashes of [0, 1])
      it(`gives its first whole frame: ${length ? 'with' : 'without'} lengths, boundary announced ${dashes ? 'with' : 'without'} dashes`, async () => {
        const { bytes } = await from(`/mjpeg?length=${length}&dashes=${dashes}&broken=1`, { kind: 'mjpeg' });
        // The first frame breaks off: it is passed over.
        assert.deepEqual(bytes, camera.frames[1]);
        await noConnections();
      });

  it('is understood by the snapshot kind as well, and a single picture by the stream kind', async () => {
    assert.ok(await from('/mjpeg'));
    assert.ok(await from('/still.jpg', { kind: 'mjpeg' }));
  });

  it('that is a login page is told as one', async () => {
    assert.match((await refusal(from('/login', { kind: 'mjpeg' }))).message, /web page "Sign in/);
  });

  it('has a size limit for frames', async () => {
    await camera.off();
    await withFake({ frames: [paintFrame(0, { width: 1600, height: 1200 })] });
    const told = await refusal(from('/mjpeg', { kind: 'mjpeg', most: 0.02 }));
    assert.equal(told.code, 'photo-too-large');
  });

  it('that holds no whole frame is given up', async () => {
    const told = await refusal(from('/mjpeg?broken=1000000', { kind: 'mjpeg', timeout: 0.5 }));
    assert.equal(told.code, 'unreachable');
    await noConnections();
  });
});

describe('a stream through ffmpeg', () => {
  beforeEach(() => withFake({ auth: { scheme: 'basic', user: 'me', password: 'tiger-secret' } }));
  const secrets = { user: 'me', password: 'tiger-secret' };

  it('is asked for one key frame over TCP, with the password inside the address', () => {
    const line = ffmpegArguments(new URL('rtsp://me:p%40ss@cam/1')).join(' ');
    assert.match(line, /-rtsp_transport tcp -skip_frame nokey -i rtsp:\/\/me:p%40ss@cam\/1 .*-frames:v 1/);
    assert.ok(!/file|pipe,|concat/.test(/-protocol_whitelist (\S+)/.exec(line)?.[1] ?? 'file'));
  });

  it('gives a JPEG', async () => {
    const { mediaType, bytes } = await take(
      { kind: 'rtsp', url: camera.url('/mjpeg'), timeout: 60 },
      { secrets },
    );
    assert.equal(mediaType, 'image/jpeg');
    assert.equal(findJpeg(bytes).end, bytes.length);
  });

  it('with a wrong password says so and does not show it', async () => {
    const wrong = { user: 'me', password: 'lion-secret' };
    const told = await refusal(
      take({ kind: 'rtsp', url: camera.url('/mjpeg'), timeout: 60 }, { secrets: wrong }),
    );
    assert.equal(told.code, 'unauthorised');
    assert.match(told.message, /refuses user or password/);
    assert.ok(!told.message.includes('lion'));
  });

  it('that nobody sends says so', async () => {
    const { port } = camera;
    await camera.off();
    const told = await refusal(
      take({ kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/live`, timeout: 60 }, { secrets }),
    );
    assert.deepEqual(told.code, 'unreachable');
    assert.match(told.message, /rtsp:\/\/127\.0\.0\.1:\d+\/live but nothing answers there/);
    assert.ok(!told.message.includes('tiger'));
  });

  it('that stops is ended after the time limit', async () => {
    const told = await refusal(
      take({ kind: 'rtsp', url: camera.url('/mjpeg/hangs'), timeout: 1 }, { secrets }),
    );
    assert.match(told.message, /within 1 s/);
    await noConnections();
  });

  it('needs ffmpeg, and says how to get it', async () => {
    const told = await refusal(take({ kind: 'rtsp', url: 'rtsp://127.0.0.1/x', ffmpeg: 'no-such-ffmpeg' }));
    assert.equal(told.code, 'not-found');
    assert.match(told.message, /the program no-such-ffmpeg .*there is none\. Install ffmpeg/);
  });

  it('ends with all that ffmpeg has started, where a script calls it', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-ffmpeg-'));
    const ffmpeg = path.join(folder, 'ffmpeg');
    const connect = `require("node:net").connect(${camera.port}, "127.0.0.1")`;
    await writeFile(ffmpeg, `#!/bin/sh\n'${process.execPath}' -e '${connect}'\nexit 0\n`, { mode: 0o755 });
    const taken = take({ kind: 'rtsp', url: 'rtsp://127.0.0.1/x', ffmpeg, timeout: 60 });
    const refused = refusal(taken);
    await until('a grandchild', async () => (await camera.connections()) === 1);
    opened.at(-1)?.close();
    assert.equal((await refused).code, 'cancelled');
    await noConnections();
    await rm(folder, { recursive: true });
  });

  it('never comes from a file', async () => {
    for (const url of ['file:///etc/passwd', '/etc/passwd', 'concat:a|b', 'rtsp:'])
      assert.equal((await refusal(take({ kind: 'rtsp', url }))).code, 'options');
  });
});

describe('a camera of Home Assistant', () => {
  beforeEach(() => withFake({ token: 'llat-token' }));
  const ask = (entity: string, token = 'llat-token'): Promise<Snapshot> =>
    take({ kind: 'homeassistant', url: camera.url('/'), entity }, { secrets: { token } });

  it('never sends its token where a message points to', async () => {
    const form = { kind: 'homeassistant', url: camera.url('/'), entity: 'camera.front' };
    const elsewhere = await FakeCamera.open();
    const order = { url: elsewhere.url() };
    await take({ ...form, allowUrl: true, hosts: '*' }, { secrets: { token: 'llat-token' }, order });
    await elsewhere.off();
    assert.deepEqual(elsewhere.asked, []);
  });

  it('gives its picture for a token', async () => {
    assert.deepEqual((await ask('camera.front')).bytes, camera.frames[0]);
  });

  for (const [entity, token, code, words] of [
    ['camera.front', 'wrong-token', 'unauthorised', /refuses the token/],
    ['camera.back', 'llat-token', 'not-found', /knows no such entity/],
    ['camera.off', 'llat-token', 'unreachable', /gets none from it/],
    ['front door', 'llat-token', 'options', /camera\.front_door/],
    ['camera.a/../../x', 'llat-token', 'options', /camera\.front_door/],
  ] as const)
    it(`says what is wrong: ${entity}, ${token}`, async () => {
      const told = await refusal(ask(entity, token));
      assert.equal(told.code, code);
      assert.match(told.message, words);
      assert.ok(!told.message.includes(token));
    });
});

describe('a try at a snapshot', () => {
  const patience = { timeoutMs: 30, retries: 0, signal: new AbortController().signal };

  it('is over when its time is up, though it takes no notice', () =>
    assert.rejects(
      withPatience(() => new Promise(() => {}), patience),
      { code: 'unreachable' },
    ));

  it('is over when the node closes, though it takes no notice', async () => {
    const closing = new AbortController();
    const endless = withPatience(() => new Promise(() => {}), {
      ...patience,
      timeoutMs: 60_000,
      signal: closing.signal,
    });
    setTimeout(() => closing.abort(), 20);
    await assert.rejects(endless, { code: 'cancelled' });
  });
});

/** Aborted requests leave no socket behind. */
async function noConnections(): Promise<void> {
  for (let count = 0; count < 200 && (await camera.connections()) > 0; count++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await camera.connections(), 0);
}

/** One grey pixel. */
function tinyPng(): Buffer {
  return Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
    'base64',
  );
}
