// The node nigaoe-camera in a real Node-RED: messages, timer, Catch and Complete nodes, status, recorders, closing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { NodeAPI, NodeMessageInFlow, NodeStatus } from 'node-red';
import { pauseUntilNext } from '../../node-red-node/camera/beat.js';
import { repositoryRoot } from './built.js';
import { FakeCamera, type FakeCameraOptions, paintFrame } from './fixtures/fake-camera.js';
import { type FlowNode, type LoadOptions, NodeRedWorld, TAB, until } from './helper.js';

const CATCH = '@node-red/nodes/core/common/25-catch.js';
const COMPLETE = '@node-red/nodes/core/common/24-complete.js';
const HTTP_IN = '@node-red/nodes/core/network/21-httpin.js';

interface Sent extends NodeMessageInFlow {
  payload: Buffer;
  mediaType?: string;
  camera?: { name: string; at: string; bytes: number; hash: string };
  error?: { message: string; code?: string; source: { id: string } };
}

describe('the camera node', () => {
  const world = NodeRedWorld.inSuite();
  let camera: FakeCamera;
  let texts: NodeAPI['_'];

  before(async () => {
    texts = await realTexts();
  });

  afterEach(() => camera?.off());

  async function deploy(
    node: object,
    { beside = [], adjust, ...options }: LoadOptions & { beside?: FlowNode[] } = {},
  ) {
    const flow: FlowNode[] = [
      TAB,
      ...beside,
      { id: 'cam', type: 'nigaoe-camera', z: 'tab', retries: 0, wires: [['out']], ...node },
      { id: 'out', type: 'helper', z: 'tab' },
      { id: 'catcher', type: 'catch', z: 'tab', scope: ['cam'], wires: [['caught']] },
      { id: 'caught', type: 'helper', z: 'tab' },
      { id: 'completer', type: 'complete', z: 'tab', scope: ['cam'], wires: [['completed']] },
      { id: 'completed', type: 'helper', z: 'tab' },
    ];
    const speaking: LoadOptions['adjust'] = (RED) => {
      RED._ = texts;
      adjust?.(RED);
    };
    await world.load(['nigaoe-camera', CATCH, COMPLETE, HTTP_IN], flow, { ...options, adjust: speaking });
    return {
      sent: world.messagesAt('out') as Sent[],
      caught: world.messagesAt('caught') as Sent[],
      completed: world.messagesAt('completed') as Sent[],
      statuses: world.statusesOf('cam'),
      ask: (msg: object = {}) => world.node('cam').receive(msg as NodeMessageInFlow),
    };
  }

  const withFake = async (options: FakeCameraOptions = {}): Promise<FakeCamera> => {
    camera = await FakeCamera.open(options);
    return camera;
  };

  it('puts a snapshot on the message that asked for it', async () => {
    await withFake();
    const { sent, completed, statuses, ask } = await deploy({ url: camera.url(), name: 'Front door' });
    ask({ topic: 'kept', payload: 'go' });
    await until('a picture', () => sent.length === 1 && completed.length === 1);
    const [msg] = sent;
    assert.deepEqual(msg.payload, camera.frames[0]);
    assert.deepEqual([msg.topic, msg.mediaType, msg.camera?.name], ['kept', 'image/jpeg', 'Front door']);
    assert.equal(msg.camera?.bytes, msg.payload.length);
    assert.ok(Math.abs(Date.parse(msg.camera?.at ?? '') - Date.now()) < 60_000);
    const looks = shown(statuses).map(({ fill, shape }) => `${fill} ${shape}`);
    assert.deepEqual(looks, ['blue dot', 'green dot']);
    assert.match(shown(statuses)[1].text ?? '', /^\d\d:\d\d:\d\d · \d+ kB$/);
  });

  it('sends errors with their code to Catch nodes and ends the message with them', async () => {
    await withFake({ auth: { scheme: 'digest', user: 'me', password: 'tiger-secret' } });
    const credentials = { cam: { user: 'me', password: 'wrong-secret' } };
    const { sent, caught, completed, statuses, ask } = await deploy(
      { url: camera.url('/x?pwd=hush-secret') },
      { credentials },
    );
    ask({ topic: 'mine' });
    await until('an error', () => caught.length === 1);
    const [{ error, topic }] = caught;
    assert.equal(error?.code, 'unauthorised');
    assert.equal(topic, 'mine');
    assert.match(
      error?.message ?? '',
      /^Expected a picture from http:.*it refuses user or password \(401\)\. Check both/,
    );
    assert.deepEqual(statuses.at(-1), { fill: 'red', shape: 'ring', text: 'login refused' });
    assert.deepEqual([sent.length, completed.length], [0, 0]);
    const everything = JSON.stringify([caught, world.logged().map(({ msg }) => String(msg))]);
    assert.ok(!/secret/.test(everything), everything);
  });

  it('gives Catch nodes what they may pass on: no class of its own, no cause', async () => {
    camera = await FakeCamera.openOff();
    const { caught, ask } = await deploy({ url: camera.url() });
    ask();
    await until('an error', () => caught.length === 1);
    const { message, code, ...more } = caught[0].error as object as Record<string, unknown>;
    assert.equal(code, 'unreachable');
    assert.match(String(message), /nothing answers there\. Check address and port/);
    assert.deepEqual(Object.keys(more).sort(), ['source', 'stack']);
    assert.doesNotMatch(String(more.stack), /CameraError/);
  });

  it('shows nothing of the time before a deploy', async () => {
    await withFake();
    const last = new Map<string, NodeStatus>();
    const adjust: LoadOptions['adjust'] = (RED) =>
      RED.events.on('node-status', ({ id, status }: { id: string; status: NodeStatus }) =>
        last.set(id, status),
      );
    const { ask } = await deploy({ url: camera.url('/hangs.jpg'), timeout: 60 }, { adjust });
    ask();
    await until('a fetch', () => last.get('cam')?.text === 'fetching');
    await world.deploy([TAB, { id: 'cam', type: 'nigaoe-camera', z: 'tab', url: camera.url(), wires: [] }]);
    assert.deepEqual(last.get('cam'), {});
  });

  it('takes a login in its address, and says where it belongs', async () => {
    await withFake({ auth: { scheme: 'digest', user: 'me', password: 'tiger-secret' } });
    const url = camera.url().replace('//', '//me:tiger-secret@');
    const { sent, ask } = await deploy({ url });
    ask();
    await until('a picture', () => sent.length === 1);
    const warnings = world.logged().filter(({ id, level }) => id === 'cam' && level === 30);
    assert.equal(warnings.length, 1);
    assert.match(String(warnings[0].msg), /address holds a user or password.*open the node/i);
    assert.doesNotMatch(JSON.stringify([sent, warnings.map(({ msg }) => String(msg))]), /tiger-secret/);
  });

  it('has its password from the credentials, and answers all messages of a burst with one fetch', async () => {
    await withFake({
      auth: { scheme: 'digest', algorithm: 'SHA-256', user: 'me', password: 'tiger-secret' },
    });
    const credentials = { cam: { user: 'me', password: 'tiger-secret' } };
    const { sent, completed, ask } = await deploy(
      { url: camera.url('/slow.jpg?ms=200'), skipSame: false },
      { credentials },
    );
    for (let count = 0; count < 200; count++) ask({ payload: count });
    await until('all answers', () => completed.length === 200);
    assert.equal(sent.length, 200);
    assert.equal(camera.asked.length, 2);
    assert.notEqual(sent[0].payload, sent[1].payload);
  });

  it('shows which try runs', async () => {
    await withFake();
    const { sent, statuses, ask } = await deploy({ url: camera.url('/flaky.jpg?fail=1'), retries: 2 });
    ask();
    await until('a picture', () => sent.length === 1);
    assert.deepEqual(shown(statuses)[1], { fill: 'yellow', shape: 'ring', text: 'try 2 of 3' });
  });

  it('takes its address from an environment variable', async () => {
    await withFake();
    process.env.NIGAOE_TEST_CAMERA = camera.url('/still.jpg');
    const { sent, ask } = await deploy({ url: 'NIGAOE_TEST_CAMERA', urlType: 'env' });
    ask();
    await until('a picture', () => sent.length === 1);
    delete process.env.NIGAOE_TEST_CAMERA;
  });

  it('takes an address from a message only when it may', async () => {
    await withFake();
    const { sent, caught, ask } = await deploy({
      url: camera.url('/still.jpg'),
      allowUrl: true,
      skipSame: false,
    });
    ask({ url: camera.url('/mjpeg') });
    await until('a picture', () => sent.length === 1);
    ask({ url: 'http://169.254.169.254/latest' });
    await until('an error', () => caught.length === 1);
    assert.equal(caught[0].error?.code, 'forbidden');
  });

  it('passes a picture over that is the same as the last one', async () => {
    await withFake();
    const { sent, completed, statuses, ask } = await deploy({ url: camera.url('/still.jpg') });
    ask();
    await until('the first', () => completed.length === 1);
    ask();
    await until('the second', () => completed.length === 2);
    assert.equal(sent.length, 1);
    assert.deepEqual(statuses.at(-1), { fill: 'grey', shape: 'dot', text: 'no change' });
    // Somebody waits for this one.
    ask({ res: {} });
    await until('the third', () => completed.length === 3);
    assert.equal(sent.length, 2);
  });

  it('passes pictures over in which nothing moved', async () => {
    const quiet = paintFrame(1);
    const noisy = Buffer.concat([quiet.subarray(0, -2), Buffer.from([0xff, 0xd9, 0])]);
    await withFake({ frames: [quiet, noisy, paintFrame(5)] });
    const { sent, completed, statuses, ask } = await deploy({
      url: camera.url(),
      skipStill: true,
      motion: 1,
    });
    for (let count = 1; count <= 3; count++) {
      ask();
      await until(`picture ${count}`, () => completed.length === count);
      if (count === 2) assert.deepEqual(statuses.at(-1), { fill: 'grey', shape: 'dot', text: 'no motion' });
    }
    assert.deepEqual(
      sent.map(({ payload }) => payload),
      [quiet, camera.frames[2]],
    );
  });

  it('says once that it sees motion in JPEGs only', async () => {
    const png = (last: number): Buffer =>
      Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n0000IEND', 'latin1'), Buffer.from([last])]);
    await withFake({ frames: [png(1), png(2), png(3)] });
    const { sent, completed, ask } = await deploy({ url: camera.url(), skipStill: true });
    for (let count = 1; count <= 3; count++) {
      ask();
      await until(`picture ${count}`, () => completed.length === count);
    }
    assert.equal(sent.length, 3);
    const warnings = world.logged().filter(({ id, level }) => id === 'cam' && level === 30);
    assert.deepEqual(
      warnings.map(({ msg }) => /JPEG pictures only.*image\/png/.test(String(msg))),
      [true],
    );
  });

  it('beats by itself and leaves out what a slow camera misses', async () => {
    await withFake();
    const { sent } = await deploy({
      url: camera.url('/slow.jpg?ms=250'),
      trigger: 'interval',
      interval: 0.1,
    });
    let most = 0;
    await until('three pictures', async () => {
      most = Math.max(most, await camera.connections());
      return sent.length >= 3;
    });
    assert.ok(most <= 1, `${most} at a time`);
    assert.ok(sent.every(({ _msgid, mediaType }) => _msgid !== undefined && mediaType === 'image/jpeg'));
  });

  it('reports a camera that is off at the start to Catch nodes, and finds it once it is on', async () => {
    camera = await FakeCamera.openOff();
    const { sent, caught } = await deploy({ url: camera.url(), trigger: 'interval', interval: 0.1 });
    await until('an error', () => caught.length === 2);
    assert.equal(caught[0].error?.code, 'unreachable');
    assert.equal(caught[0].error?.source.id, 'cam');
    await camera.on();
    await until('pictures', () => sent.length >= 2);
  });

  it('ends what runs when it is removed', async () => {
    await withFake();
    const { sent, caught, ask } = await deploy({
      url: camera.url('/hangs.jpg'),
      timeout: 60,
      trigger: 'interval',
      interval: 1,
    });
    ask();
    await until('a request', () => camera.asked.length > 0);
    await world.unload();
    await until('no connections', async () => (await camera.connections()) === 0);
    assert.deepEqual([sent.length, caught.length], [0, 0]);
  });

  it('refuses messages with the reason while its settings are wrong', async () => {
    const { caught, statuses, ask } = await deploy({ kind: 'http', timeout: 'soon' });
    ask();
    await until('an error', () => caught.length === 1);
    assert.equal(caught[0].error?.code, 'options');
    assert.match(
      caught[0].error?.message ?? '',
      /from 0\.1 to 300 for the time limit but received "soon"\. Correct/,
    );
    assert.ok(shown(statuses).every(({ fill }) => fill === 'red'));
  });

  for (const upload of [false, true])
    it(`takes the picture out of what a recorder posts to http in${upload ? ' with uploads' : ''}`, async () => {
      let app: RequestListener | undefined;
      const beside = [
        {
          id: 'in',
          type: 'http in',
          z: 'tab',
          url: '/nvr',
          method: 'post',
          upload,
          wires: [['cam', 'answer']],
        },
        { id: 'answer', type: 'http response', z: 'tab', wires: [] },
      ];
      const adjust: LoadOptions['adjust'] = (RED) => {
        app = RED.httpNode as unknown as RequestListener;
      };
      const { sent, caught } = await deploy({ kind: 'multipart' }, { beside, adjust });
      const server = createServer((request, response) => app?.(request, response)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const form = new FormData();
      form.append('event', new Blob(['{"type":"motion"}'], { type: 'application/json' }), 'event.json');
      form.append('picture', new Blob([new Uint8Array(paintFrame(3))], { type: 'image/jpeg' }), 'a.jpg');
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nvr`;
      const answer = await fetch(address, { method: 'POST', body: form });
      await until('a picture', () => sent.length + caught.length === 1);
      server.closeAllConnections();
      server.close();
      assert.equal(answer.status, 200);
      assert.deepEqual(sent[0]?.payload, paintFrame(3));
    });
});

describe('the beat of a camera', () => {
  const beaten = { everyMs: 1000, startedAt: 0, now: 300, failures: 0, failure: undefined };

  it('keeps its time, and leaves out beats that passed meanwhile', () => {
    assert.equal(pauseUntilNext(beaten), 700);
    assert.equal(pauseUntilNext({ ...beaten, now: 3300 }), 700);
  });

  it('slows down while the camera fails, up to five minutes', () => {
    const pauseAfter = (failures: number) => pauseUntilNext({ ...beaten, failures, failure: 'unreachable' });
    assert.ok(pauseAfter(1) >= 1000 && pauseAfter(1) <= 2000);
    assert.ok(pauseAfter(5) >= 16_000 && pauseAfter(5) <= 32_000);
    assert.ok(pauseAfter(50) >= 150_000 && pauseAfter(50) <= 300_000);
  });

  it('waits a minute after a wrong password, so that nobody is locked out', () => {
    assert.ok(pauseUntilNext({ ...beaten, failures: 1, failure: 'unauthorised' }) >= 60_000);
  });

  it('is never faster than it is set', () => {
    for (const failures of [1, 9])
      assert.ok(pauseUntilNext({ ...beaten, everyMs: 3_600_000, failures, failure: 'busy' }) >= 3_600_000);
  });
});

/** Without the empty one at the start. */
const shown = (statuses: readonly NodeStatus[]): NodeStatus[] => statuses.filter(({ text }) => text);

/** Node-RED's own `RED._` over the camera's texts, which the test helper leaves out. */
async function realTexts(): Promise<NodeAPI['_']> {
  const require = createRequire(import.meta.url);
  const { i18n } = require('@node-red/util') as { i18n: Texts };
  i18n.init({ lang: 'en-US' });
  const folder = `${repositoryRoot()}/node-red-node/nodes/locales`;
  await i18n.registerMessageCatalog('nigaoe-camera', folder, 'nigaoe-camera.json');
  return (key: string, values?: object) => i18n._(`nigaoe-camera:${key}`, { ...values, lng: 'en-US' });
}

/** What the test uses of it. */
interface Texts {
  init(settings: object): void;
  registerMessageCatalog(namespace: string, folder: string, file: string): Promise<void>;
  _(key: string, values: object): string;
}
