// The queue in Redis: the contract of all queues, with one worker beside it.

import { randomUUID } from 'node:crypto';
import { openBase, openFleetQueue } from '../../../shared/bridge/fleet/open.js';
import { type FleetWorker, openWorker } from '../../../shared/bridge/fleet/worker.js';
import type { JobQueue } from '../../../shared/bridge/jobs/queue.js';
import type { OpenQueue } from '../jobs/contract/rig.js';
import { jobQueueContract } from '../jobs/contract.js';
import { hasRedis, RedisServer } from './redis.js';

let redis: RedisServer;

(hasRedis() ? describe : describe.skip)('with redis-server', () => {
  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.close());

  const open: OpenQueue = async (stylizer, options) => {
    const settings = { url: redis.url, space: randomUUID() };
    const base = await openBase(settings);
    const worker = await openWorker({ ...base, card: card(), stylizers: [stylizer] });
    const queue = await openFleetQueue(settings, { ...options, sharesDrawings: false });
    return closingWith(queue, worker, () => base.engine.close());
  };

  jobQueueContract('in Redis', open, { outlives: true, tries: 3 });
});

function card() {
  return {
    id: randomUUID(),
    host: 'here',
    pid: process.pid,
    version: '0',
    models: { ink: 'built in', hayao: 'one' },
    styles: [],
    devices: ['cpu'],
    startedAt: new Date().toISOString(),
  };
}

function closingWith(queue: JobQueue, worker: FleetWorker, end: () => Promise<void>): JobQueue {
  const close = async () => {
    await queue.close();
    await worker.close();
    await end();
  };
  return Object.assign(Object.create(queue), { close }) as JobQueue;
}
