// The config node nigaoe-engine with a bridge of its own: started with the deploy, kept alive, told about, and gone with the flow.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { EngineNews, EngineNode } from '../../node-red-node/engine/engine.js';
import { drawnPhoto, isAlive } from '../isolated/photo.js';
import { builtNode, repositoryRoot } from './built.js';
import { familyOf, UserFolder } from './fixtures/user-folder.js';
import { type FlowNode, NodeRedWorld, until } from './helper.js';

describe('an engine with a bridge of its own', () => {
  const red = NodeRedWorld.inSuite();
  const user = UserFolder.inSuite();

  const engineNode = (properties: Partial<FlowNode> = {}): FlowNode => ({
    id: 'engine',
    type: 'nigaoe-engine',
    name: '',
    mode: 'own',
    url: '',
    home: user.home,
    idle: '',
    ...properties,
  });

  async function load(properties: Partial<FlowNode> = {}): Promise<EngineNode> {
    const settings = { userDir: user.folder };
    await red.load(['nigaoe-engine'], [engineNode(properties)], { settings });
    return red.node<EngineNode>('engine');
  }

  const isReady = (node: EngineNode) => until('ready', () => node.engine.news.state === 'ready');
  const hasFailed = (node: EngineNode) => until('failed', () => node.engine.news.state === 'failed');

  it('starts with the deploy, before anybody asks, and answers', async () => {
    await user.install('stand-in');
    const node = await load({ idle: '30' });
    await until('a start', () => user.starts().length === 1);
    const client = await node.engine.client();
    assert.equal((await client.health()).version, '9.9.9');
    assert.deepEqual((await client.styles()).length, 1);
    assert.deepEqual(user.starts()[0].flags, [
      ...['serve', '--child', '--json', '--port', '0'],
      ...['--home', user.home, '--idle', '30'],
    ]);
    assert.equal(node.engine.news.state, 'ready');
  });

  it('tells its token to the bridge alone', async () => {
    await user.install('stand-in');
    await isReady(await load());
    const [{ flags }] = user.starts();
    assert.doesNotMatch(JSON.stringify([flags, red.logged()]), /nigaoe_/);
  });

  it('starts a bridge that was killed again, and tells both', async () => {
    await user.install('stand-in');
    const node = await load();
    await isReady(node);
    const told: EngineNews[] = [];
    node.engine.onNews((news) => told.push(news));
    process.kill(user.starts()[0].pid, 'SIGKILL');
    await until('the loss', () => told.length > 0);
    // Whoever asks meanwhile waits for the next bridge.
    const client = await node.engine.client();
    assert.equal((await client.health()).name, 'nigaoe');
    assert.equal(user.starts().length, 2);
    assert.deepEqual(
      told.map(({ state }) => state),
      ['failed', 'starting', 'ready'],
    );
    assert.match(told[0].reason ?? '', /own bridge has ended \(signal SIGKILL\)/);
    assert.match(warnings(), /own bridge has ended/);
  });

  it('says to whoever was served by a bridge that is gone that another is started', async () => {
    await user.install('stand-in');
    const node = await load();
    const client = await node.engine.client();
    process.kill(user.starts()[0].pid, 'SIGKILL');
    await assert.rejects(
      client.stylize(new Uint8Array(4)),
      (error: Error & { code: string; hint: string }) => {
        assert.equal(error.code, 'unreachable');
        assert.match(error.message, /Expected the engine to answer but it has ended/);
        assert.match(error.hint, /started again/);
        assert.doesNotMatch(error.hint, /nigaoe serve|browser/);
        return true;
      },
    );
    assert.equal(node.engine.news.code, undefined);
  });

  it('waits longer before each start of a bridge that does not live', async () => {
    await user.install('stand-in');
    await user.behave('short-lived');
    const node = await load();
    await until('three starts', () => user.starts().length >= 3);
    await user.behave('sound');
    // The third one may read it already.
    const isSound = () => user.starts().length >= 4 || node.engine.news.state === 'ready';
    await until('soundness', isSound, 45_000);
    await isReady(node);
  });

  it('says which line installs the core where there is none, and finds it without a deploy', async () => {
    const node = await load();
    await hasFailed(node);
    await assert.rejects(node.engine.client(), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'not-found');
      assert.equal(error.hint, `Run: cd ${user.folder} && npm install @nigaoe/nigaoe@latest`);
      return true;
    });
    await user.install('stand-in');
    await isReady(node);
    assert.equal(warnings().match(/npm install/g)?.length, 1);
  });

  it("passes on the core's own sentence when that cannot start", async () => {
    await user.install('stand-in');
    await user.behave('fails');
    const node = await load();
    await hasFailed(node);
    assert.equal(node.engine.news.reason, 'Expected a folder for the models. Make one.');
    assert.equal(node.engine.news.code, 'store-unwritable');
    await assert.rejects(node.engine.client(), { code: 'store-unwritable' });
  });

  it('passes on the last words of a core that crashes', async () => {
    await user.install('stand-in');
    await user.behave('crashes');
    const node = await load();
    await hasFailed(node);
    assert.match(node.engine.news.reason ?? '', /ended \(exit code 134\): Error: no such library$/);
  });

  it('says how an old core is brought up to date', async () => {
    await user.install('stand-in');
    await user.behave('old');
    const node = await load();
    await hasFailed(node);
    assert.match(
      node.engine.news.reason ?? '',
      /unknown option '--child'.*npm install @nigaoe\/nigaoe@latest/,
    );
  });

  it('refuses an idle time that is none', async () => {
    await user.install('stand-in');
    const node = await load({ idle: 'soon' });
    await hasFailed(node);
    assert.match(node.engine.news.reason ?? '', /Expected a whole number of seconds .* received "soon"/);
  });

  it('leaves no process behind when the flow stops', async () => {
    await user.install('stand-in');
    const node = await load();
    await isReady(node);
    const [{ pid }] = user.starts();
    assert.ok(isAlive(pid));
    await red.unload();
    assert.ok(!isAlive(pid));
    assert.equal(node.engine.news.state, 'stopped');
    await assert.rejects(node.engine.client(), { code: 'cancelled' });
  });

  it('ends a bridge that does not want to', async () => {
    await user.install('stand-in');
    await user.behave('stubborn');
    await isReady(await load());
    await red.unload();
    assert.ok(!isAlive(user.starts()[0].pid));
  });

  it('stops while it starts, and while it pauses', async () => {
    await user.install('stand-in');
    const starting = await load();
    const asked = starting.engine.client();
    await red.unload();
    await assert.rejects(asked, { code: 'cancelled' });
    assert.ok(user.starts().every(({ pid }) => !isAlive(pid)));
    await user.behave('fails');
    await hasFailed(await load());
    await red.unload();
  });

  it('lets whoever waits for it give up', async () => {
    const node = await load();
    await assert.rejects(node.engine.client(AbortSignal.abort()), { code: 'cancelled' });
  });

  it('draws with the real core, and leaves nothing of it behind', async () => {
    await user.install('real');
    const node = await load();
    const client = await node.engine.client();
    const { pictures } = await client.stylize(await drawnPhoto(), { options: { scope: 'photo' } });
    assert.equal(pictures.length, 1);
    const family = familyOf(user.starts()[0].pid);
    assert.ok(family.every(isAlive));
    await red.unload();
    await until('the end', () => !family.some(isAlive));
  });

  it('starts the real core again when it was killed', async () => {
    await user.install('real');
    const node = await load();
    await isReady(node);
    process.kill(user.starts()[0].pid, 'SIGKILL');
    await until('the loss', () => node.engine.news.state === 'failed');
    assert.ok((await (await node.engine.client()).styles()).length > 0);
  });

  for (const core of ['stand-in', 'real'] as const)
    it(`is gone with a Node-RED that was killed (${core} core)`, () => outlive(core));

  async function outlive(core: 'stand-in' | 'real'): Promise<void> {
    await user.install(core);
    const script = path.join(repositoryRoot(), 'test/node-red/fixtures/lonely-node-red.cjs');
    const host = spawn(process.execPath, [script, builtNode('nigaoe-engine'), user.folder, user.home]);
    await once(host.stdout, 'data');
    const family = familyOf(user.starts()[0].pid);
    assert.ok(family.every(isAlive));
    host.kill('SIGKILL');
    await until('the end', () => !family.some(isAlive));
  }

  const warnings = (): string =>
    red
      .logged()
      .filter(({ level }) => level === 30)
      .map(({ msg }) => String(msg))
      .join('\n');
});
