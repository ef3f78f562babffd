// The node nigaoe-stylize with a real bridge: a photo in, a drawing out, and bridges that refuse or end.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import type { Node, NodeAPI } from 'node-red';
import sharp from 'sharp';
import { openClient } from '../../shared/bridge/client.js';
import { openBridge } from '../../shared/bridge/server.js';
import { BridgeWorld } from '../bridge/world.js';
import { drawnPhoto } from '../isolated/photo.js';
import { NodeRedWorld, until } from './helper.js';
import { openFlow } from './stylize-world.js';

const require = createRequire(import.meta.url);
const { events } = require('@node-red/util') as { events: NodeJS.EventEmitter };

const PHOTO = { options: { scope: { type: 'str', value: 'photo' } } };
/** Drawn in seconds: long enough to be met. */
const LARGE = { width: 3000, height: 2000 };

describe('nigaoe-stylize with a bridge', () => {
  const red = NodeRedWorld.inSuite();
  const world = new BridgeWorld();
  beforeEach(() => world.open());
  afterEach(() => world.close());

  /** The client of the bridge as the engine node gives it. */
  const engine = {
    register(RED: NodeAPI): void {
      const client = () => openClient({ url: world.origin, token: world.token, retries: 1, backOffMs: 1 });
      RED.nodes.registerType('nigaoe-engine', function (this: Node, def) {
        RED.nodes.createNode(this, def);
        const news = { state: 'ready' };
        const lists = { options: () => client().options(), styles: () => client().styles() };
        Object.assign(this, {
          engine: { client: async () => client(), news, onNews: () => () => {} },
          lists,
        });
      });
    },
  };

  it('draws a photo', async () => {
    const { send, out, caught } = await openFlow(red, engine, PHOTO);
    send({ payload: Buffer.from(await drawnPhoto()), nigaoe: { format: 'png' } });
    await until('the drawing', () => out.length + caught.length === 1);
    assert.deepEqual(
      caught.map(({ error }) => error.message),
      [],
    );
    const { width, height, format } = await sharp(out[0].payload).metadata();
    assert.deepEqual({ width, height, format }, { width: 96, height: 64, format: 'png' });
    assert.equal(out[0].mediaType, 'image/png');
    assert.equal(out[0].drawn.model, 'ink');
  });

  it('gives editors a preview of at most 200 px', async () => {
    const previews: Buffer[] = [];
    const listen = ({ topic, data }: { topic: string; data: { image: string } }) =>
      topic === 'nigaoe-stylize/preview/s' && previews.push(Buffer.from(data.image, 'base64'));
    events.on('comms', listen);
    const { send } = await openFlow(red, engine, { ...PHOTO, preview: true });
    send({ payload: Buffer.from(await drawnPhoto({ width: 600, height: 300 })) });
    await until('the preview', () => previews.length === 1);
    events.off('comms', listen);
    const { width, height, format } = await sharp(previews[0]).metadata();
    assert.deepEqual({ width, height, format }, { width: 200, height: 100, format: 'jpeg' });
  });

  it('sends a photo without faces to the second output', async () => {
    const { send, undrawn, caught, out } = await openFlow(red, engine);
    const photo = Buffer.from(await drawnPhoto());
    send({ payload: photo, nigaoe: { scope: 'faces' } });
    await until('the photo', () => undrawn.length + caught.length + out.length === 1);
    assert.deepEqual(undrawn[0]?.payload, photo);
  });

  it('tells what is wrong with a file that is no whole picture', async () => {
    const { send, caught } = await openFlow(red, engine, PHOTO);
    send({ payload: Buffer.from(await drawnPhoto()).subarray(0, 300), filename: 'half.jpg' });
    await until('the error', () => caught.length === 1);
    assert.equal(caught[0].error.code, 'photo-unreadable');
    assert.match(caught[0].error.message, /half\.jpg/);
  });

  it('fails one message when the bridge ends in mid-job, and draws the next when it is back', async () => {
    const { send, caught, out, statuses } = await openFlow(red, engine, PHOTO);
    send({ payload: Buffer.from(await drawnPhoto(LARGE)) });
    await until('the drawing to run', () => statuses.some(({ fill }) => fill === 'blue'));
    const { port } = world.bridge;
    await world.bridge.close();
    await until('the error', () => caught.length === 1);
    assert.ok(['unreachable', 'cancelled'].includes(caught[0].error.code ?? ''), caught[0].error.code);
    const { home } = world;
    world.bridge = await openBridge({
      port,
      devices: async () => [],
      stylizer: { store: { home, offline: true } },
    });
    send({ payload: Buffer.from(await drawnPhoto()) });
    await until('the drawing', () => out.length === 1);
  });

  it('stops the job of the bridge when the flow is stopped', async () => {
    const { send, statuses } = await openFlow(red, engine, PHOTO);
    send({ payload: Buffer.from(await drawnPhoto(LARGE)) });
    await until('the drawing to run', () => statuses.some(({ fill }) => fill === 'blue'));
    await red.unload();
    const metrics = (await world.call('/metrics')).text;
    assert.match(metrics, /nigaoe_jobs_ended_total\{end="cancelled"\} 1/);
  });
});
