// The names under which nodes publish to a broker: one node each, handed on when a node goes, given back when it fails.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { brokerOf } from '../../node-red-node/publish/mqtt/broker.js';
import { MqttTarget } from '../../node-red-node/publish/mqtt/mqtt-target.js';
import { topicsFor } from '../../node-red-node/publish/mqtt/topics.js';
import type { TargetNews } from '../../node-red-node/publish/target.js';
import { Broker, type BrokerOptions } from './fixtures/broker.js';
import { NodeRedWorld, until } from './helper.js';
import { brokerNode, flowOf, jpeg, PublishWorld, publishNode } from './publish-world.js';

const NAMES = { base: 'nigaoe', slug: 'door', prefix: 'homeassistant', discovery: false };

describe('the name of a picture at a broker', () => {
  const red = NodeRedWorld.inSuite();
  const brokers: Broker[] = [];
  const targets: MqttTarget[] = [];

  async function broker(test: Mocha.Context, options: BrokerOptions = {}): Promise<Broker> {
    const started = await Broker.start(test, options);
    brokers.push(started);
    return started;
  }
  afterEach(async () => {
    await red.unload();
    for (const target of targets.splice(0)) await target.close(false);
    for (const started of brokers.splice(0)) await started.end();
  });

  const first = (properties = {}) => publishNode({ id: 'first', ...properties });
  const available = async (at: Broker): Promise<string | undefined> =>
    (await at.retained()).find(({ topic }) => topic === 'nigaoe/front-door/available')?.payload.toString();

  it('belongs to one node', async function () {
    const at = await broker(this);
    const world = await PublishWorld.load(red, [brokerNode(at), first(), publishNode()]);
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.equal(code, 'conflict');
    assert.match(message, /another node publishes to "nigaoe\/front-door\/image".*another topic name/);
    const said = red.logged().filter(({ id, level }) => id === 'publish' && level === 20);
    assert.match(String(said[0]?.msg), /another node publishes/);
  });

  for (const [change, flow] of [
    ['is removed', []],
    ['gets another name', [first({ name: 'Garden' })]],
  ] as const)
    it(`goes to the node that waits for it when the other one ${change}`, async function () {
      const at = await broker(this);
      const world = await PublishWorld.load(red, [brokerNode(at), first(), publishNode()]);
      assert.equal((await world.fail({ payload: jpeg() })).code, 'conflict');
      await red.deploy(flowOf(brokerNode(at), publishNode(), ...flow), 'nodes');
      await world.shows('connected');
      world.caught.length = 0;
      await world.publish({ payload: jpeg() });
      assert.equal(await available(at), 'online');
    });

  it('stays with a node that is changed in another way', async function () {
    const at = await broker(this);
    const world = await PublishWorld.load(red, [brokerNode(at), first(), publishNode()]);
    await red.deploy(flowOf(brokerNode(at), publishNode(), first({ retain: false })), 'nodes');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    assert.equal((await world.fail({ payload: jpeg() })).code, 'conflict');
    world.send({ payload: jpeg() }, 'first');
    await until('a picture of the first', () => world.out.length === 1);
  });

  it('leaves nothing to clear up with a node that never had it', async function () {
    const at = await broker(this);
    await PublishWorld.load(red, [brokerNode(at), first(), publishNode()]);
    await until('online', async () => (await available(at)) === 'online');
    await red.deploy(flowOf(brokerNode(at), first()), 'nodes');
    assert.equal(await available(at), 'online');
  });

  /** A target without Node-RED around it. */
  function target(nodeId: string, at: { url: string; options: object }, news: TargetNews[] = []): MqttTarget {
    const made = new MqttTarget({
      ...NAMES,
      nodeId,
      broker: brokerOf({ brokerurl: at.url, options: at.options }),
      topics: topicsFor(NAMES),
      name: 'Door',
      retain: true,
      reconnectMs: 200,
      onNews: (one) => news.push(one),
    });
    targets.push(made);
    return made;
  }
  const picture = { bytes: jpeg(1, 5_000), mediaType: 'image/jpeg', extension: 'jpg' };

  it('is free again when the settings of the broker cannot be opened', async function () {
    const at = await broker(this);
    const news: TargetNews[] = [];
    // A certificate without encryption is what mqtt.js throws at.
    const half = { url: `tcp://127.0.0.1:${at.port}`, options: { cert: 'x', key: 'y' } };
    const broken = target('one', half, news);
    assert.equal(news.at(-1)?.state, 'unable');
    await assert.rejects(broken.publish(picture, {}), { code: 'options' });
    const good = target('two', { url: `tcp://127.0.0.1:${at.port}`, options: {} });
    assert.equal((await good.publish(picture, {}))?.bytes, 5_000);
  });

  for (const scheme of ['ssl', 'tls', 'mqtts'])
    it(`works with a client certificate at ${scheme}://`, async function () {
      const at = await broker(this, { tls: true, asksForCertificate: true });
      const certificate = await readFile(at.certificateFile);
      const options = { ca: certificate, cert: certificate, key: await readFile(at.keyFile) };
      const news: TargetNews[] = [];
      const one = target('one', { url: `${scheme}://localhost:${at.port}`, options }, news);
      await until('ready', () => news.at(-1)?.state === 'ready');
      assert.equal((await one.publish(picture, {}))?.bytes, 5_000);
    });

  it('is closed with its pictures: none is left without an end', async function () {
    const at = await broker(this);
    const news: TargetNews[] = [];
    const one = target('one', { url: `mqtt://127.0.0.1:${at.port}`, options: {} }, news);
    await one.publish(picture, {});
    at.freeze();
    const all = [1, 2, 3].map(() => one.publish(picture, {}));
    await one.close(false);
    assert.deepEqual(await Promise.all(all), [undefined, undefined, undefined]);
  });
});
