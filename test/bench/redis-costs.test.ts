// What the model says that a fleet asks of Redis, against a Redis that is listened to.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { sumOf, watchCommands } from '../../bench/capacity/monitor.js';
import {
  commandsOfBridge,
  commandsOfIdleBridge,
  commandsOfIdleWorker,
  commandsOfWorker,
  connectionsOfBridge,
  connectionsOfWorker,
} from '../../bench/capacity/redis-costs.js';
import { openStandIn } from '../../bench/capacity/stand-in.js';
import { type FleetQueue, openBase, openFleetQueue } from '../../shared/bridge/fleet/open.js';
import { hasRedis, RedisServer } from '../bridge/fleet/redis.js';

const KEEP_MS = 1000;
const JOBS = 10;
const IDLE_S = 4;

(hasRedis() ? describe : describe.skip)('what a fleet asks of redis-server', () => {
  let redis: RedisServer;
  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.close());

  for (const lanes of [1, 3])
    it(`is what the model says, with ${lanes} lanes`, async () => {
      const settings = { url: redis.url, space: randomUUID() };
      const styles = ['a', 'b', 'c'].slice(0, lanes);
      const base = await openBase(settings);
      const worker = await openStandIn(base, { styles, hands: 1, drawMs: 0, pictureBytes: 100 });
      const queue = await openFleetQueue(settings, { limits: { keepMs: KEEP_MS } });
      for (const style of styles) await drawOne(queue, style, `first ${style}`);
      // Lanes that came are found within two seconds, and the first jobs forgotten.
      await delay(2500);
      try {
        assert.equal(
          await connectionsTo(redis.url),
          connectionsOfWorker({ lanes }) + connectionsOfBridge({ lanes }),
        );
        const idlePerS = commandsOfIdleWorker({ lanes }) + commandsOfIdleBridge({ lanes });
        assertNear((await commandsIn(redis.url, () => delay(IDLE_S * 1000))) / IDLE_S, idlePerS, 0.2);
        const startMs = performance.now();
        const all = await commandsIn(redis.url, async () => {
          for (let job = 0; job < JOBS; job++) await drawOne(queue, styles[job % lanes], `${job}`);
          await delay(KEEP_MS + 500);
        });
        const seconds = (performance.now() - startMs) / 1000;
        const each = (all - seconds * idlePerS) / JOBS;
        assertNear(each, commandsOfBridge({}) + commandsOfWorker({ lanes }), 0.15);
      } finally {
        await queue.close();
        await worker.close();
        await base.engine.close();
      }
    });
});

async function drawOne(queue: FleetQueue, style: string, name: string): Promise<void> {
  const { id } = await queue.submit({ bytes: Buffer.from(name), options: { style }, owner: 'me' });
  for await (const _ of queue.events(id, 'me', 0, new AbortController().signal));
  await queue.picture(id, 'me', 0);
}

async function commandsIn(url: string, work: () => Promise<unknown>): Promise<number> {
  const watch = await watchCommands(url);
  await work();
  return sumOf(await watch.stop());
}

/** Without the one that asks. */
async function connectionsTo(url: string): Promise<number> {
  const redis = new Redis(url);
  const list = String(await redis.client('LIST'));
  redis.disconnect();
  return list.trim().split('\n').length - 1;
}

function assertNear(found: number, expected: number, share: number): void {
  assert.ok(Math.abs(found / expected - 1) < share, `found ${found}, the model says ${expected}`);
}
