// What the forms ask nigaoe-engine through Node-RED's admin routes: lists, and whether a connection would work.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeAPI } from 'node-red';
import { type EngineNode, engineOf } from '../../node-red-node/engine/engine.js';
import { failureFrom, sentenceOf } from '../../node-red-node/engine/failure.js';
import type { TrialAnswer } from '../../node-red-node/engine/trial.js';
import { NigaoeError } from '../../shared/errors.js';
import { openRealBridge, type RealBridge } from '../figma/real-bridge.js';
import { isAlive } from '../isolated/photo.js';
import { UserFolder } from './fixtures/user-folder.js';
import { type LoadOptions, NodeRedWorld, until } from './helper.js';

describe('the admin routes of an engine', () => {
  const red = NodeRedWorld.inSuite();
  const user = UserFolder.inSuite();
  let bridge: RealBridge;
  let token: string;
  let url: string;
  before(async () => {
    bridge = await openRealBridge();
    token = await bridge.pair();
    url = `http://localhost:${bridge.port}`;
  });
  after(() => bridge.close());

  const loadOwn = async (options: LoadOptions = {}): Promise<EngineNode> => {
    const node = { id: 'engine', type: 'nigaoe-engine', mode: 'own', home: user.home };
    await red.load(['nigaoe-engine'], [node], { settings: { userDir: user.folder }, ...options });
    return red.node<EngineNode>('engine');
  };
  const loadRemote = (address: string, credential: string) =>
    red.load(['nigaoe-engine'], [{ id: 'engine', type: 'nigaoe-engine', mode: 'remote', url: address }], {
      credentials: { engine: { token: credential } },
    });
  const test = async (body: object): Promise<TrialAnswer> =>
    (await red.admin('nigaoe-engine/test', body)).body as TrialAnswer;

  /** What a refusal says; fails for success. */
  async function refusal(body: object): Promise<Extract<TrialAnswer, { ok: false }>> {
    const answer = await test(body);
    if (answer.ok) assert.fail(JSON.stringify(answer));
    return answer;
  }

  it('give the styles and the options, and ask the bridge once for many forms', async () => {
    await user.install('stand-in');
    await loadOwn();
    for (let form = 0; form < 3; form++) {
      const styles = await red.admin('nigaoe-engine/engine/styles');
      assert.deepEqual(styles, { status: 200, body: [{ id: 'ink', title: 'Ink', state: 'ready' }] });
      const options = await red.admin('nigaoe-engine/engine/options');
      assert.deepEqual(options.body, [{ name: 'strength' }]);
    }
    assert.deepEqual(user.asked(), ['/v1/styles', '/v1/options']);
    assert.deepEqual((await red.admin('nigaoe-engine/engine/health')).body, { state: 'ready' });
  });

  it('say why there is no list, and never 401, which would log the editor out', async () => {
    await loadRemote(url, 'nigaoe_wrong');
    const { status, body } = await red.admin('nigaoe-engine/engine/styles');
    assert.equal(status, 502);
    assert.equal((body as { error: { code: string } }).error.code, 'unauthorised');
    const health = await red.admin('nigaoe-engine/engine/health');
    assert.equal((health.body as { state: string }).state, 'failed');
  });

  it('know no engine that is not deployed', async () => {
    await loadRemote(url, token);
    const { status, body } = await red.admin('nigaoe-engine/another/styles');
    assert.equal(status, 404);
    assert.match((body as { error: { message: string } }).error.message, /an engine that is deployed/);
  });

  it('are closed to whoever lacks the permission', async () => {
    const asked: string[] = [];
    const adjust = (RED: NodeAPI) => {
      RED.auth.needsPermission = (permission) => (_request, response) => {
        asked.push(permission);
        response.status(403).end();
      };
    };
    await user.install('stand-in');
    await loadOwn({ adjust });
    for (const list of ['styles', 'options', 'health'])
      assert.equal((await red.admin(`nigaoe-engine/engine/${list}`)).status, 403);
    assert.equal((await red.admin('nigaoe-engine/test', { mode: 'remote', url, token })).status, 403);
    assert.deepEqual(asked, [...Array(3).fill('nigaoe-engine.read'), 'nigaoe-engine.write']);
  });

  it('test a bridge elsewhere before it is deployed', async () => {
    await loadRemote('http://localhost:1', '');
    const answer = await test({ mode: 'remote', url, token, id: 'engine' });
    if (!answer.ok) assert.fail(answer.reason);
    assert.deepEqual(answer.devices, [{ device: 'cpu', works: true }]);
    assert.ok(answer.styles > 0);
    assert.match(answer.version, /^\d+\.\d+/);
  });

  it('test with the token that is deployed, at its own address only', async () => {
    await loadRemote(url, token);
    const hidden = { mode: 'remote', token: '__PWRD__', id: 'engine' };
    assert.ok((await test({ ...hidden, url: `${url}/` })).ok);
    const seen: (string | undefined)[] = [];
    const thief = createServer(({ headers }, response) => {
      seen.push(headers.authorization);
      response.end('{"name":"nigaoe","version":"1","apiVersion":1}');
    }).listen(0, 'localhost');
    await once(thief, 'listening');
    await test({ ...hidden, url: `http://localhost:${(thief.address() as AddressInfo).port}` });
    assert.ok(seen.length > 0);
    assert.ok(seen.every((header) => header === undefined));
    thief.close();
    thief.closeAllConnections();
  });

  it('tell apart why a connection fails', async () => {
    await loadRemote(url, token);
    const remote = { mode: 'remote', url, token };
    assert.equal((await refusal({ ...remote, token: 'nigaoe_wrong' })).why, 'unauthorised');
    assert.equal((await refusal({ ...remote, url: '' })).why, 'other');
    const other = createServer((_request, response) => response.end('hello')).listen(0, 'localhost');
    await once(other, 'listening');
    const elsewhere = `http://localhost:${(other.address() as AddressInfo).port}`;
    assert.equal((await refusal({ ...remote, url: elsewhere })).why, 'stranger');
    other.closeAllConnections();
    other.close();
    await once(other, 'close');
    const { why, reason, hint } = await refusal({ ...remote, url: elsewhere });
    assert.equal(why, 'unreachable');
    assert.match(reason, /nothing answered there/);
    assert.match(hint ?? '', /serve --host/);
  });

  it('test an own bridge by starting one, which ends again', async () => {
    await user.install('stand-in');
    const node = await loadOwn();
    await node.engine.client();
    const answer = await test({ mode: 'own', home: user.home, idle: '10' });
    assert.deepEqual(answer, {
      ok: true,
      version: '9.9.9',
      styles: 1,
      devices: [{ device: 'cpu', works: true }],
    });
    const [deployed, tried] = user.starts();
    assert.ok(isAlive(deployed.pid));
    assert.ok(!isAlive(tried.pid));
  });

  it('say that the core is missing, or why it does not start', async () => {
    const node = await loadOwn();
    const missing = await refusal({ mode: 'own', home: user.home });
    assert.equal(missing.why, 'no-core');
    assert.equal(missing.hint, `Run: cd ${user.folder} && npm install @nigaoe/nigaoe@latest`);
    await user.install('stand-in');
    await user.behave('fails');
    const broken = await refusal({ mode: 'own', home: user.home });
    assert.deepEqual(broken, {
      ok: false,
      why: 'start',
      reason: 'Expected a folder for the models',
      hint: 'Make one.',
    });
    await until('the reason', () => node.engine.news.reason?.includes('a folder for the models'));
  });

  it('start nothing for a request that any web page could send', async () => {
    await user.install('stand-in');
    const admin = new AdminServer();
    const node = await loadOwn({ adjust: admin.take });
    await node.engine.client();
    const own = JSON.stringify({ mode: 'own', home: user.home });
    const bodies: [type: string | undefined, body: string][] = [
      [undefined, ''],
      ['text/plain', own],
      ['application/x-www-form-urlencoded', 'mode=own'],
      ['application/json', '{}'],
      ['application/json', '[]'],
      ['application/json', '{"mode":"other"}'],
    ];
    for (const [type, body] of bodies) {
      const { status, answer } = await admin.post(body, type);
      assert.equal(status, 400, `${type} ${body}`);
      assert.equal((answer as { error: { code: string } }).error.code, 'options');
    }
    assert.equal(user.starts().length, 1);
    await admin.close();
  });

  it('make one test at a time, which ends when nobody waits for its answer', async () => {
    const admin = new AdminServer();
    await red.load(['nigaoe-engine'], [{ id: 'engine', type: 'nigaoe-engine', mode: 'remote', url: '' }], {
      adjust: admin.take,
    });
    const silent = createServer(() => undefined).listen(0, 'localhost');
    await once(silent, 'listening');
    const address = `http://localhost:${(silent.address() as AddressInfo).port}`;
    const asked = once(silent, 'request');
    const leave = new AbortController();
    const first = admin.post(
      JSON.stringify({ mode: 'remote', url: address }),
      'application/json',
      leave.signal,
    );
    await asked;
    const good = JSON.stringify({ mode: 'remote', url, token });
    const second = await admin.post(good, 'application/json');
    assert.equal(second.status, 429);
    assert.equal((second.answer as { error: { code: string } }).error.code, 'busy');
    leave.abort();
    await assert.rejects(first);
    await until(
      'the end of the first',
      async () => (await admin.post(good, 'application/json')).status === 200,
      5_000,
    );
    silent.closeAllConnections();
    silent.close();
    await admin.close();
  });

  it('take environment variables as the deploy does', async () => {
    process.env.NIGAOE_TEST_URL = url;
    process.env.NIGAOE_TEST_TOKEN = token;
    try {
      const address = '${NIGAOE_TEST_URL}';
      await loadRemote(address, '${NIGAOE_TEST_TOKEN}');
      for (const known of ['__PWRD__', '${NIGAOE_TEST_TOKEN}']) {
        const answer = await test({ mode: 'remote', url: address, token: known, id: 'engine' });
        if (!answer.ok) assert.fail(answer.reason);
      }
      const { reason } = await refusal({ mode: 'remote', url: '${NIGAOE_TEST_NOTHING}', token });
      assert.match(reason, /NIGAOE_TEST_NOTHING/);
    } finally {
      delete process.env.NIGAOE_TEST_URL;
      delete process.env.NIGAOE_TEST_TOKEN;
    }
  });
});

