// The node nigaoe-publish at a real broker: pictures, their attributes, and Home Assistant's image entity.

import assert from 'node:assert/strict';
import { Broker, type BrokerOptions, Cable, type Heard } from './fixtures/broker.js';
import { NodeRedWorld, until } from './helper.js';
import { brokerNode, CAMERA, DRAWN, flowOf, jpeg, PublishWorld, png, publishNode } from './publish-world.js';

const ON = 'homeassistant/image/nigaoe/front-door/config';

describe('a picture published to MQTT', () => {
  const red = NodeRedWorld.inSuite();
  const brokers: Broker[] = [];
  const cables: Cable[] = [];

  async function broker(test: Mocha.Context, options: BrokerOptions = {}): Promise<Broker> {
    const started = await Broker.start(test, options);
    brokers.push(started);
    return started;
  }
  async function cable(to: Broker): Promise<Cable> {
    const laid = await Cable.to(to.port);
    cables.push(laid);
    return laid;
  }
  afterEach(async () => {
    await red.unload();
    for (const laid of cables.splice(0)) laid.end();
    for (const started of brokers.splice(0)) await started.end();
  });

  /** A flow with one node whose broker is there. */
  async function ready(at: Broker, properties = {}): Promise<PublishWorld> {
    const world = await PublishWorld.load(red, [brokerNode(at), publishNode(properties)]);
    await isOnline(at);
    return world;
  }
  const isOnline = (at: Broker) =>
    until('online', async () => textOf(await at.retained(), 'nigaoe/front-door/available') === 'online');

  it('arrives byte for byte, is kept for newcomers, and the message goes on', async function () {
    const at = await broker(this);
    const world = await ready(at);
    const picture = jpeg(7, 5000);
    const seen = await world.publish({ payload: picture, drawn: DRAWN, topic: 'kept' });
    const kept = (await at.retained()).find(({ topic }) => topic === 'nigaoe/front-door/image');
    assert.deepEqual(kept?.payload, picture);
    assert.deepEqual(
      { ...seen.published, at: undefined },
      {
        target: 'mqtt',
        topic: 'nigaoe/front-door/image',
        at: undefined,
        bytes: 5000,
      },
    );
    assert.ok(Date.parse(seen.published?.at ?? '') > 0);
    assert.equal(seen.topic, 'kept');
    await until('complete', () => world.completed.length === 1);
  });

  it('is an image entity of Home Assistant, field by field', async function () {
    const at = await broker(this);
    await ready(at);
    const message = JSON.parse(textOf(await at.retained(), ON) ?? '{}');
    assert.deepEqual(message, {
      name: 'Front door',
      unique_id: 'nigaoe_front-door',
      default_entity_id: 'image.front_door',
      image_topic: 'nigaoe/front-door/image',
      content_type: 'image/jpeg',
      json_attributes_topic: 'nigaoe/front-door/attributes',
      availability: [
        {
          topic: 'nigaoe/front-door/available',
          payload_available: 'online',
          payload_not_available: 'offline',
        },
      ],
      device: {
        identifiers: ['nigaoe'],
        name: 'nigaoe',
        manufacturer: 'nigaoe',
        model: 'Drawn pictures from Node-RED',
      },
      origin: { name: 'nigaoe', support_url: 'https://github.com/nigaoe/nigaoe' },
    });
  });

  it('tells its style, model, faces and size as attributes', async function () {
    const at = await broker(this);
    const world = await ready(at);
    const { published } = await world.publish({ payload: jpeg(), drawn: DRAWN, camera: CAMERA });
    assert.deepEqual(JSON.parse(textOf(await at.retained(), 'nigaoe/front-door/attributes') ?? ''), {
      style: 'ink',
      model: 'ink-512',
      scope: 'faces',
      device: 'cpu',
      faces: 1,
      boxes: [{ x: 10, y: 21, width: 30, height: 40 }],
      camera: 'Front door',
      taken_at: CAMERA.at,
      drawn_at: published?.at,
      width: 640,
      height: 480,
      bytes: 64,
    });
  });

  it('says so when pictures become PNG', async function () {
    const at = await broker(this);
    const world = await ready(at);
    await world.publish({ payload: png() });
    assert.equal(JSON.parse(textOf(await at.retained(), ON) ?? '{}').content_type, 'image/png');
  });

  it('is found again by a Home Assistant that starts', async function () {
    const at = await broker(this);
    await ready(at);
    const home = await at.client();
    await home.publishAsync(ON, '', { qos: 1, retain: true });
    await home.publishAsync('homeassistant/status', 'offline', { qos: 1 });
    assert.equal(textOf(await at.retained(), ON), undefined);
    await home.publishAsync('homeassistant/status', 'online', { qos: 1 });
    await until('discovery', async () => textOf(await at.retained(), ON) !== undefined);
  });

  it('goes under other topics without Home Assistant', async function () {
    const at = await broker(this);
    const world = await PublishWorld.load(red, [
      brokerNode(at),
      publishNode({ discovery: false, base: 'house/art', slug: 'Gate_2', retain: false }),
    ]);
    const heard = await at.listen();
    await world.publish({ payload: jpeg() });
    await until('a picture', () => heard.some(({ topic }) => topic === 'house/art/Gate_2/image'));
    assert.deepEqual(
      (await at.retained()).map(({ topic }) => topic),
      ['house/art/Gate_2/available'],
    );
  });

  it('becomes unavailable when the connection is cut, and available when it is back', async function () {
    const at = await broker(this);
    const laid = await cable(at);
    const world = await PublishWorld.load(red, [
      brokerNode({ host: at.host, port: laid.port }),
      publishNode(),
    ]);
    await isOnline(at);
    laid.cut();
    await until(
      'offline',
      async () => textOf(await at.retained(), 'nigaoe/front-door/available') === 'offline',
    );
    await world.shows('away');
    laid.mend();
    await isOnline(at);
    await world.publish({ payload: jpeg() });
  });

  it('waits while the broker is away: the newest one only, and the status tells', async function () {
    const at = await broker(this);
    const world = await ready(at);
    await at.stop();
    await world.shows('away');
    for (let mark = 1; mark <= 200; mark += 1) world.send({ payload: jpeg(mark, 1000), mark });
    await world.shows('skipped');
    await until('199 to end', () => world.completed.length === 199);
    assert.deepEqual([world.out.length, world.caught.length], [0, 0]);
    await at.resume();
    await until('the newest', () => world.out.length === 1);
    assert.equal((world.out[0] as { mark?: number }).mark, 200);
    const kept = (await at.retained()).find(({ topic }) => topic === 'nigaoe/front-door/image');
    assert.deepEqual(kept?.payload, jpeg(200, 1000));
    await world.shows('published');
  });

  it('is published by a flow that starts before its broker', async function () {
    const at = await broker(this);
    await at.stop();
    const world = await PublishWorld.load(red, [brokerNode(at), publishNode()]);
    world.send({ payload: jpeg(3) });
    await world.shows('waiting');
    await at.resume();
    await until('a picture', () => world.out.length === 1);
  });

  it('is sent again when the broker dies with it', async function () {
    const at = await broker(this);
    const laid = await cable(at);
    const world = await PublishWorld.load(red, [
      brokerNode({ host: at.host, port: laid.port }),
      publishNode(),
    ]);
    await isOnline(at);
    await world.shows('connected');
    world.send({ payload: jpeg(9, 400_000) });
    laid.cut();
    await world.shows('waiting');
    laid.mend();
    await until('a picture', () => world.out.length === 1);
    const kept = (await at.retained()).find(({ topic }) => topic === 'nigaoe/front-door/image');
    assert.deepEqual(kept?.payload, jpeg(9, 400_000));
  });

  it('fails with a reason when it is too large for the broker, and the next one arrives', async function () {
    const at = await broker(this, { lines: ['max_packet_size 20000'] });
    const world = await ready(at);
    const { code, message } = await world.fail({ payload: jpeg(1, 50_000) });
    assert.equal(code, 'unreachable');
    assert.match(message, /50000 bytes but it hung up 3 times/);
    world.caught.length = 0;
    await world.publish({ payload: jpeg(2) });
  });

  it('needs the login of the broker node', async function () {
    const login = { user: 'house', password: 'right-horse' };
    const at = await broker(this, { login });
    const node = brokerNode(at);
    const world = await PublishWorld.load(red, [node, publishNode()], { credentials: { broker: login } });
    await world.publish({ payload: jpeg() });
    assert.equal(textOf(await at.retained(), 'nigaoe/front-door/available'), 'online');
  });

  it('fails at once under a wrong login, which the status names and no log repeats', async function () {
    const at = await broker(this, { login: { user: 'house', password: 'right-horse' } });
    const wrong = { user: 'house', password: 'wrong-horse' };
    const world = await PublishWorld.load(red, [brokerNode(at), publishNode()], {
      credentials: { broker: wrong },
    });
    await world.shows('error.unauthorised');
    const error = await world.fail({ payload: jpeg() });
    assert.equal(error.code, 'unauthorised');
    assert.match(error.message, /Check user name and password/);
    assert.doesNotMatch(JSON.stringify([world.caught, world.statuses, red.logged()]), /horse/);
  });

  it('trusts the certificate that the TLS node names, and no other', async function () {
    const at = await broker(this, { tls: true });
    const tls = { id: 'tls', type: 'tls-config', name: '', cert: '', key: '', verifyservercert: true };
    const secure = brokerNode(at, { usetls: true, tls: 'tls' });
    const trusted = { ...tls, ca: at.certificateFile };
    const world = await PublishWorld.load(red, [trusted, secure, publishNode()]);
    await world.publish({ payload: jpeg() });
    await red.unload();
    const distrustful = await PublishWorld.load(red, [{ ...tls, ca: '' }, secure, publishNode()]);
    await distrustful.shows('error.unreachable');
    const { message } = await distrustful.fail({ payload: jpeg() });
    assert.match(message, /TLS failed: self.signed certificate.*TLS settings/);
  });

  it('works over MQTT 5', async function () {
    const at = await broker(this);
    const world = await PublishWorld.load(red, [brokerNode(at, { protocolVersion: '5' }), publishNode()]);
    await world.publish({ payload: jpeg() });
  });

  it('says that the node is offline when Node-RED stops in order', async function () {
    const at = await broker(this);
    const world = await ready(at);
    await world.publish({ payload: jpeg() });
    await red.unload();
    const kept = await at.retained();
    assert.equal(textOf(kept, 'nigaoe/front-door/available'), 'offline');
    assert.ok(textOf(kept, ON));
    assert.ok(textOf(kept, 'nigaoe/front-door/image'));
  });

  it('leaves nothing at the broker when its node is removed from the flow', async function () {
    const at = await broker(this);
    const world = await ready(at);
    await world.publish({ payload: jpeg(), drawn: DRAWN });
    await red.deploy(flowOf(brokerNode(at)));
    assert.deepEqual(await at.retained(), []);
  });

  it('takes its old entity along when its node is renamed', async function () {
    const at = await broker(this);
    const world = await ready(at);
    await world.publish({ payload: jpeg() });
    await red.deploy(flowOf(brokerNode(at), publishNode({ name: 'Garden' })));
    await until('only the garden', async () => {
      const topics = (await at.retained()).map(({ topic }) => topic).sort();
      return topics.join(' ') === 'homeassistant/image/nigaoe/garden/config nigaoe/garden/available';
    });
  });

  it('never lies below the discovery prefix', async function () {
    const at = await broker(this);
    const world = await PublishWorld.load(red, [
      brokerNode(at),
      publishNode({ base: 'homeassistant/image' }),
    ]);
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.equal(code, 'options');
    assert.match(message, /outside of Home Assistant's prefix/);
    assert.deepEqual(await at.retained(), []);
  });

  it('goes where the form would send it by itself when the flow tells only the broker', async function () {
    const at = await broker(this);
    const node = { id: 'publish', type: 'nigaoe-publish', z: 'tab', broker: 'broker', wires: [['out']] };
    const world = await PublishWorld.load(red, [brokerNode(at), node]);
    const { published } = await world.publish({ payload: jpeg() });
    assert.equal(published?.topic, 'nigaoe/picture-publish/image');
  });

  it('fails with a sentence where no broker is chosen', async () => {
    const world = await PublishWorld.load(red, [publishNode({ broker: '' })]);
    const { code, message } = await world.fail({ payload: jpeg() });
    assert.equal(code, 'options');
    assert.match(message, /Expected an MQTT broker.*choose a broker/);
  });

  for (const [what, payload, said] of [
    ['text', 'hello', /Expected a picture in msg.payload but /],
    ['nothing', undefined, /msg.payload but it is not there\. Choose the property that holds the picture/],
    ['empty', Buffer.alloc(0), /msg.payload but it is empty/],
    ['an object around it', { image: jpeg() }, /choose msg.payload.image in the settings/],
    ['a web page', Buffer.from('<html><title>Login</title>'), /received the web page "Login"/],
  ] as const)
    it(`is refused when it is ${what}`, async function () {
      const at = await broker(this);
      const world = await ready(at);
      const { code, message } = await world.fail({ payload });
      assert.equal(code, 'photo-unreadable');
      assert.match(message, said);
      assert.equal(textOf(await at.retained(), 'nigaoe/front-door/image'), undefined);
    });
});

/** The text of the message on a topic; undefined for none. */
const textOf = (heard: Heard[], topic: string): string | undefined =>
  heard.find((one) => one.topic === topic)?.payload.toString();
