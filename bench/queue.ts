// What a queue in Redis costs: a job through it against one in memory, throughput by workers, memory of many that wait.
// Run: npm run bench:queue  (needs redis-server; workers only wait, so that the queue is measured and not the drawing)

import { randomBytes, randomUUID } from 'node:crypto';
import { type FleetQueue, openFleetQueue } from '../shared/bridge/fleet/open.js';
import { openMemoryQueue } from '../shared/bridge/jobs/memory.js';
import type { JobQueue } from '../shared/bridge/jobs/queue.js';
import { RedisServer } from '../test/bridge/fleet/redis.js';
import { waitingStylizer } from '../test/bridge/fleet/waiting-stylizer.js';
import { WorkerProcess } from '../test/bridge/fleet/worker-process.js';
import { predictThroughput } from './capacity/queueing.js';
import { median } from './photos.js';

const OWNER = 'bench';
const MEGABYTE = 2 ** 20;
const ROUNDS = 100;
const DRAW_MS = 200;
const WORKERS = [1, 2, 4, 8, 16];
const JOBS_PER_WORKER = 40;
const WAITING = 10_000;
const LIMITS = { waiting: 20_000, waitingPerOwner: 20_000, kept: 20_000 };
const LOCK_MS = 15_000;

const settings = (redis: RedisServer) => ({ url: redis.url, space: randomUUID() });

/** From the order to the picture in hand, as a route of the bridge does it. */
async function drawOne(queue: JobQueue, bytes: Uint8Array): Promise<number> {
  const startMs = performance.now();
  const { id } = await queue.submit({ bytes, options: {}, owner: OWNER });
  for await (const { status } of queue.events(id, OWNER, 0, new AbortController().signal))
    if (status.state === 'failed') throw new Error(status.error?.message);
  await queue.picture(id, OWNER, 0);
  return performance.now() - startMs;
}

async function overhead(redis: RedisServer): Promise<void> {
  const where = settings(redis);
  const worker = await WorkerProcess.start({ ...where, drawMs: 0, lockMs: LOCK_MS });
  const fleet = await openFleetQueue(where, { limits: LIMITS });
  const memory = openMemoryQueue(waitingStylizer(0), { limits: LIMITS });
  const times = { fleet: [] as number[], memory: [] as number[] };
  for (let round = -5; round < ROUNDS; round++) {
    const [fleetMs, memoryMs] = [
      await drawOne(fleet, randomBytes(MEGABYTE)),
      await drawOne(memory, randomBytes(MEGABYTE)),
    ];
    if (round < 0) continue;
    times.fleet.push(fleetMs);
    times.memory.push(memoryMs);
  }
  const difference = median(times.fleet.map((ms, round) => ms - times.memory[round]));
  const p95 = times.fleet.toSorted((a, b) => a - b)[Math.floor(ROUNDS * 0.95)];
  console.log(
    `a job of 1 MB, median of ${ROUNDS}: ${median(times.fleet).toFixed(1)} ms through Redis (95 %: ${p95.toFixed(1)} ms), ` +
      `${median(times.memory).toFixed(1)} ms in memory, ${difference.toFixed(1)} ms more`,
  );
  await fleet.close();
  await memory.close();
  await worker.end('SIGTERM');
}

/** Jobs a second of so many workers, each of which waits 200 ms over a job. */
async function throughput(redis: RedisServer, count: number): Promise<number> {
  const where = settings(redis);
  const workers = await Promise.all(
    Array.from({ length: count }, () => WorkerProcess.start({ ...where, drawMs: DRAW_MS, lockMs: LOCK_MS })),
  );
  const queue = await openFleetQueue(where, { limits: LIMITS });
  const jobs = count * JOBS_PER_WORKER;
  const startMs = performance.now();
  await Promise.all(Array.from({ length: jobs }, () => drawOne(queue, randomBytes(1000))));
  const seconds = (performance.now() - startMs) / 1000;
  await queue.close();
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  return jobs / seconds;
}

async function scaling(redis: RedisServer): Promise<void> {
  let single = 0;
  for (const count of WORKERS) {
    const rate = await throughput(redis, count);
    if (count === 1) single = rate;
    const predicted = predictThroughput({
      workers: count,
      hands: 1,
      drawMs: DRAW_MS,
      overheadMs: 1000 / single - DRAW_MS,
    });
    console.log(
      `workers ${String(count).padStart(2)}   ${rate.toFixed(2)} jobs/s   ${(rate / (single * count)).toFixed(3)} of linear   ` +
        `${(rate / (count * (1000 / DRAW_MS))).toFixed(3)} of what waiting alone allows   model ${predicted.toFixed(2)} jobs/s`,
    );
  }
}

async function waiting(redis: RedisServer): Promise<void> {
  const where = settings(redis);
  const worker = await WorkerProcess.start({ ...where, drawMs: 60_000, lockMs: LOCK_MS });
  const queue = await openFleetQueue(where, { limits: LIMITS });
  const beforeMb = memoryMb();
  const startMs = performance.now();
  for (let batch = 0; batch < WAITING / 100; batch++)
    await Promise.all(
      Array.from({ length: 100 }, () =>
        queue.submit({ bytes: randomBytes(10_000), options: {}, owner: OWNER }),
      ),
    );
  const seconds = (performance.now() - startMs) / 1000;
  const { queued, queuedBytes } = await queue.gauges();
  const moreMb = memoryMb() - beforeMb;
  console.log(
    `${queued} jobs wait with ${(queuedBytes / 1e6).toFixed(0)} MB of photos: ${moreMb.toFixed(0)} MB more in the bridge ` +
      `(${((moreMb * 1e3) / WAITING).toFixed(1)} kB each), ordered in ${seconds.toFixed(1)} s (${(WAITING / seconds).toFixed(0)} a second)`,
  );
  await reopen(queue, where);
  await worker.end('SIGKILL');
}

/** A bridge that starts again finds them all. */
async function reopen(queue: FleetQueue, where: ReturnType<typeof settings>): Promise<void> {
  await queue.close();
  const startMs = performance.now();
  const next = await openFleetQueue(where, { limits: LIMITS });
  const { queued, running } = await next.gauges();
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`the next bridge has ${queued + running} of them after ${seconds.toFixed(1)} s`);
  await next.close();
}

function memoryMb(): number {
  // Twice: what the first one only marks, the second one frees.
  for (let time = 0; time < 2; time++) global.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

const redis = await RedisServer.start();
try {
  await overhead(redis);
  await scaling(redis);
  await waiting(redis);
} finally {
  await redis.close();
}