/** The admin routes as a server, for requests that no form sends. */
class AdminServer {
  #server: Server | undefined;
  #app: RequestListener | undefined;

  /** For `adjust` of a world. */
  readonly take = (RED: NodeAPI): void => {
    this.#app = RED.httpAdmin as unknown as RequestListener;
  };

  async post(
    body: string,
    type?: string,
    signal?: AbortSignal,
  ): Promise<{ status: number; answer: unknown }> {
    this.#server ??= createServer(this.#app).listen(0, '127.0.0.1');
    if (!this.#server.listening) await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
    // Bytes have no content type of their own.
    const answer = await fetch(`http://127.0.0.1:${port}/nigaoe-engine/test`, {
      method: 'POST',
      headers,
      body: new TextEncoder().encode(body),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: answer.status, answer: await answer.json() };
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}

describe('a node that uses an engine', () => {
  const red = (nodes: Record<string, object>) =>
    ({ nodes: { getNode: (id: string) => nodes[id] } }) as unknown as NodeAPI;

  it('finds the one it names', () => {
    const node = { engine: {} };
    assert.equal(engineOf(red({ one: node }), 'one'), node);
  });

  it('says that none is chosen, or that the chosen one is not there', () => {
    for (const id of ['', undefined])
      assert.throws(() => engineOf(red({}), id), { code: 'options', message: /but none is chosen/ });
    assert.throws(() => engineOf(red({ one: {} }), 'one'), /is disabled or was deleted/);
    assert.throws(() => engineOf(red({}), 'one'), /is disabled or was deleted/);
  });

  it('knows the failures of the engine, whose class is another', () => {
    const foreign = Object.assign(new Error('Expected a face'), { code: 'no-face', hint: 'Look up.' });
    const failure = failureFrom(foreign);
    assert.ok(failure instanceof NigaoeError);
    assert.equal(failure.code, 'no-face');
    assert.equal(failure.cause, foreign);
    assert.equal(sentenceOf(failure), 'Expected a face. Look up.');
    assert.equal(failureFrom(Object.assign(new Error('x'), { code: 'ENOENT' })).code, 'internal');
    assert.equal(failureFrom(failure), failure);
  });
});
