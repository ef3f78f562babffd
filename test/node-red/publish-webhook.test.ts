// The node nigaoe-publish at a push camera: a real HTTP server that reads the form as Home Assistant does.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NodeRedWorld, until } from './helper.js';
import { flowOf, jpeg, PublishWorld, png, publishNode } from './publish-world.js';

const SECRET = 'front-door-hook-7';

interface Posted {
  path: string;
  /** Form field -> its file. */
  files: Record<string, { name: string; type: string; bytes: Buffer }>;
}

describe('a picture published to a push camera', () => {
  const red = NodeRedWorld.inSuite();
  let server: Server;
  let url: string;
  let posted: Posted[];
  /** What the server answers, one after the other; then 200. */
  let answers: ((response: ServerResponse) => void)[];

  beforeEach(async () => {
    [posted, answers] = [[], []];
    server = createServer((request, response) => {
      const answer = answers.shift() ?? ((good: ServerResponse) => good.end());
      void read(request).then((form) => {
        posted.push(form);
        answer(response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await red.unload();
    server.closeAllConnections();
    server.close();
  });

  const load = (properties = {}, webhook = SECRET): Promise<PublishWorld> =>
    PublishWorld.load(red, [publishNode({ target: 'webhook', url, ...properties })], {
      credentials: { publish: { webhook } },
    });
  const status =
    (code: number, headers = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(code, headers).end('nothing to see');

  it('arrives as the file of the form field image', async () => {
    const world = await load();
    const { published } = await world.publish({ payload: jpeg(5, 3000) });
    assert.equal(posted[0].path, `/api/webhook/${SECRET}`);
    assert.deepEqual(posted[0].files, {
      image: { name: 'picture.jpg', type: 'image/jpeg', bytes: jpeg(5, 3000) },
    });
    assert.equal(published?.target, 'webhook');
    assert.equal(published?.bytes, 3000);
    await world.shows('published');
  });

  it('keeps the id of the webhook to itself', async () => {
    const world = await load({ retries: '0' });
    const { published } = await world.publish({ payload: jpeg() });
    assert.equal(published?.url, `${url}/api/webhook/…`);
    answers = [
      status(302, { location: `http://elsewhere.test/api/webhook/${SECRET}` }),
      status(404),
      status(500),
    ];
    for (const code of ['options', 'not-found', 'unreachable'])
      assert.equal((await world.fail({ payload: jpeg() })).code, code);
    assert.doesNotMatch(JSON.stringify([world.caught, world.statuses, red.logged()]), /hook-7/);
  });

  it('goes under another field, below the path of a proxy', async () => {
    const world = await load({ field: 'shot', url: `${url}/home/` });
    await world.publish({ payload: png() });
    assert.equal(posted[0].path, `/home/api/webhook/${SECRET}`);
    assert.deepEqual(Object.keys(posted[0].files), ['shot']);
    assert.equal(posted[0].files.shot.type, 'image/png');
  });

  it('is sent again after a 503 and after a connection that broke', async () => {
    const world = await load();
    answers = [status(503), (response) => response.destroy()];
    await world.publish({ payload: jpeg() });
    assert.equal(posted.length, 3);
  });

  it('fails after the last attempt, with the answer', async () => {
    const world = await load({ retries: '1' });
    answers = [status(500), status(502)];
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.deepEqual([code, posted.length], ['unreachable', 2]);
    assert.match(message, /answered 502/);
    await world.shows('error.unreachable');
  });

  it('is sent only once to an address that refuses it', async () => {
    const world = await load();
    answers = [status(404)];
    assert.match((await world.fail({ payload: jpeg() })).message, /answered 404.*webhook id/);
    assert.equal(posted.length, 1);
  });

  it('is sent again to a server that has too much to do just now', async () => {
    const world = await load();
    answers = [status(429), status(408)];
    await world.publish({ payload: jpeg() });
    assert.equal(posted.length, 3);
  });

  for (const [answer, code, said] of [
    [413, 'photo-too-large', /client_max_body_size/],
    [429, 'busy', /Send fewer/],
    [408, 'busy', /slow/],
    [405, 'forbidden', /allow POST/],
    [401, 'forbidden', /no login/],
    [410, 'not-found', /webhook id/],
    [422, 'options', /form field/],
  ] as const)
    it(`says of the answer ${answer} what to change`, async () => {
      const world = await load({ retries: '0' });
      answers = [status(answer)];
      const error = await world.fail({ payload: jpeg() });
      assert.equal(error.code, code);
      assert.match(error.message, said);
      assert.ok(error.message.includes(`answered ${answer}`));
      await world.shows(`error.${code}`);
    });

  it('tells a Catch node the sentence and the code, and keeps the cause to itself', async () => {
    server.close();
    const world = await load({ retries: '0' });
    const error = await world.fail({ payload: jpeg() });
    assert.match(error.message, /^Expected an answer of http/);
    assert.equal(error.code, 'unreachable');
    assert.equal((error as { cause?: unknown }).cause, undefined);
  });

  it('fails when the answer takes longer than the time-out', async () => {
    const world = await load({ timeout: '0.2', retries: '0' });
    answers = [() => undefined];
    assert.match((await world.fail({ payload: jpeg() })).message, /took longer than 0.2 s/);
  });

  it('fails with a reason where nobody listens', async () => {
    server.close();
    const world = await load({ retries: '0' });
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.equal(code, 'unreachable');
    assert.match(message, /ECONNREFUSED/);
  });

  it('gives way to newer ones while one is on its way', async () => {
    const world = await load();
    let answerFirst = () => {};
    answers = [(response) => (answerFirst = () => response.end())];
    for (let mark = 1; mark <= 50; mark += 1) world.send({ payload: jpeg(mark), mark });
    await until('the first', () => posted.length === 1);
    await until('48 to end', () => world.completed.length === 48);
    answerFirst();
    await until('two', () => world.out.length === 2);
    assert.deepEqual(
      posted.map(({ files }) => files.image.bytes[4]),
      [1, 50],
    );
  });

  it('is given up when the flow stops', async () => {
    const world = await load();
    answers = [() => undefined];
    world.send({ payload: jpeg() });
    await until('a request', () => posted.length === 1);
    await red.deploy(flowOf());
    assert.deepEqual([world.out.length, world.caught.length], [0, 0]);
  });

  it('fails with a sentence without id, and with a login in the address', async () => {
    const world = await load({}, '');
    assert.match((await world.fail({ payload: jpeg() })).message, /Expected the id of a webhook/);
    await red.unload();
    const other = await load({ url: 'http://me:horse@127.0.0.1:1' });
    const { message } = await other.fail({ payload: jpeg() });
    assert.match(message, /without a login/);
    assert.doesNotMatch(message, /horse/);
  });
});

/** Reads a form with Node's own parser. */
async function read(request: IncomingMessage): Promise<Posted> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = { 'content-type': String(request.headers['content-type']) };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  const files: Posted['files'] = {};
  for (const [field, file] of form)
    if (typeof file !== 'string')
      files[field] = { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) };
  return { path: request.url ?? '', files };
}
