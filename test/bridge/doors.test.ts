// Who gets into the bridge: each attack of the facts, played over real sockets.

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { openBridge } from '../../shared/bridge/server.js';
import { TokenList } from '../../shared/bridge/tokens/list.js';
import { drawnPhoto } from '../isolated/photo.js';
import { BridgeWorld, json, refused } from './world.js';

describe('the doors of the bridge', () => {
  const world = BridgeWorld.inSuite({ pageKey: 'the-key-of-the-page' });

  describe('to a name that was made to point here', () => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1', 'localhost:1', 'nip.io:80'])
      it(`refuse Host ${host}`, async () => {
        for (const target of ['/', '/health', '/v1/styles'])
          refused(await world.call(target, { headers: { host } }), 421, 'misdirected');
      });

    it('refuse its pairing, whatever the code', async () => {
      const host = `rebound.example:${world.bridge.port}`;
      const { code } = world.bridge.pairing.current();
      refused(await world.postJson('/pair', { code, name: 'x' }, { host }), 421, 'misdirected');
      assert.equal(world.bridge.pairing.current().code, code);
    });

    it('refuse a request without any Host', async () => {
      assert.match(await world.rawly('GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1\.\d 421 /);
    });

    it('let each of its own names in, on both loopback addresses', async () => {
      const { port } = world.bridge;
      for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LocalHost:${port}`])
        for (const address of world.bridge.addresses)
          assert.equal(
            (await world.ask('/health', { address, headers: { host } })).status,
            200,
            `${address} ${host}`,
          );
    });
  });

  describe('to a page of the web', () => {
    for (const origin of [
      'https://evil.example',
      'http://localhost.evil.example',
      'http://localhost:1',
      'https://www.figma.com',
      'file://',
      '',
    ])
      it(`refuse Origin ${JSON.stringify(origin)}`, async () => {
        const answer = await world.call('/health', { headers: { origin } });
        refused(answer, 403, 'forbidden');
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
      });

    it('refuse a page that hides its origin and has no token', async () => {
      for (const target of ['/v1/styles', '/v1/options', '/v1/pairing', '/metrics', '/openapi.json'])
        refused(await world.ask(target, { headers: { origin: 'null' } }), 401, 'unauthorised');
    });

    it('answer a preflight without a token, and name what may be sent', async () => {
      const headers = {
        origin: 'null',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      };
      const answer = await world.ask('/v1/jobs', { method: 'OPTIONS', headers });
      assert.equal(answer.status, 204);
      assert.equal(answer.headers['access-control-allow-origin'], 'null');
      assert.equal(answer.headers['access-control-allow-credentials'], undefined);
      assert.match(
        answer.headers['access-control-allow-headers'] ?? '',
        /authorization, content-type, idempotency-key, .*x-priority/,
      );
      assert.doesNotMatch(answer.headers['access-control-allow-methods'] ?? '', /\*/);
      assert.equal(answer.headers.vary, 'Origin');
    });

    it('let its own page and hidden origins with a token read answers', async () => {
      for (const origin of ['null', world.origin]) {
        const answer = await world.call('/v1/options', { headers: { origin } });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['access-control-allow-origin'], origin);
        assert.equal(answer.headers.vary, 'Origin');
      }
    });

    it('forbid browsers to guess types, keep answers, embed or frame them', async () => {
      for (const target of ['/', '/health', '/nowhere', '/v1/styles']) {
        const { headers } = await world.call(target);
        assert.equal(headers['x-content-type-options'], 'nosniff');
        assert.equal(headers['cache-control'], 'no-store');
        assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
        assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
      }
    });
  });

  describe('to whoever has no token', () => {
    it('stay closed on every route but health, pairing and the page', async () => {
      const { paths } = json<{ paths: Record<string, object> }>(await world.call('/openapi.json'));
      const routes = Object.entries(paths).flatMap(([route, methods]) =>
        Object.keys(methods).map((method) => ({
          route: route.replace(/\{.+?\}/, 'x'),
          method: method.toUpperCase(),
        })),
      );
      const closed = routes.filter(({ route }) => route !== '/health' && route !== '/pair');
      assert.ok(closed.length >= 12, `only ${closed.length} routes`);
      for (const { route, method } of closed)
        for (const authorization of [
          undefined,
          'Bearer ',
          'Bearer nigaoe_wrong',
          `Basic ${world.token}`,
          world.token,
        ]) {
          const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
          refused(await world.ask(route, { method, headers }), 401, 'unauthorised');
        }
    });

    it('take no token from the URL', async () => {
      refused(await world.ask(`/v1/styles?token=${world.token}`), 401, 'unauthorised');
      refused(await world.ask(`/v1/styles?access_token=${world.token}`), 401, 'unauthorised');
    });

    it('tell nothing but name and version', async () => {
      const health = json<object>(await world.ask('/health'));
      assert.deepEqual(Object.keys(health), ['name', 'version', 'apiVersion', 'pairing']);
    });
  });

  describe('to programs on other computers', () => {
    it('are not there: only loopback addresses listen', async () => {
      assert.deepEqual(
        world.bridge.addresses.filter((address) => !['127.0.0.1', '::1'].includes(address)),
        [],
      );
    });

    it('stay shut without a token, even when asked to open', async () => {
      const empty = new BridgeWorld();
      await empty.open();
      await new TokenList(empty.home).revoke((await new TokenList(empty.home).all())[0].id);
      const opening = openBridge({
        port: 0,
        host: '0.0.0.0',
        devices: async () => [],
        stylizer: { store: { home: empty.home } },
      });
      await assert.rejects(opening, { code: 'forbidden' });
      await empty.close();
    });

    it('stay shut for the code of whoever comes through a proxy that says so', async () => {
      const { code } = world.bridge.pairing.current();
      for (const header of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
        const failure = refused(
          await world.postJson('/pair', { code, name: 'far' }, { [header]: '203.0.113.9' }),
          403,
          'forbidden',
        );
        assert.match(failure.hint ?? '', /tokens create/);
      }
      assert.equal(world.bridge.pairing.current().code, code);
    });

    it('trade no codes once they are open, not even to this one: a proxy may sit here', async () => {
      const open = new BridgeWorld();
      await open.open();
      await open.bridge.close();
      const { token } = open;
      open.bridge = await openBridge({
        port: 0,
        host: '0.0.0.0',
        pageKey: 'the-key-of-the-page',
        devices: async () => [],
        stylizer: { store: { home: open.home } },
      });
      assert.equal(open.bridge.outside, '0.0.0.0');
      assert.throws(() => open.bridge.pairing.current(), { code: 'forbidden' });
      const failure = refused(await open.postJson('/pair', { code: '123456', name: 'x' }), 403, 'forbidden');
      assert.match(failure.hint ?? '', /tokens create/);
      const page = await open.pair('this page', 'the-key-of-the-page');
      const asPage = { authorization: `Bearer ${page.token}` };
      refused(await open.ask('/v1/pairing', { headers: asPage }), 403, 'forbidden');
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await open.ask('/v1/options', { headers })).status, 200);
      await open.close();
    });

    for (const host of ['127.0.0.1', 'LOCALHOST', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])
      it(`do not take ${host} for an address beyond loopback`, async () => {
        const open = new BridgeWorld();
        await open.open({ host });
        assert.equal(open.bridge.outside, undefined);
        assert.ok(open.bridge.addresses.every((address) => ['127.0.0.1', '::1'].includes(address)));
        await open.close();
      });

    for (const host of ['0', '::0', '0:0:0:0:0:0:0:0'])
      it(`listen on all addresses for ${host}, each once`, async function () {
        if (host !== '0' && !world.bridge.addresses.includes('::1')) return this.skip();
        const open = await openBridge({
          port: 0,
          host,
          devices: async () => [],
          stylizer: { store: { home: world.home } },
        });
        const everywhere = host === '0' ? '0.0.0.0' : '::';
        assert.ok(open.addresses.includes(everywhere), open.addresses.join());
        const headers = { authorization: `Bearer ${world.token}` };
        assert.equal((await fetch(`http://127.0.0.1:${open.port}/v1/options`, { headers })).status, 200);
        await open.close();
      });

    it('take no name at all for none', async () => {
      const opening = openBridge({
        port: 0,
        host: '',
        devices: async () => [],
        stylizer: { store: { home: world.home } },
      });
      await assert.rejects(opening, { code: 'options', message: /an address of this computer for --host/ });
    });

    it('open for a token, but pair nobody', async function () {
      const address = outsideAddress();
      if (address === undefined) return this.skip();
      const { home } = world;
      const open = await openBridge({
        port: 0,
        host: '0.0.0.0',
        devices: async () => [],
        stylizer: { store: { home } },
      });
      try {
        const base = `http://${address}:${open.port}`;
        const headers = { authorization: `Bearer ${world.token}` };
        assert.equal((await fetch(`${base}/v1/options`, { headers })).status, 200);
        const body = JSON.stringify({ code: '123456', name: 'x' });
        const pairing = await fetch(`${base}/pair`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        assert.equal(pairing.status, 403);
        assert.match(await pairing.text(), /tokens create/);
      } finally {
        await open.close();
      }
    });
  });

  describe('to tokens', () => {
    it('keep their hashes, in a file for the user alone', async () => {
      const at = path.join(world.home, 'bridge', 'tokens.json');
      const text = await readFile(at, 'utf8');
      assert.ok(!text.includes(world.token) && !text.includes(world.token.slice(10)));
      assert.match(text, /"sha256": "[0-9a-f]{64}"/);
      if (process.platform !== 'win32') assert.equal((await stat(at)).mode & 0o777, 0o600);
      assert.ok(Buffer.from(world.token.replace('nigaoe_', ''), 'base64url').length >= 16);
    });

    it('close for one that another process revokes, and not for the others', async () => {
      const { token, id } = await world.pair('short-lived');
      const headers = { authorization: `Bearer ${token}` };
      assert.equal((await world.ask('/v1/options', { headers })).status, 200);
      assert.equal(await new TokenList(world.home).revoke(id), true);
      refused(await world.ask('/v1/options', { headers }), 401, 'unauthorised');
      assert.equal((await world.call('/v1/options')).status, 200);
    });

    it('show no job of one to another', async () => {
      const { token } = await world.pair('neighbour');
      const answer = await world.post('/v1/jobs?scope=photo', await drawnPhoto());
      const { id } = json<{ id: string }>(answer);
      const headers = { authorization: `Bearer ${token}` };
      for (const [method, target] of [
        ['GET', ''],
        ['GET', '/result'],
        ['GET', '/events'],
        ['DELETE', ''],
      ])
        refused(await world.ask(`/v1/jobs/${id}${target}`, { method, headers }), 404, 'not-found');
      assert.equal((await world.ended(id)).state, 'done');
    });

    it('give the page one by its key, once, and only it the code', async () => {
      const { token } = await world.pair('this page', 'the-key-of-the-page');
      const asPage = { authorization: `Bearer ${token}` };
      const { code } = json<{ code: string }>(await world.ask('/v1/pairing', { headers: asPage }));
      assert.equal(code, world.bridge.pairing.current().code);
      refused(await world.call('/v1/pairing'), 403, 'forbidden');
      refused(
        await world.postJson('/pair', { code: 'the-key-of-the-page', name: 'again' }),
        403,
        'forbidden',
      );
      assert.doesNotMatch(
        await readFile(path.join(world.home, 'bridge', 'tokens.json'), 'utf8'),
        /this page/,
      );
    });
  });
});

/** An address of this machine that is not loopback. */
function outsideAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}
