// The node nigaoe-stylize in Node-RED, before an engine that the test directs.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { setTimeout as delay, setImmediate as tick } from 'node:timers/promises';
import { NigaoeError } from '../../shared/errors.js';
import { NodeRedWorld, until } from './helper.js';
import { foreign, jpeg, noFace, openFlow, ScriptedEngine } from './stylize-world.js';

const require = createRequire(import.meta.url);
const { events } = require('@node-red/util') as { events: NodeJS.EventEmitter };

describe('nigaoe-stylize in Node-RED', () => {
  const red = NodeRedWorld.inSuite();
  let engine: ScriptedEngine;
  beforeEach(() => {
    engine = new ScriptedEngine();
  });
  const open = (settings?: object) => openFlow(red, engine, settings);

  describe('a picture', () => {
    it('is drawn and sent on in the same message, with word of how', async () => {
      const { send, out, completed } = await open();
      send({ payload: jpeg(1), topic: 'front' });
      const asked = await engine.next();
      assert.deepEqual(Buffer.from(asked.photo), jpeg(1));
      asked.finish();
      await until('the message', () => out.length === 1 && completed.length === 1);
      const [{ payload, mediaType, drawn, topic }] = out;
      assert.ok(Buffer.isBuffer(payload));
      assert.deepEqual([...payload], [0, 0, 0, 0]);
      assert.equal(mediaType, 'image/png');
      assert.equal(topic, 'front');
      assert.deepEqual(drawn, {
        style: 'ink',
        model: 'ink',
        scope: 'portrait',
        device: 'cpu',
        faces: [{ x: 0, y: 0, width: 1, height: 1, score: 1 }],
        width: 4,
        height: 2,
        format: 'png',
        timings: { generate: 5 },
        notices: [],
      });
    });

    it('may be base64 in another property', async () => {
      const { send, out } = await open({ property: 'camera.image' });
      send({ payload: 'stays', camera: { image: jpeg(7).toString('base64'), name: 'front' } });
      const asked = await engine.next();
      assert.deepEqual(Buffer.from(asked.photo), jpeg(7));
      asked.finish();
      await until('the message', () => out.length === 1);
      const { image, name } = (out[0] as unknown as { camera: Record<string, unknown> }).camera;
      assert.equal(out[0].payload, 'stays');
      assert.equal(name, 'front');
      assert.deepEqual(image, Buffer.alloc(4));
    });

    it('may be an element of an array, whose others stay', async () => {
      for (const pictures of ['first', 'each']) {
        const { send, out } = await open({ property: 'payload[0]', pictures });
        send({ payload: [jpeg(1), 'second', 'third'] });
        (await engine.next()).finish(2);
        await until('the message', () => out.length === (pictures === 'each' ? 2 : 1));
        for (const [index, { payload }] of out.entries())
          assert.deepEqual(payload as unknown, [Buffer.alloc(4, index), 'second', 'third']);
        await red.unload();
      }
    });

    it('is drawn with the options of the form and of the message, which stay on it', async () => {
      const options = {
        strength: { type: 'num', value: '0.5' },
        scope: { type: 'msg', value: 'wanted.scope' },
        style: { type: 'msg', value: 'no.such.thing' },
        quality: { type: 'env', value: 'NIGAOE_TEST_NO_SUCH_VARIABLE' },
      };
      const { send, out } = await open({ options });
      send({ payload: jpeg(), wanted: { scope: 'faces' }, nigaoe: { strength: 0.25, format: 'webp' } });
      const asked = await engine.next();
      assert.deepEqual(asked.call.options, { strength: 0.25, scope: 'faces', format: 'webp' });
      asked.finish();
      await until('the message', () => out.length === 1);
      assert.deepEqual(out[0].nigaoe, { strength: 0.25, format: 'webp' });
    });

    it('has its name in the sentences of errors', async () => {
      const { send } = await open();
      send({ payload: jpeg(), filename: '/shots/front door.jpg' });
      const { call, finish } = await engine.next();
      finish();
      assert.equal(call.name, 'front door.jpg');
    });

    it('without faces goes to the second output, with the photo and without an error', async () => {
      const { send, out, undrawn, caught, completed, statuses } = await open();
      send({ payload: jpeg(3).toString('base64'), drawn: 'of another node' });
      (await engine.next()).fail(noFace());
      await until('the message', () => undrawn.length === 1 && completed.length === 1);
      assert.deepEqual(undrawn[0].payload, jpeg(3));
      assert.equal(undrawn[0].mediaType, 'image/jpeg');
      assert.equal(undrawn[0].drawn, undefined);
      assert.deepEqual([out.length, caught.length], [0, 0]);
      assert.match(statuses.at(-1)?.text ?? '', /noFace/);
    });
  });

  describe('a photo with several faces', () => {
    it('gives one message with the first picture', async () => {
      const { send, out } = await open();
      send({ payload: jpeg() });
      (await engine.next()).finish(3);
      await until('the message', () => out.length === 1);
      assert.deepEqual(out[0].payload, Buffer.alloc(4, 0));
      assert.equal(out[0].parts, undefined);
    });

    it('gives a message for each where that is wanted, in a sequence that a join node understands', async () => {
      const { send, out, completed } = await open({ pictures: 'each' });
      send({ payload: jpeg(), topic: 'front', parts: { id: 'before', index: 1, count: 2 } });
      (await engine.next()).finish(3);
      await until('the messages', () => out.length === 3 && completed.length === 1);
      for (const [index, { payload, topic, parts }] of out.entries()) {
        const outer = { id: 'before', index: 1, count: 2 };
        assert.deepEqual(payload, Buffer.alloc(4, index));
        assert.equal(topic, 'front');
        assert.deepEqual(parts, { id: parts?.id, index, count: 3, type: 'array', len: 1, parts: outer });
      }
    });
  });

  describe('an error', () => {
    it('reaches Catch nodes with its code and what to do', async () => {
      const { send, caught, out, statuses } = await open();
      send({ payload: '\ufffd\ufffd\ufffd\ufffd\u0000\u0010JFIF' });
      await until('the error', () => caught.length === 1);
      const { code, message, source } = caught[0].error;
      assert.equal(code, 'photo-unreadable');
      assert.match(message, /msg\.payload.*read as text.*set Output to "a Buffer"/);
      assert.equal(source.id, 's');
      assert.equal(out.length, 0);
      assert.deepEqual([statuses.at(-1)?.fill, statuses.at(-1)?.shape], ['red', 'ring']);
    });

    it('of the bridge keeps its code and hint, though it comes from another file', async () => {
      const { send, caught } = await open();
      send({ payload: jpeg() });
      const failure = new NigaoeError('model-missing', 'Expected x to be there', { hint: 'Pull it.' });
      (await engine.next()).fail(foreign(failure));
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'model-missing');
      assert.equal(caught[0].error.message, 'Expected x to be there. Pull it.');
      // It may hold what is nobody's business.
      assert.equal(caught[0].error.cause, undefined);
    });

    it('is told for an option of the message that nobody knows', async () => {
      const { send, caught } = await open();
      send({ payload: jpeg(), nigaoe: { strenght: 1 } });
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'options');
      assert.match(caught[0].error.message, /msg\.nigaoe.*"strenght".*strength/);
    });

    it('is told where no engine is chosen', async () => {
      const { send, caught, statuses } = await open({ engine: '' });
      send({ payload: jpeg() });
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'options');
      assert.match(caught[0].error.message, /engine/);
      assert.equal(statuses.at(-1)?.fill, 'red');
    });

    it('of an engine that ends in mid-job fails that message alone', async () => {
      const { send, caught, out } = await open();
      send({ payload: jpeg(1) });
      send({ payload: jpeg(2) });
      (await engine.next()).fail(
        foreign(new NigaoeError('unreachable', 'Expected the bridge but it is gone')),
      );
      (await engine.next()).finish();
      await until('the messages', () => caught.length === 1 && out.length === 1);
      assert.equal(caught[0].error.code, 'unreachable');
      assert.deepEqual(caught[0].payload, jpeg(1));
    });

    it('of an engine that is down is told for each message until it is back', async () => {
      const { send, caught, out } = await open();
      engine.down = foreign(new NigaoeError('unreachable', 'Expected the bridge but nothing answered'));
      send({ payload: jpeg() });
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'unreachable');
      engine.down = undefined;
      send({ payload: jpeg() });
      (await engine.next()).finish();
      await until('the message', () => out.length === 1);
    });

    it('that nobody expected is an error too, and ends nothing', async () => {
      const { send, caught, out } = await open();
      send({ payload: jpeg() });
      (await engine.next()).fail(new TypeError('x is not a function'));
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'internal');
      send({ payload: jpeg() });
      (await engine.next()).finish();
      await until('the message', () => out.length === 1);
    });
  });

  describe('with 200 frames at ten times the speed of the engine', () => {
    it('draws the newest each time and never holds more than two', async () => {
      const { send, out, completed, caught } = await open({ policy: 'newest' });
      const drawn: number[] = [];
      let most = 0;
      for (let frame = 0; frame < 200; frame++) {
        send({ payload: jpeg(frame) });
        while (frame + 1 - completed.length > 2) await tick();
        most = Math.max(most, frame + 1 - completed.length);
        if (frame % 10 === 9) await finishOne();
      }
      await finishOne();
      await until('the end', () => completed.length === 200);
      const tens = Array.from({ length: 20 }, (_, ten) => ten * 10 + 9);
      assert.deepEqual(drawn, [0, ...tens]);
      assert.deepEqual([most, engine.mostAtOnce, out.length, caught.length], [2, 1, 21, 0]);

      async function finishOne(): Promise<void> {
        const asked = await engine.next();
        drawn.push(asked.photo[4]);
        const before = out.length;
        asked.finish();
        while (out.length === before) await tick();
        await delay(1);
      }
    });

    it('refuses what finds no room in the queue, with code busy', async () => {
      const { send, out, caught, completed } = await open({ policy: 'queue', most: 3 });
      for (let frame = 0; frame < 200; frame++) send({ payload: jpeg(frame) });
      await until('the errors', () => caught.length === 196);
      assert.ok(caught.every(({ error }) => error.code === 'busy'));
      void engine.drawAll();
      await until('the others', () => out.length === 4 && completed.length === 4);
      assert.equal(engine.mostAtOnce, 1);
    });

    it('drops all that come meanwhile where that is wanted, without an error', async () => {
      const { send, out, caught, completed, statuses } = await open({ policy: 'drop' });
      for (let frame = 0; frame < 200; frame++) send({ payload: jpeg(frame) });
      await until('all but one to be dropped', () => completed.length === 199);
      (await engine.next()).finish();
      await until('the last', () => completed.length === 200);
      assert.deepEqual([out.length, caught.length], [1, 0]);
      assert.match(statuses.at(-1)?.text ?? '', /doneSkipped/);
    });
  });

  describe('a drawing that is called off', () => {
    it('by msg.cancel makes room for the next in line', async () => {
      const { send, out, caught, completed } = await open();
      send({ payload: jpeg(1) });
      send({ payload: jpeg(2) });
      const first = await engine.next();
      send({ cancel: true });
      const second = await engine.next();
      assert.equal(first.call.signal?.aborted, true);
      assert.equal(second.photo[4], 2);
      second.finish();
      await until('the end', () => completed.length === 3);
      assert.deepEqual([out.length, caught.length], [1, 0]);
    });

    it('by msg.reset takes all that wait with it, and the node goes on', async () => {
      const { send, out, caught, completed } = await open();
      for (const mark of [1, 2, 3]) send({ payload: jpeg(mark) });
      const first = await engine.next();
      send({ reset: true });
      await until('the end', () => completed.length === 4);
      assert.equal(first.call.signal?.aborted, true);
      send({ payload: jpeg(4) });
      const next = await engine.next();
      assert.equal(next.photo[4], 4);
      next.finish();
      await until('the message', () => out.length === 1);
      assert.equal(caught.length, 0);
    });

    it('while the engine is asked for its options is given up at once', async () => {
      engine.table = new Promise(() => {});
      const { send, completed, caught } = await open();
      send({ payload: jpeg(1) });
      await delay(20);
      send({ cancel: true });
      await until('the end', () => completed.length === 2);
      send({ payload: jpeg(2) });
      await delay(20);
      await red.unload();
      assert.deepEqual([engine.looks.at(-1)?.text?.split('.').at(-1), caught.length], ['cancelled', 0]);
    });

    it('by a deploy is stopped too', async () => {
      const { send } = await open();
      send({ payload: jpeg() });
      const { call } = await engine.next();
      await red.unload();
      assert.equal(call.signal?.aborted, true);
      assert.equal(engine.listeners, 0);
    });

    it('by the bridge is an error: nobody here has asked for that', async () => {
      const { send, caught } = await open();
      send({ payload: jpeg() });
      (await engine.next()).fail(foreign(new NigaoeError('cancelled', 'The job was cancelled')));
      await until('the error', () => caught.length === 1);
      assert.equal(caught[0].error.code, 'cancelled');
    });
  });

  describe('the preview', () => {
    interface Published {
      topic: string;
      data: { image?: string };
      retain: boolean;
    }
    let published: Published[];
    const listen = (event: Published) =>
      void (event.topic.startsWith('nigaoe-stylize/') && published.push(event));
    beforeEach(() => {
      published = [];
      events.on('comms', listen);
    });
    afterEach(() => void events.off('comms', listen));

    it('gives editors a small JPEG of the drawing, which those that open later get too', async () => {
      const { send } = await open({ preview: true });
      send({ payload: jpeg() });
      (await engine.next()).finish();
      await until('the preview', () => published.length === 1);
      const image = Buffer.from([0xff, 0xd8, 0xff, 1]).toString('base64');
      assert.deepEqual(published[0], { topic: 'nigaoe-stylize/preview/s', data: { image }, retain: true });
      assert.deepEqual(engine.thumbnails, ['job1']);
    });

    it('shows the newest of many and leaves out others', async () => {
      const { send, out } = await open({ preview: true, most: 20 });
      void engine.drawAll();
      for (let frame = 0; frame < 20; frame++) send({ payload: jpeg() });
      await until('the newest', () => out.length === 20 && engine.thumbnails.at(-1) === 'job20');
      assert.ok(engine.thumbnails.length < 20);
    });

    it('is taken away where it is switched off', async () => {
      const { send, out } = await open({ preview: false });
      send({ payload: jpeg() });
      (await engine.next()).finish();
      await until('the message', () => out.length === 1);
      assert.deepEqual(
        published.map(({ data, retain }) => ({ data, retain })),
        [{ data: {}, retain: false }],
      );
      assert.deepEqual(engine.thumbnails, []);
    });
  });
});
