// The whole way in a real Node-RED with the packed packages: a camera's snapshot arrives, drawn, at a real broker, whatever fails.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { isAlive, untilGone } from '../isolated/photo.js';
import { House, PLACES, placeIn, residentBytes } from './end-to-end-world.js';
import { describeOnEach } from './fixtures/editions.js';
import { NODES } from './fixtures/packages.js';
import { until } from './helper.js';

const MEGABYTE = 1_000_000;

describe('camera -> stylize -> publish', () => {
  describeOnEach((edition) => {
    let house: House;

    before(async function () {
      this.timeout(120_000);
      if (process.platform !== 'linux') {
        console.error('    skipped: who started which process is read from /proc');
        this.skip();
      }
      house = await House.open(this, edition);
    });
    after(() => house?.close());
    afterEach(function () {
      if (this.currentTest?.state === 'failed') console.error(house.red.said);
      assert.doesNotMatch(house.red.said, /Uncaught Exception|Unhandled|\(node:\d+\)/i);
    });

    it('loads all four nodes from the packed package', async () => {
      const sets = await house.red.nodeSets(NODES);
      assert.deepEqual(
        sets.map(({ types, enabled, local, err }) => ({ types, enabled, local, err })),
        ['engine', 'camera', 'stylize', 'publish'].map((name) => ({
          types: [`nigaoe-${name}`],
          enabled: true,
          local: true,
          err: undefined,
        })),
      );
      assert.doesNotMatch(house.red.said, /missing types|\[error\]/i);
    });

    it('brings a snapshot from behind a digest login to the broker, drawn', async () => {
      const picture = await house.nextPicture(() => house.shoot('shot'));
      const { format, width, height } = await sharp(picture).metadata();
      assert.deepEqual([format, width, height], ['jpeg', 320, 240]);
      assert.ok(!picture.equals(house.camera.frames[0]));
      const again = await house.nextPicture(() => house.shoot('shot'));
      assert.deepEqual([await placeIn(picture), await placeIn(again)], [0, 1]);
      assert.match(String(house.camera.asked.at(-1)?.authorization), /^Digest .*algorithm="?SHA-256/);
    });

    it('shows it to Home Assistant: retained discovery, availability and attributes', async () => {
      const kept = new Map((await house.broker.retained()).map(({ topic, payload }) => [topic, payload]));
      const [config, attributes] = [
        'homeassistant/image/nigaoe/front-door/config',
        'nigaoe/front-door/attributes',
      ].map((topic) => JSON.parse(String(kept.get(topic))));
      assert.equal(config.default_entity_id, 'image.front_door');
      assert.equal(config.image_topic, 'nigaoe/front-door/image');
      assert.equal(config.content_type, 'image/jpeg');
      assert.equal(String(kept.get(config.availability[0].topic)), 'online');
      assert.equal(config.json_attributes_topic, 'nigaoe/front-door/attributes');
      const { style, camera, width, height } = attributes;
      assert.deepEqual(
        { style, camera, width, height },
        { style: 'ink', camera: 'shot', width: 320, height: 240 },
      );
      assert.ok(kept.get(config.image_topic)?.equals(house.pictures().at(-1) as Buffer));
    });

    it('tells Catch nodes the code when a camera refuses or is off, and goes on', async () => {
      const refused = await house.nextCaught(() => house.shoot('locked'));
      assert.deepEqual([refused.source.id, refused.code], ['locked', 'unauthorised']);
      const off = await house.nextCaught(() => house.shoot('off'));
      assert.deepEqual([off.source.id, off.code], ['off', 'unreachable']);
      assert.ok(!JSON.stringify([refused, off, house.red.said]).includes('wrong'));
      await house.nextPicture(() => house.shoot('shot'));
    });

    it('tells Catch nodes the code when the engine dies over a picture, and draws the next', async () => {
      const [engine] = house.red.offspring();
      const before = house.statuses().length;
      const caught = await house.nextCaught(async () => {
        await house.shoot('large');
        await until('drawing', () =>
          house
            .statuses()
            .slice(before)
            .some(({ fill }) => fill === 'blue'),
        );
        process.kill(engine, 'SIGKILL');
      });
      assert.deepEqual([caught.source.id, caught.code], ['draw', 'unreachable']);
      await house.nextPicture(() => house.shoot('shot'));
      assert.ok(!house.red.offspring().includes(engine));
    });

    it('publishes the newest picture when a broker that went away is back', async () => {
      await house.broker.stop();
      const before = house.completed();
      await house.shoot('shot');
      await until('a drawing', () => house.completed() > before);
      await house.shoot('shot');
      await until('the next drawing', () => house.completed() > before + 1);
      const place = (house.camera.asked.filter(({ status }) => status === 200).length - 1) % 4;
      const late = await house.nextPicture(() => house.broker.resume());
      assert.equal(await placeIn(late), place);
      await house.nextPicture(() => house.shoot('shot'));
      const topics = (await house.broker.retained()).map(({ topic }) => topic);
      assert.ok(topics.includes('homeassistant/image/nigaoe/front-door/config'), topics.join());
    });

    it('draws the newest of 200 frames that come ten a second, and holds no others', async function () {
      this.timeout(120_000);
      const [done, drawn] = [house.completed(), house.pictures().length];
      const before = residentBytes(house.red.pid);
      let most = 0;
      for (let frame = 1; frame <= 200; frame++) {
        await Promise.all([house.shoot('large'), sleep(100)]);
        most = Math.max(most, residentBytes(house.red.pid));
      }
      await until('an end of all messages', () => house.completed() >= done + 200, 30_000);
      const served = house.large.asked.filter(({ status }) => status === 200).length;
      // The broker hands the last one on in its own time.
      const isNewest = async () =>
        (await placeIn(house.pictures().at(-1) as Buffer)) === (served - 1) % PLACES;
      await until('the newest frame', isNewest);
      const pictures = house.pictures().slice(drawn);
      assert.ok(pictures.length > 2 && pictures.length < 150, `${pictures.length} drawn`);
      const taken = house.under('nigaoe/front-door/attributes').slice(-pictures.length);
      const times = taken.map((text) => JSON.parse(String(text)).taken_at as string);
      assert.deepEqual(times, [...new Set(times)].sort());
      const [grown, grownMost] = [residentBytes(house.red.pid) - before, most - before].map(
        (bytes) => bytes / MEGABYTE,
      );
      // All of them are 220 MB; the camera's own requests and the Complete node's copies take some.
      assert.ok(grown < 150 && grownMost < 200, `grew by ${grown} MB, at most by ${grownMost} MB`);
    });

    it('says goodbye and leaves no process behind when it is stopped', async () => {
      const family = house.red.offspring();
      assert.ok(family.length > 0);
      assert.equal(await house.red.end('SIGTERM'), 0);
      for (const pid of family) await untilGone(pid, 5_000);
      const available = house.under('nigaoe/front-door/available');
      await until('the goodbye', () => String(available.at(-1)) === 'offline');
    });

    it('leaves no process behind when it is killed in the middle of a drawing', async () => {
      await house.red.start();
      await house.nextPicture(() => house.shoot('shot'));
      await house.shoot('large');
      const family = house.red.offspring();
      assert.ok(family.length > 1 && family.every(isAlive));
      await house.red.end('SIGKILL');
      for (const pid of family) await untilGone(pid, 15_000);
      await until(
        'the last will',
        () => String(house.under('nigaoe/front-door/available').at(-1)) === 'offline',
      );
    });
  });
});
