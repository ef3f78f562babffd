// What a job costs besides drawing, and what waiting workers and waiting jobs cost, measured against a redis-server of this machine.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Redis } from 'ioredis';
import { keysOf } from '../../shared/bridge/fleet/keys.js';
import { type FleetQueue, openFleetQueue } from '../../shared/bridge/fleet/open.js';
import { Roster } from '../../shared/bridge/fleet/roster.js';
import { Job } from '../../shared/bridge/jobs/job.js';
import { RankedLine } from '../../shared/bridge/jobs/ranked-line.js';
import { parseOptions } from '../../shared/options.js';
import type { RedisServer } from '../../test/bridge/fleet/redis.js';
import type { Sizes } from './redis-costs.js';
import type { StandIn } from './stand-in.js';

/** Milliseconds for each job. */
export interface JobCosts {
  /** A hand is kept, where jobs wait for it. */
  overheadMs: number;
  /** Processor time of Redis, from the order to the last byte that is forgotten. */
  redisMs: number;
  /** Processor time of the bridge without HTTP. */
  bridgeMs: number;
  /** Bytes that Redis took in and gave out. */
  networkBytes: { in: number; out: number };
}

/** One worker of one hand draws `jobs` in no time, which all wait before the first is drawn. */
export async function measureJobs(server: RedisServer, jobs: number, sizes: Sizes): Promise<JobCosts> {
  const space = randomUUID();
  const redis = new Redis(server.url);
  const worker = { styles: ['a'], hands: 1, drawMs: 0, pictureBytes: sizes.pictureBytes };
  const queue = await openFleetQueue({ url: server.url, space }, { limits: { waitingPerOwner: jobs + 1 } });
  // A first worker has the lane opened and the code warm, and is gone again before the line is filled.
  const child = await startProcess(server.url, space, 1, worker);
  for (let job = 0; job < 20; job++) await drawn(queue, await submit(queue, sizes, -1 - job));
  child.kill('SIGSTOP');
  const [before, usedBefore] = [await readInfo(redis), process.cpuUsage()];
  const ids: string[] = [];
  for (let job = 0; job < jobs; job++) {
    ids.push(await submit(queue, sizes, job));
  }
  const startMs = performance.now();
  child.kill('SIGCONT');
  await Promise.all(ids.map((id) => drawn(queue, id)));
  const overheadMs = (performance.now() - startMs) / jobs;
  const [after, { user, system }] = [await readInfo(redis), process.cpuUsage(usedBefore)];
  await end(child);
  await queue.close();
  redis.disconnect();
  const each = (name: keyof Info) => (after[name] - before[name]) / jobs;
  return {
    overheadMs,
    redisMs: each('cpuMs'),
    bridgeMs: (user + system) / 1000 / jobs,
    networkBytes: { in: each('bytesIn'), out: each('bytesOut') },
  };
}

/** Processor milliseconds of Redis for each second of each worker that waits. */
export async function measureIdle(server: RedisServer, workers: number, styles: string[]): Promise<number> {
  const space = randomUUID();
  const redis = new Redis(server.url);
  // Lanes are there once jobs asked for them.
  for (const style of styles)
    await redis.hset(keysOf(space).laneNeeds, style, JSON.stringify({ models: [style] }));
  const child = await startProcess(server.url, space, workers, {
    ...{ styles, hands: 1, drawMs: 0, pictureBytes: 1 },
  });
  await delay(3_000);
  const [before, startMs] = [await readInfo(redis), performance.now()];
  await delay(5_000);
  const { cpuMs } = await readInfo(redis);
  const seconds = (performance.now() - startMs) / 1000;
  await end(child);
  redis.disconnect();
  return (cpuMs - before.cpuMs) / seconds / workers;
}

/** What the bridge reads before it takes any job: milliseconds until it has all cards, and their bytes. */
export async function measureRoster(server: RedisServer, workers: number, styles: string[]) {
  const redis = new Redis(server.url);
  const roster = new Roster(redis, keysOf(randomUUID()));
  const models = Object.fromEntries(styles.map((style) => [style, 'f'.repeat(64)]));
  for (let worker = 0; worker < workers; worker++)
    await roster.sign({
      ...{ id: randomUUID(), host: `raspberry-${worker}`, pid: 1000, version: '0.1.0', models },
      ...{
        styles: [],
        devices: ['cpu'],
        hands: 1,
        busy: 0,
        isDraining: false,
        startedAt: new Date().toISOString(),
      },
    });
  const before = await readInfo(redis);
  const [startMs, used] = [performance.now(), process.cpuUsage()];
  const reads = 10;
  for (let read = 0; read < reads; read++) await roster.read();
  const ms = (performance.now() - startMs) / reads;
  const { user, system } = process.cpuUsage(used);
  const { bytesOut } = await readInfo(redis);
  redis.disconnect();
  const cpuMs = (user + system) / 1000 / reads;
  return { ms, cpuMs, bytes: (bytesOut - before.bytesOut) / reads, found: roster.cards.length };
}

/** A line of so many jobs: what the bridge keeps of each, and what it takes to have the first one drawn and the others move up. */
export function measureLine(
  length: number,
  takes = 100,
): { bytesEach: number; freshBytesEach: number; takeMs: number } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const options = parseOptions({});
  const line = new RankedLine();
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < length; at++)
    line.add(new Job({ bytes: new Uint8Array(), options, owner: `camera ${at % 100}`, seal: undefined }));
  collect();
  const fresh = process.memoryUsage().heapUsed;
  const startMs = performance.now();
  for (let take = 0; take < takes; take++) line.take(line.first!);
  const takeMs = (performance.now() - startMs) / takes;
  collect();
  const used = process.memoryUsage().heapUsed;
  return {
    bytesEach: (used - before) / line.length,
    freshBytesEach: (fresh - before) / length,
    takeMs,
  };
}

async function submit(queue: FleetQueue, { photoBytes }: Sizes, number: number): Promise<string> {
  const bytes = new Uint8Array(photoBytes);
  bytes.set(Buffer.from(`photo ${number}`).subarray(0, photoBytes));
  return (await queue.submit({ bytes, options: { style: 'a' }, owner: 'bench' })).id;
}

/** Waits for a job and fetches its picture. */
async function drawn(queue: FleetQueue, id: string): Promise<void> {
  for await (const { status } of queue.events(id, 'bench', 0, new AbortController().signal))
    if (status.error) throw new Error(status.error.message);
  await queue.picture(id, 'bench', 0);
}

async function startProcess(url: string, space: string, count: number, kind: StandIn): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('./stand-in-process.js', import.meta.url));
  const child = spawn(process.execPath, [main, url, space, `${count}`, JSON.stringify(kind)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  await once(child, 'exit');
}

interface Info {
  cpuMs: number;
  bytesIn: number;
  bytesOut: number;
}

async function readInfo(redis: Redis): Promise<Info> {
  const text = `${await redis.info('cpu')}\n${await redis.info('stats')}`;
  const read = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  return {
    cpuMs: 1000 * (read('used_cpu_user') + read('used_cpu_sys')),
    bytesIn: read('total_net_input_bytes'),
    bytesOut: read('total_net_output_bytes'),
  };
}
