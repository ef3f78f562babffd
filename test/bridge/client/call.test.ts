// Calls of the client that go wrong on their way: every failure is one of ours, and nothing is left behind.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type BridgeClient, openClient } from '../../../shared/bridge/client.js';
import { NigaoeError } from '../../../shared/errors.js';

const JPEG = new Uint8Array([0xff, 0xd8, 0xff]);

type Play = (request: IncomingMessage, answer: ServerResponse) => void;

describe('a call of the client', () => {
  let play: Play = () => undefined;
  let asked: string[] = [];
  const server = createServer((request, answer) => {
    asked.push(request.method ?? '');
    request.resume().on('end', () => play(request, answer));
  });
  let client: BridgeClient;

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = openClient({ url, token: 't', backOffMs: 1, retries: 2 });
  });
  beforeEach(() => {
    asked = [];
  });
  after(() => void server.close().closeAllConnections());

  /** Says how long the body is, and then sends less of it. */
  const cut: Play = (_, answer) => {
    answer.writeHead(200, { 'content-length': '1000' }).write('x');
    setTimeout(() => answer.destroy(), 10);
  };
  const page: Play = (_, answer) => void answer.setHeader('content-type', 'text/html').end('<html>');
  const busy: Play = (_, answer) => {
    const error = { code: 'busy', message: 'Expected a free place' };
    answer.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  };

  describe('whose answer breaks off', () => {
    it('is made again', async () => {
      play = (request, answer) => (asked.length === 1 ? cut(request, answer) : void answer.end('picture'));
      assert.equal(Buffer.from(await client.picture('x')).toString(), 'picture');
      assert.equal(asked.length, 2);
    });

    it('fails as one that meets no bridge when it breaks off each time', async () => {
      play = cut;
      for (const call of callsOf(client)) await fails(call(), 'unreachable');
    });

    it('is not made again when it must not happen twice', async () => {
      play = cut;
      await fails(client.pair('123456', 'a test'), 'unreachable');
      assert.equal(asked.length, 1);
    });
  });

  it('that is cancelled in the middle of an answer says so', async () => {
    const controller = new AbortController();
    play = (_, answer) => {
      answer.writeHead(200, { 'content-length': '1000' }).write('x');
      setTimeout(() => controller.abort(), 10);
    };
    await fails(client.picture('x', 0, controller.signal), 'cancelled');
  });

  it('that another program answers says so', async () => {
    for (const answer of ['<html>', 'null', '[]', '{"id":"x","state":"melted"}']) {
      play = (_, reply) => void reply.end(answer);
      for (const call of [client.status('x'), client.cancel('x'), client.submit(JPEG)])
        await fails(call, 'unreachable', /another program/);
    }
    play = page;
    for (const call of [client.styles(), client.pair('123456', 'a test')])
      await fails(call, 'unreachable', /another program/);
  });

  it('that hands a photo over is not made again once it was cancelled', async () => {
    const controller = new AbortController();
    play = (request, answer) => {
      controller.abort();
      busy(request, answer);
    };
    await fails(client.submit(JPEG, { signal: controller.signal }), 'cancelled');
    await delay(50);
    assert.deepEqual(asked, ['POST']);
  });

  it('that is cancelled while it waits leaves no timer behind', async () => {
    const controller = new AbortController();
    const fetch = async () => new Response('', { status: 429, headers: { 'retry-after': '50' } });
    // The test's own timer begins with its first wait.
    await delay(1);
    const timers = timersNow();
    const asking = openClient({ fetch }).picture('x', 0, controller.signal);
    await delay(1);
    controller.abort();
    await fails(asking, 'cancelled');
    assert.equal(timersNow(), timers);
  });
});

/** Every way to ask that reads a body. */
function callsOf(client: BridgeClient): (() => Promise<unknown>)[] {
  return [
    () => client.health(),
    () => client.styles(),
    () => client.picture('x'),
    () => client.status('x'),
    () => client.cancel('x'),
    () => client.submit(JPEG),
    () => client.stylize(JPEG),
  ];
}

/** Those that keep the process alive. */
const timersNow = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;

async function fails(promise: Promise<unknown>, code: NigaoeError['code'], message = /./): Promise<void> {
  const error: unknown = await promise.then(
    () => assert.fail(`Expected ${code} but nothing failed`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof NigaoeError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
}
