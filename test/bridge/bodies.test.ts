// What the bridge takes as a body and in a query, and how much of it.

import assert from 'node:assert/strict';
import { createConnection, type Socket } from 'node:net';
import sharp from 'sharp';
import type { JobStatus } from '../../shared/bridge/protocol.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld, json, refused } from './world.js';

const BODY_LIMIT = 200_000;

describe('the bridge, handed a body', () => {
  const world = BridgeWorld.inSuite({
    limits: { bodyBytes: BODY_LIMIT, megapixels: 1, requestMs: 1_000, headersMs: 1_000 },
  });
  let photo: Uint8Array;
  before(async () => {
    photo = await drawnPhoto();
  });

  it('refuses one that says it is too large before it has come', async () => {
    const head = `POST /v1/jobs HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\nauthorization: Bearer ${world.token}\r\n`;
    const text = await world.rawly(
      `${head}content-type: image/jpeg\r\ncontent-length: 999999999\r\nconnection: close\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.match(text, /photo-too-large/);
  });

  it('refuses one that turns out too large, and the sender hears it', async () => {
    const answer = await world.post('/v1/jobs', new Uint8Array(20 * BODY_LIMIT), {
      'transfer-encoding': 'chunked',
    });
    refused(answer, 413, 'photo-too-large');
  });

  it('does not wait for one that comes byte by byte', async () => {
    const head = `POST /v1/jobs HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\nauthorization: Bearer ${world.token}\r\n`;
    let dripping: NodeJS.Timeout | undefined;
    const text = await world.rawly(`${head}content-type: image/jpeg\r\ncontent-length: 1000\r\n\r\n`, {
      andThen: (write) => {
        dripping = setInterval(() => write('x'), 100);
      },
    });
    clearInterval(dripping);
    assert.match(text, /^HTTP\/1\.1 408 /);
  });

  it('says which limit headers are beyond that are too large', async () => {
    const text = await world.rawly(
      `GET /health HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 431 /);
    assert.match(text, /headers/);
  });

  it('takes a JPEG whose type is misspelled, as cameras do', async () => {
    const answer = await world.post('/v1/stylize?style=ink&maxSide=64', photo, {
      'content-type': 'image/jpg',
    });
    assert.equal(answer.status, 200, answer.text.slice(0, 200));
  });

  it('wants an idempotency key with something in it', async () => {
    const answer = await world.post('/v1/jobs', photo, { 'idempotency-key': '' });
    assert.match(refused(answer, 400, 'options').message, /text of 1 to 200 characters for idempotency-key/);
  });

  it('wants a priority that there is', async () => {
    for (const priority of ['urgent', '', 'Batch']) {
      const answer = await world.post('/v1/jobs', photo, { 'x-priority': priority });
      const { message } = refused(answer, 400, 'options');
      assert.equal(message, `Expected one of interactive, batch for x-priority but received "${priority}"`);
    }
  });

  it('overlooks a content type where nothing can be in the body', async () => {
    const { id } = json<JobStatus>(await world.post('/v1/jobs?scope=photo', photo));
    const headers = { 'content-type': 'application/json' };
    json(await world.call(`/v1/jobs/${id}`, { method: 'DELETE', headers }));
    const withBody = { ...headers, 'content-length': '2' };
    json(await world.call(`/v1/jobs/${id}`, { method: 'DELETE', headers: withBody, body: '{}' }));
  });

  it('does not wait for headers that never end, and serves others meanwhile', async () => {
    const slow = Array.from({ length: 50 }, () =>
      world.rawly(`GET /health HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\nx-slow: `),
    );
    assert.equal((await world.ask('/health')).status, 200);
    for (const text of await Promise.all(slow)) assert.match(text, /^HTTP\/1\.1 408 /);
  });

  it('survives a sender that goes away in the middle', async () => {
    const socket = createConnection({ host: '127.0.0.1', port: world.bridge.port });
    socket.write(
      `POST /v1/jobs HTTP/1.1\r\nhost: localhost:${world.bridge.port}\r\nauthorization: Bearer ${world.token}\r\ncontent-type: image/jpeg\r\ncontent-length: 1000\r\n\r\nabc`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    assert.equal((await world.ask('/health')).status, 200);
  });

  for (const type of [
    'text/html',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'image/svg+xml',
    'application/json',
    'text/plain',
  ])
    it(`refuses content type ${type}`, async () => {
      refused(await world.post('/v1/jobs', photo, { 'content-type': type }), 415, 'photo-refused');
    });

  for (const [what, bytes, words] of [
    ['a page that claims to be a picture', '<html><script>alert(1)</script></html>', /an HTML page/],
    [
      'a drawing of SVG, which can hold scripts',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      /an SVG drawing/,
    ],
    ['an archive', 'PK\x03\x04 and so on', /a ZIP archive/],
    ['bytes that are nothing known', 'hello', /unknown format/],
    ['nothing', '', /empty/],
  ] as const)
    it(`refuses ${what}`, async () => {
      const answer = await world.post('/v1/jobs', bytes, { 'content-type': 'image/png' });
      assert.equal(answer.status, 415);
      assert.match(answer.text, words);
    });

  it('refuses more pixels than its limit by their number alone', async () => {
    const bomb = await sharp({ create: { width: 2000, height: 1000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    assert.ok(bomb.length < BODY_LIMIT);
    const { hint } = refused(await world.post('/v1/stylize?scope=photo', bomb), 413, 'photo-too-large');
    assert.equal(hint, 'Scale the photo down first');
    refused(await world.post('/v1/jobs?maxPixels=50', bomb), 400, 'options');
  });

  it('names options as its clients know them, in failures and notices', async () => {
    const { hint } = refused(
      await world.post('/v1/stylize?scope=photo&maxPixels=0.01', await drawnPhoto({ width: 200 })),
      413,
      'photo-too-large',
    );
    assert.equal(hint, 'Raise the limit with maxPixels 1, or scale the photo down first');
    const { id } = json<JobStatus>(await world.post('/v1/jobs?scope=portrait', photo));
    assert.match((await world.ended(id)).error?.hint ?? '', /^Use scope photo, or noFace photo/);
    const drawn = await world.post('/v1/stylize?scope=photo&maxSide=64', photo);
    assert.match(String(drawn.headers['x-nigaoe-notices']), /; maxSide sets another limit/);
  });

  describe('with options', () => {
    for (const name of ['style', 'background', 'detector', 'landmarker'])
      for (const value of [
        '../../secret',
        '/etc/passwd',
        'C:\\x.onnx',
        'x.onnx',
        './wave',
        'sd:models',
        'sd:/etc',
        '..',
        'https://evil.example/x.pt',
        'file:///etc/passwd',
        '%2e%2e%2fx',
        'a\0b',
      ])
        it(`refuses a path or address: ${name}=${value.replace('\0', '\\0')}`, async () => {
          const query = new URLSearchParams({ [name]: value });
          refused(await world.post(`/v1/jobs?${query}`, photo), 400, 'options');
        });

    for (const name of ['lora', 'prompt', 'seed'])
      it(`does not know what only folders are told: ${name}`, async () => {
        const { message } = refused(await world.post(`/v1/jobs?${name}=1`, photo), 400, 'options');
        assert.match(message, /^Expected a known name for the query/);
      });

    it('lets no path out of the routes of jobs and of the page', async () => {
      for (const target of [
        '/../package.json',
        '/page/../server.js',
        '/%2e%2e/package.json',
        '/page.css/..',
        '/v1/jobs/..%2f..%2fetc',
        '/page.js%00',
      ])
        assert.equal((await world.call(target)).status, 404, target);
    });

    it('says which option is unknown, wrong or out of range', async () => {
      for (const [query, words] of [
        ['qualitty=3', /Did you mean quality\?/],
        ['quality=101', /a whole number from 1 to 100 for quality but received 101/],
        ['quality=2.5', /whole number/],
        ['strength=', /a number from 0 to 1 for strength/],
        ['pad=maybe', /true or false for pad but received \\"maybe\\"/],
        ['format=gif', /one of same, jpeg, png, webp, avif/],
        ['style=ink&style=ink', /style/],
      ] as const) {
        const answer = await world.post(`/v1/jobs?${query}`, photo);
        refused(answer, 400, 'options');
        assert.match(answer.text, words);
      }
    });

    it('names the style that is mistyped, and what to do for one that is not here', async () => {
      assert.match(
        refused(await world.post('/v1/jobs?style=inkk', photo), 404, 'model-unknown').hint ?? '',
        /ink/,
      );
      const missing = refused(await world.post('/v1/jobs?style=hayao', photo), 503, 'model-missing');
      assert.match(missing.hint ?? '', /nigaoe models pull hayao/);
    });

    it('uses them', async () => {
      const answer = await world.post('/v1/stylize?scope=photo&sideBySide=true&format=png', photo);
      assert.equal(answer.headers['content-type'], 'image/png');
      const { width, height } = await sharp(answer.body).metadata();
      assert.deepEqual([width, height].map(String), [
        answer.headers['x-nigaoe-width'],
        answer.headers['x-nigaoe-height'],
      ]);
      assert.ok(width > 96);
    });
  });
});

describe('the bridge, handed too much', () => {
  it('queues what it has room for of 1,000 jobs, refuses the rest with a time, and draws on', async () => {
    const world = new BridgeWorld();
    await world.open({ jobs: { waiting: 20, waitingPerOwner: 20 } });
    const photo = await drawnPhoto();
    const answers = [];
    for (let batch = 0; batch < 20; batch++)
      answers.push(
        ...(await Promise.all(Array.from({ length: 50 }, () => world.post('/v1/jobs?scope=photo', photo)))),
      );
    const taken = answers.filter(({ status }) => status === 202);
    const others = answers.filter(({ status }) => status !== 202);
    assert.ok(taken.length >= 20 && others.length > 0, `${taken.length} taken`);
    for (const answer of others) {
      refused(answer, 429, 'busy');
      assert.ok(Number(answer.headers['retry-after']) >= 1);
    }
    for (const answer of taken) assert.equal((await world.ended(json<JobStatus>(answer).id)).state, 'done');
    await world.close();
  });

  it('takes no more photos on their way than it has room for, and leaves room for other tokens', async () => {
    const world = new BridgeWorld();
    await world.open({
      limits: { bodyBytes: 100_000, incomingBytes: 400_000, incomingBytesPerToken: 200_000 },
    });
    const photo = await drawnPhoto();
    const { token } = await world.pair('calm');
    const sockets = Array.from({ length: 2 }, () => unfinished(world, 90_000));
    await untilIncoming(world, 180_000);
    const answer = await world.post('/v1/jobs?scope=photo', new Uint8Array(90_000));
    refused(answer, 429, 'busy');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    const headers = { authorization: `Bearer ${token}` };
    json(await world.post('/v1/jobs?scope=photo', photo, headers));
    for (const socket of sockets) socket.destroy();
    await untilIncoming(world, 0);
    json(await world.post('/v1/jobs?scope=photo', photo));
    await world.close();
  });

  it('counts orders apart from questions, and lets each token cancel as often as it wants', async () => {
    const world = new BridgeWorld();
    await world.open({ limits: { ordersPerMinute: 2, requestsPerMinute: 5 } });
    const photo = await drawnPhoto();
    const { id } = json<JobStatus>(await world.post('/v1/jobs?scope=photo', photo));
    json<JobStatus>(await world.post('/v1/jobs?scope=photo', photo));
    assert.match(refused(await world.post('/v1/jobs', photo), 429, 'busy').message, /2 orders a minute/);
    refused(await world.call('/v1/styles/ink/preview'), 429, 'busy');
    for (let request = 0; request < 5; request++) json(await world.call(`/v1/jobs/${id}`));
    assert.match(refused(await world.call(`/v1/jobs/${id}`), 429, 'busy').message, /5 requests a minute/);
    for (let request = 0; request < 9; request++)
      json(await world.call(`/v1/jobs/${id}`, { method: 'DELETE' }));
    await world.close();
  });

  it('answers a token that asks too often with a time, and the others as before', async () => {
    const world = new BridgeWorld();
    await world.open({ limits: { requestsPerMinute: 5 } });
    const { token } = await world.pair('calm');
    for (let request = 0; request < 5; request++) assert.equal((await world.call('/v1/options')).status, 200);
    const answer = await world.call('/v1/options');
    refused(answer, 429, 'busy');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.equal(
      (await world.ask('/v1/options', { headers: { authorization: `Bearer ${token}` } })).status,
      200,
    );
    assert.equal((await world.ask('/health')).status, 200);
    await world.close();
  });
});

/** A connection whose photo of so many bytes never comes. */
function unfinished({ bridge: { port }, token }: BridgeWorld, bytes: number): Socket {
  const socket = createConnection({ host: '127.0.0.1', port });
  const head = `POST /v1/jobs HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: Bearer ${token}`;
  socket.write(`${head}\r\ncontent-type: image/jpeg\r\ncontent-length: ${bytes}\r\n\r\nabc`);
  return socket;
}

async function untilIncoming(world: BridgeWorld, bytes: number): Promise<void> {
  while (!(await world.call('/metrics')).text.includes(`nigaoe_incoming_bytes ${bytes}\n`))
    await new Promise((resolve) => setTimeout(resolve, 20));
}
