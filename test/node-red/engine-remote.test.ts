// The config node nigaoe-engine with a bridge that somebody else runs: found, looked after, and each failure named.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineNode } from '../../node-red-node/engine/engine.js';
import { Pauses } from '../../node-red-node/engine/pauses.js';
import { untilSilent } from '../../node-red-node/engine/watch.js';
import { NigaoeError } from '../../shared/errors.js';
import { openRealBridge, type RealBridge } from '../figma/real-bridge.js';
import { NodeRedWorld, until } from './helper.js';

describe('an engine with a bridge elsewhere', () => {
  const red = NodeRedWorld.inSuite();
  let bridge: RealBridge;
  let token: string;
  let url: string;
  before(async () => {
    bridge = await openRealBridge();
    token = await bridge.pair();
    url = `http://localhost:${bridge.port}`;
  });
  after(() => bridge.close());

  async function load(properties: { url: string; token?: string }): Promise<EngineNode> {
    const node = {
      id: 'engine',
      type: 'nigaoe-engine',
      mode: 'remote',
      url: properties.url,
      home: '',
      idle: '',
    };
    const { token } = properties;
    const credentials = { engine: token === undefined ? {} : { token } };
    await red.load(['nigaoe-engine'], [node], { credentials });
    return red.node<EngineNode>('engine');
  }

  it('answers with the styles of that bridge', async () => {
    const node = await load({ url: ` ${url}/ `, token });
    const client = await node.engine.client();
    assert.ok((await client.styles()).some(({ id }) => id === 'ink'));
    assert.equal(node.engine.news.state, 'ready');
  });

  it('says that nothing answers, and where, and what to do there', async () => {
    const node = await load({ url: `http://localhost:${await freePort()}`, token });
    await assert.rejects(node.engine.client(), (error: NigaoeError) => {
      assert.equal(error.code, 'unreachable');
      assert.match(error.message, /nothing answered there \(ECONNREFUSED\)/);
      assert.match(error.hint ?? '', /serve --host/);
      return true;
    });
    assert.equal(node.engine.news.state, 'failed');
  });

  it('finds a bridge that is switched on later', async () => {
    const port = await freePort();
    const node = await load({ url: `http://localhost:${port}`, token: 'x' });
    await until('failed', () => node.engine.news.state === 'failed');
    const server = createServer(smallBridge).listen(port);
    await until('ready', () => node.engine.news.state === 'ready');
    server.close();
    server.closeAllConnections();
  });

  it('says that the token is wrong, and how to make one', async () => {
    for (const wrong of ['nigaoe_wrong', undefined]) {
      const node = await load({ url, token: wrong });
      await assert.rejects(node.engine.client(), (error: NigaoeError) => {
        assert.equal(error.code, 'unauthorised');
        assert.match(error.hint ?? '', /tokens create/);
        return true;
      });
      assert.equal(node.engine.news.code, 'unauthorised');
      assert.doesNotMatch(node.engine.news.reason ?? '', /nigaoe_wrong/);
      await red.unload();
    }
  });

  it('says where to look when the bridge goes while it is used', async () => {
    const small = await listening(smallBridge);
    const client = await (await load({ url: small.url, token })).engine.client();
    small.close();
    await assert.rejects(client.stylize(new Uint8Array(4)), (error: NigaoeError) => {
      assert.equal(error.code, 'unreachable');
      assert.match(error.message, /nothing answered there \(E/);
      assert.match(error.hint ?? '', /serve --host/);
      assert.doesNotMatch(error.hint ?? '', /browser/);
      return true;
    });
  });

  it('does not take another program for a bridge', async () => {
    const other = await listening((_request, response) => response.end('<h1>My router</h1>'));
    const node = await load({ url: other.url, token });
    await assert.rejects(node.engine.client(), /another program answered there/);
    other.close();
  });

  it('says that an address is none', async () => {
    for (const wrong of ['', 'kitchen:8826', 'ftp://kitchen']) {
      const node = await load({ url: wrong, token });
      await assert.rejects(node.engine.client(), { code: 'options', message: /a web address for url/ });
      await red.unload();
    }
  });
});

describe('looking after a bridge', () => {
  const gone = new NigaoeError('unreachable', 'gone');
  const busy = new NigaoeError('busy', 'busy');
  const rules = { everyMs: 1, misses: 2 };

  it('calls it lost after some looks in a row that found nothing', async () => {
    const looks = [undefined, gone, undefined, gone, gone];
    let looked = 0;
    const look = async () => {
      const failure = looks[looked++];
      if (failure !== undefined) throw failure;
    };
    const why = await untilSilent(look, rules, new AbortController().signal);
    assert.equal(why.message, 'gone');
    assert.equal(looked, 5);
  });

  it('leaves alone a bridge that is busy, and ends when told', async () => {
    const end = new AbortController();
    let looked = 0;
    const look = async () => {
      if (++looked === 4) end.abort();
      throw busy;
    };
    assert.equal((await untilSilent(look, rules, end.signal)).code, 'cancelled');
    assert.equal(looked, 4);
  });
});

describe('the pauses between tries', () => {
  const rules = { firstMs: 100, longestMs: 1000, soundMs: 5000 };
  const within = (ms: number, wholeMs: number) => assert.ok(ms >= wholeMs / 2 && ms <= wholeMs, `${ms} ms`);

  it('double up to the longest', () => {
    const pauses = new Pauses(rules);
    for (const wholeMs of [100, 200, 400, 800, 1000, 1000, 1000]) within(pauses.nextMs(), wholeMs);
  });

  it('begin anew after something that has worked for a while, and not after less', () => {
    const pauses = new Pauses(rules);
    for (const wholeMs of [100, 200]) within(pauses.nextMs(10), wholeMs);
    within(pauses.nextMs(4999), 400);
    within(pauses.nextMs(5000), 100);
  });

  it('differ, so that programs that failed together do not return together', () => {
    const first = new Set(Array.from({ length: 20 }, () => new Pauses(rules).nextMs()));
    assert.ok(first.size > 10);
  });
});

/** Knows every token. */
const smallBridge: RequestListener = (request, response) => {
  const health = { name: 'nigaoe', version: '1.0.0', apiVersion: 1 };
  response.end(JSON.stringify(request.url === '/health' ? health : []));
};

async function listening(listener: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(listener).listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function freePort(): Promise<number> {
  const server = await listening(() => undefined);
  server.close();
  return Number(new URL(server.url).port);
}
