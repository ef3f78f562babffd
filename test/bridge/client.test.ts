// The client of the bridge: whole drawings, patience with a bridge that is busy or away, cancelling, and what it says.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { mediaTypeOf } from '../../shared/bridge/client/media-type.js';
import { type ClientOptions, openClient } from '../../shared/bridge/client.js';
import { type JobStatus, PRIORITIES } from '../../shared/bridge/protocol.js';
import { type FailureCode, NigaoeError } from '../../shared/errors.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld } from './world.js';

/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };
const PHOTO = { scope: 'photo' } as const;

describe('the client of the bridge', () => {
  const world = BridgeWorld.inSuite();
  let photo: Uint8Array;
  let large: Uint8Array;
  before(async () => {
    photo = await drawnPhoto();
    large = await drawnPhoto(LARGE);
  });

  const client = (options: ClientOptions = {}) =>
    openClient({ url: world.origin, token: world.token, backOffMs: 1, ...options });

  it('draws a photo, and tells how far it is', async () => {
    const told: JobStatus[] = [];
    const { pictures, info } = await client().stylize(photo, {
      options: { ...PHOTO, format: 'png' },
      onProgress: (status) => told.push(status),
    });
    const { width, height, format } = await sharp(pictures[0].bytes).metadata();
    assert.deepEqual({ width, height, format }, { width: 96, height: 64, format: 'png' });
    assert.equal(pictures[0].type, 'image/png');
    assert.equal(info.model, 'ink');
    assert.ok(told.length > 0 && told.every(({ state }) => state === 'queued' || state === 'running'));
  });

  it('knows the styles, options and devices of the bridge', async () => {
    const styles = await client().styles();
    assert.equal(styles.find(({ id }) => id === 'ink')?.state, 'ready');
    assert.ok((await client().options()).some(({ name }) => name === 'strength'));
    assert.deepEqual(await client().devices(), [{ device: 'cpu', works: true }]);
    assert.equal(mediaTypeOf(await client().preview('ink')), 'image/png');
  });

  it('pairs with a code as people write it', async () => {
    const code = world.bridge.pairing.current().code.replace(/^.../, '$& ');
    const { token } = await openClient({ url: `${world.origin}/` }).pair(code, 'a test');
    assert.ok((await client({ token }).styles()).length > 0);
  });

  it('follows a job that another call submitted', async () => {
    const { id } = await client().submit(photo, { options: PHOTO });
    assert.equal((await world.ended(id)).state, 'done');
    assert.equal((await client().status(id)).state, 'done');
    assert.equal(mediaTypeOf(await client().picture(id)), 'image/jpeg');
  });

  it('tells the priority of a job where one is given', async () => {
    const told: (string | null)[] = [];
    const asked = client({
      fetch: (input, init) => {
        if (init?.method === 'POST') told.push(new Headers(init.headers).get('x-priority'));
        return fetch(input, init);
      },
    });
    await asked.submit(photo, { options: PHOTO });
    for (const priority of PRIORITIES) await asked.stylize(photo, { options: PHOTO, priority });
    assert.deepEqual(told, [null, 'interactive', 'batch']);
  });

  it('fetches a thumbnail of what was drawn', async () => {
    const { id, pictures } = await client().stylize(photo, { options: { ...PHOTO, format: 'png' } });
    const thumbnail = await client().thumbnail(id, { sidePx: 48 });
    const { width, height, format } = await sharp(thumbnail).metadata();
    assert.deepEqual({ width, height, format }, { width: 48, height: 32, format: 'jpeg' });
    assert.ok(thumbnail.length < pictures[0].bytes.length);
    await fails(client().thumbnail(id, { sidePx: 5000 }), 'options', /thumbnail/);
  });

  it('hands on why a job failed, with the name of the photo', async () => {
    const drawing = client().stylize(photo.slice(0, 300), { name: 'ärger 1.jpg' });
    await fails(drawing, 'photo-unreadable', /ärger 1\.jpg/);
  });

  it('hands on why the bridge refused a job, and does not ask again', async () => {
    const calls = countCalls();
    await fails(
      client({ fetch: calls.fetch }).stylize(photo, { options: { strength: 7 } }),
      'options',
      /strength/,
    );
    assert.equal(calls.count, 1);
  });

  it('says what to do about a wrong token', async () => {
    const error = await fails(client({ token: 'wrong' }).styles(), 'unauthorised');
    assert.match(error.hint ?? '', /code/);
  });

  it('says what to do without a token', async () => {
    await fails(client({ token: undefined }).stylize(photo), 'unauthorised');
  });

  it('refuses an address that is none', () => {
    assert.throws(() => openClient({ url: 'localhost:8826' }), { code: 'options', message: /url/ });
  });

  describe('when the connection breaks', () => {
    it('tries again', async () => {
      const calls = countCalls({ breakFirst: 3 });
      const { pictures } = await client({ fetch: calls.fetch }).stylize(photo, { options: PHOTO });
      assert.equal(pictures.length, 1);
    });

    it('does not draw twice when the answer to an order was lost', async () => {
      const calls = countCalls({ loseFirst: 2 });
      const { id } = await client({ fetch: calls.fetch }).submit(photo, { options: PHOTO });
      assert.equal(calls.count, 3);
      assert.deepEqual(calls.jobs, [id, id, id]);
    });

    it('draws twice when it is asked to', async () => {
      const [first, second] = [
        await client().submit(photo, { options: PHOTO }),
        await client().submit(photo, { options: PHOTO }),
      ];
      assert.notEqual(first.id, second.id);
    });

    it('does not try a pairing code twice', async () => {
      const calls = countCalls({ breakFirst: 1 });
      await fails(client({ fetch: calls.fetch }).pair('000000', 'a test'), 'unreachable');
      assert.equal(calls.count, 1);
    });
  });

  describe('when the bridge is busy', () => {
    it('waits for its turn', async () => {
      const full = new BridgeWorld();
      await full.open({ jobs: { waiting: 1 } });
      try {
        const patient = openClient({ url: full.origin, token: full.token, backOffMs: 100, retries: 12 });
        const drawings = Array.from({ length: 4 }, () => patient.stylize(photo, { options: PHOTO }));
        const drawn = await Promise.all(drawings);
        assert.deepEqual(
          drawn.map(({ pictures }) => pictures.length),
          [1, 1, 1, 1],
        );
      } finally {
        await full.close();
      }
    });

    for (const [shown, header] of [
      ['in seconds', () => '1'],
      ['as a date', () => new Date(Date.now() + 2_000).toUTCString()],
    ] as const)
      it(`waits as long as Retry-After says ${shown}`, async () => {
        const answers = [refusal(429, { 'retry-after': header() }), Response.json([])];
        const pauses = await pausesOf(() => client({ fetch: async () => answers.shift()! }).styles());
        assert.ok(pauses.length === 1 && pauses[0] > 900, `paused for ${pauses} ms`);
      });

    it('gives up at once when that would be too long', async () => {
      const calls = countCalls({ answerFirst: () => refusal(429, { 'retry-after': '3600' }) });
      await fails(client({ fetch: calls.fetch }).styles(), 'busy');
      assert.equal(calls.count, 1);
    });

    it('asks again when a proxy says 503', async () => {
      const calls = countCalls({ answerFirst: () => refusal(503) });
      assert.ok((await client({ fetch: calls.fetch }).styles()).length > 0);
      assert.equal(calls.count, 2);
    });

    it('does not ask again for a model that is not there', async () => {
      const calls = countCalls();
      const drawing = client({ fetch: calls.fetch }).stylize(photo, { options: { style: 'hayao' } });
      const { hint } = await fails(drawing, 'model-missing');
      assert.match(hint ?? '', /models pull/);
    });
  });

  describe('when it is cancelled', () => {
    it('cancels the job of a drawing', async () => {
      const controller = new AbortController();
      let id = '';
      const drawing = client().stylize(large, {
        options: PHOTO,
        signal: controller.signal,
        onProgress: (status) => {
          id = status.id;
          controller.abort();
        },
      });
      await fails(drawing, 'cancelled');
      assert.equal((await client().status(id)).state, 'cancelled');
    });

    it('cancels the job of an order whose answer was still on its way', async () => {
      const controller = new AbortController();
      const calls = countCalls({ beforeAnswer: () => controller.abort() });
      const order = client({ fetch: calls.fetch }).submit(large, {
        options: PHOTO,
        signal: controller.signal,
      });
      await fails(order, 'cancelled');
      assert.equal((await world.ended(await calls.firstJob)).state, 'cancelled');
    });

    it('orders nothing when that was before', async () => {
      const calls = countCalls();
      const drawing = client({ fetch: calls.fetch }).stylize(photo, { signal: AbortSignal.abort() });
      await fails(drawing, 'cancelled');
      assert.equal(calls.count, 0);
    });

    it('stops waiting for a bridge that is away', async () => {
      const controller = new AbortController();
      const calls = countCalls({ breakFirst: 1 });
      const asked = client({ fetch: calls.fetch, backOffMs: 600_000 });
      const drawing = asked.stylize(photo, { signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await fails(drawing, 'cancelled');
    });
  });

  describe('when there is no bridge', () => {
    it('names the address and the three likely causes', async () => {
      const url = await closedAddress();
      const error = await fails(openClient({ url, backOffMs: 1 }).health(), 'unreachable', new RegExp(url));
      assert.match(error.hint ?? '', /`nigaoe serve`.*port.*browser/);
    });

    it('says so when the bridge ends in the middle of a drawing', async () => {
      const brief = new BridgeWorld();
      await brief.open();
      const asked = openClient({ url: brief.origin, token: brief.token, backOffMs: 1 });
      let closing: Promise<void> | undefined;
      const drawing = asked.stylize(large, {
        options: PHOTO,
        onProgress: () => {
          closing ??= brief.close();
        },
      });
      const error = await drawing.then(
        () => assert.fail('the drawing came in spite of all'),
        (thrown: NigaoeError) => thrown,
      );
      assert.ok(['unreachable', 'cancelled'].includes(error.code), error.message);
      await closing;
    });

    for (const [answers, type, body] of [
      ['a page', 'text/html', '<h1>hello</h1>'],
      ['other JSON', 'application/json', '{"name":"printer"}'],
    ])
      it(`says that another program answers with ${answers}`, async () => {
        const server = createServer((_, answer) => answer.setHeader('content-type', type).end(body));
        await once(server.listen(0, '127.0.0.1'), 'listening');
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        await fails(openClient({ url }).health(), 'unreachable', /another program/);
        server.close().closeAllConnections();
      });

    it('asks for an update when the bridge speaks another version', async () => {
      const fetch = async () => Response.json({ name: 'nigaoe', version: '9.0.0', apiVersion: 9 });
      await fails(openClient({ fetch }).health(), 'unreachable', /version 9/);
    });
  });

  it('knows image files by their first bytes', async () => {
    for (const format of ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'] as const)
      assert.equal(mediaTypeOf(await sharp(photo).toFormat(format).toBuffer()), `image/${format}`);
  });
});

/** A fetch that reaches the bridge, but not always, and remembers. */
function countCalls({
  breakFirst = 0,
  loseFirst = 0,
  answerFirst,
  beforeAnswer,
}: {
  /** So many calls never arrive. */
  breakFirst?: number;
  /** So many arrive, but their answers do not. */
  loseFirst?: number;
  /** What the first call is answered with in place of the bridge's answer. */
  answerFirst?: () => Response;
  /** Called when the bridge has answered, before the client knows. */
  beforeAnswer?: () => void;
} = {}) {
  let learn: (id: string) => void = () => {};
  const calls = {
    count: 0,
    /** Ids in the answers to orders, also in those that were lost. */
    jobs: [] as string[],
    firstJob: new Promise<string>((resolve) => {
      learn = resolve;
    }),
    fetch: async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
      const number = ++calls.count;
      if (number <= breakFirst) throw new TypeError('fetch failed');
      if (number === 1 && answerFirst !== undefined) return answerFirst();
      const answer = await fetch(input, init);
      if (init?.method === 'POST') {
        const { id } = (await answer.clone().json()) as Partial<JobStatus>;
        if (id !== undefined) calls.jobs.push(id);
        if (id !== undefined) learn(id);
      }
      beforeAnswer?.();
      if (number <= loseFirst) throw new TypeError('fetch failed');
      return answer;
    },
  };
  return calls;
}

/** The pauses that it asks for, in milliseconds; they pass at once. */
async function pausesOf(run: () => Promise<unknown>): Promise<number[]> {
  const { setTimeout } = globalThis;
  const pauses: number[] = [];
  const skip = (callback: () => void, ms = 0) => {
    pauses.push(ms);
    return setTimeout(callback, 0);
  };
  globalThis.setTimeout = Object.assign(skip, setTimeout);
  try {
    await run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return pauses;
}

function refusal(status: number, headers: Record<string, string> = {}): Response {
  return new Response('', { status, headers });
}

async function fails(promise: Promise<unknown>, code: FailureCode, message = /./): Promise<NigaoeError> {
  const error: unknown = await promise.then(
    () => assert.fail(`Expected ${code} but nothing failed`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NigaoeError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return error;
}

/** Where nothing listens. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
