// What a fleet does that a queue in memory need not: equal orders, missing models, cuts of the network, blobs, poison.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { retryAfterOf } from '../../../shared/bridge/busy.js';
import { keysOf } from '../../../shared/bridge/fleet/keys.js';
import {
  type FleetQueue,
  type FleetSettings,
  openBase,
  openFleetQueue,
} from '../../../shared/bridge/fleet/open.js';
import { type FleetWorker, openWorker } from '../../../shared/bridge/fleet/worker.js';
import type { JobOrder } from '../../../shared/bridge/jobs/queue.js';
import type { JobStatus } from '../../../shared/bridge/protocol.js';
import { NigaoeError } from '../../../shared/errors.js';
import { eventually, refuses } from '../jobs/contract/rig.js';
import { type Scene, ScriptedStylizer } from '../jobs/scripted-stylizer.js';
import { hasRedis, RedisServer } from './redis.js';
import { WorkerProcess } from './worker-process.js';

const ME = 'me';
const PHOTO = new Uint8Array(1000).fill(3);

(hasRedis() ? describe : describe.skip)('a fleet', () => {
  let redis: RedisServer;
  let settings: FleetSettings & { space: string };
  let queue: FleetQueue;
  let stylizer: ScriptedStylizer;
  const open: { close(): Promise<void> }[] = [];

  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.close());
  beforeEach(async () => {
    settings = { url: redis.url, space: randomUUID() };
    stylizer = new ScriptedStylizer();
  });
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function hire(card: Partial<Parameters<typeof openWorker>[0]['card']> = {}): Promise<FleetWorker> {
    const base = await openBase(settings);
    const own = { id: randomUUID(), host: 'here', pid: process.pid, version: '0', styles: [], startedAt: '' };
    const has = { models: { ink: 'one' }, devices: ['cpu'] };
    const worker = await openWorker({ ...base, card: { ...own, ...has, ...card }, stylizers: [stylizer] });
    open.push({ close: () => worker.close().then(() => base.engine.close()) });
    return worker;
  }

  async function openQueue(options: Parameters<typeof openFleetQueue>[1] = {}): Promise<void> {
    queue = await openFleetQueue(settings, options);
    open.push(queue);
  }

  const submit = (order: Partial<JobOrder> = {}): Promise<JobStatus> =>
    queue.submit({ bytes: PHOTO, options: {}, owner: ME, ...order });
  const stateOf = async ({ id }: JobStatus, owner = ME) => (await queue.status(id, owner)).state;
  const becomes = (job: JobStatus, state: string, owner = ME) =>
    eventually(async () => assert.equal(await stateOf(job, owner), state));
  const keys = async () => {
    const base = await openBase(settings);
    const found = await base.engine.redis.keys(`${settings.space}:*`);
    await base.engine.close();
    return found;
  };

  describe('given equal orders', () => {
    beforeEach(async () => {
      await hire();
      await openQueue();
    });

    it('draws them once, and each has its own job', async () => {
      const mine = await submit();
      const scene = await stylizer.next();
      const theirs = await submit({ owner: 'another' });
      assert.notEqual(mine.id, theirs.id);
      await becomes(theirs, 'running', 'another');
      scene.finish(30);
      await becomes(mine, 'done');
      await becomes(theirs, 'done', 'another');
      const late = await submit();
      assert.equal(late.state, 'done');
      for (const { id } of [mine, late]) assert.equal((await queue.picture(id, ME, 0)).bytes.byteLength, 30);
      assert.equal(stylizer.drawn, 1);
    });

    it('draws what differs in an option, a name or a byte', async () => {
      for (const order of [
        {},
        { options: { strength: 0.5 } },
        { name: 'a.png' },
        { bytes: PHOTO.slice(1) },
      ]) {
        const job = await submit(order);
        (await stylizer.next()).finish();
        await becomes(job, 'done');
      }
      assert.equal(stylizer.drawn, 4);
    });

    it('goes on for one when the other is cancelled', async () => {
      const [mine, theirs] = [await submit(), await submit({ owner: 'another' })];
      const scene = await stylizer.next();
      await queue.cancel(mine.id, ME);
      scene.finish();
      await becomes(theirs, 'done', 'another');
      assert.equal(await stateOf(mine), 'cancelled');
    });

    it('begins anew for one that comes while the other is being cancelled', async () => {
      const first = await submit();
      await stylizer.next();
      const cancelling = queue.cancel(first.id, ME);
      const second = await submit({ owner: 'another' });
      await cancelling;
      (await stylizer.next()).finish();
      await becomes(second, 'done', 'another');
      assert.equal(await stateOf(first), 'cancelled');
    });

    it('keeps a photo that another drawing still needs', async () => {
      const first = await submit();
      const scene = await stylizer.next();
      const second = await submit({ options: { strength: 0.5 } });
      scene.finish();
      await becomes(first, 'done');
      const next = await stylizer.next();
      assert.deepEqual(new Uint8Array(next.bytes), PHOTO);
      next.finish();
      await becomes(second, 'done');
    });

    it('tries again what failed', async () => {
      const first = await submit();
      (await stylizer.next()).fail(new NigaoeError('no-face', 'Expected a face'));
      await becomes(first, 'failed');
      const again = await submit();
      (await stylizer.next()).finish();
      await becomes(again, 'done');
    });
  });

  describe('asked for what nobody has', () => {
    beforeEach(() => openQueue());

    it('refuses every job while there is no worker', async () => {
      const error = await refuses(submit(), 'model-missing', /none is connected/);
      assert.equal(error.status, 503);
    });

    it('names the style, the device, or that no worker has all', async () => {
      await hire({ models: { ink: 'one' } });
      await hire({ models: { hayao: 'one' }, devices: ['cpu', 'cuda'] });
      await refuses(
        submit({ options: { style: 'shinkai' } }),
        'model-missing',
        /shinkai on any of 2 living workers/,
      );
      const firm = { device: 'coreml', requireDevice: true } as const;
      await refuses(submit({ options: firm }), 'device-absent', /device coreml on any of 2/);
      await refuses(submit({ options: { background: 'hayao' } }), 'model-missing', /all of hayao\+ink/);
      await refuses(submit({ options: { ...firm, device: 'cuda' } }), 'model-missing', /all of ink@cuda/);
    });

    it('gives a job only to a worker that has all of it', async () => {
      const other = stylizer;
      await hire();
      stylizer = new ScriptedStylizer();
      await hire({ models: { ink: 'one', hayao: 'one' }, devices: ['cpu', 'cuda'] });
      const job = await submit({ options: { style: 'hayao', device: 'cuda', requireDevice: true } });
      (await stylizer.next()).finish();
      await becomes(job, 'done');
      assert.equal(other.drawn, 0);
    });
  });

  describe('in trouble', () => {
    it('stops a drawing within two seconds of its cancelling', async () => {
      await hire();
      await openQueue();
      const job = await submit();
      const scene = await stylizer.next();
      const startMs = performance.now();
      await queue.cancel(job.id, ME);
      await until(scene);
      assert.ok(performance.now() - startMs < 2_000);
    });

    it('gives up a job after three tries and draws the next', async () => {
      await hire();
      const told: string[] = [];
      await openQueue({ onFailure: ({ message }) => told.push(message) });
      const poison = await submit();
      for (let tries = 0; tries < 3; tries++) (await stylizer.next()).fail(new Error('broken'));
      await becomes(poison, 'failed');
      assert.match((await queue.status(poison.id, ME)).error?.message ?? '', /broken/);
      assert.deepEqual(told, ['internal: broken']);
      const next = await submit({ bytes: PHOTO.slice(1) });
      (await stylizer.next()).finish();
      await becomes(next, 'done');
      assert.equal(stylizer.drawn, 4);
    });

    it('fails a job only after three tries where a worker does not find its photo', async () => {
      await openQueue();
      const signedIn = await WorkerProcess.start({
        url: redis.url,
        space: settings.space,
        drawMs: 1,
        lockMs: 2_000,
      });
      await signedIn.end('SIGKILL');
      const job = await submit();
      const base = await openBase(settings);
      await base.engine.redis.del(...(await base.engine.redis.keys(`${settings.space}:blob:*`)));
      await base.engine.close();
      await hire();
      await becomes(job, 'failed');
      assert.match((await queue.status(job.id, ME)).error?.message ?? '', /photo among those on their way/);
      assert.equal(stylizer.drawn, 0);
    });

    it('moves a thousand up while those before them are cancelled one by one', async function () {
      this.timeout(60_000);
      await hire();
      await openQueue();
      await submit();
      await stylizer.next();
      const jobs: JobStatus[] = [];
      for (let at = 0; at < 1_000; at++)
        jobs.push(await submit({ bytes: new TextEncoder().encode(`photo ${at}`) }));
      for (const { id } of jobs.slice(0, 900)) await queue.cancel(id, ME);
      assert.equal((await queue.status(jobs[900].id, ME)).position, 1);
      await eventually(async () => assert.equal((await queue.gauges()).queued, 100));
    });

    it('loses nothing while the network is cut for ten seconds', async function () {
      this.timeout(40_000);
      await hire();
      await openQueue();
      const job = await submit();
      const waiting = await submit({ bytes: PHOTO.slice(1) });
      const scene = await stylizer.next();
      redis.freeze();
      await delay(5_000);
      scene.finish();
      await delay(5_000);
      redis.thaw();
      await becomes(job, 'done');
      (await stylizer.next()).finish();
      await becomes(waiting, 'done');
      assert.equal(stylizer.drawn, 2);
    });

    it('finishes what it has when it is told to stop, and leaves the rest', async () => {
      const worker = await WorkerProcess.start({
        url: redis.url,
        space: settings.space,
        drawMs: 400,
        lockMs: 2_000,
      });
      await openQueue();
      const [first, second] = [await submit(), await submit({ bytes: PHOTO.slice(1) })];
      await becomes(first, 'running');
      assert.equal(await worker.end('SIGTERM'), 0);
      await becomes(first, 'done');
      assert.equal(await stateOf(second), 'queued');
      await refuses(submit({ bytes: PHOTO.slice(2) }), 'model-missing', /none is connected/);
    });

    it('refuses a second bridge, and gives the books to the next one', async function () {
      this.timeout(40_000);
      await hire();
      await openQueue();
      const job = await submit();
      await refuses(openFleetQueue(settings), 'conflict', /no other bridge/);
      (await stylizer.next()).finish();
      await becomes(job, 'done');
      const { result } = await queue.status(job.id, ME);
      await queue.close();
      await openQueue();
      assert.deepEqual((await queue.status(job.id, ME)).result, result);
      assert.equal((await submit({ idempotencyKey: 'k' })).state, 'done');
    });
  });

  describe('in a Redis that is full', () => {
    it('refuses photos with the time to try again, and takes them when there is room', async () => {
      const small = await RedisServer.start('--maxmemory', '4mb');
      open.push(small);
      settings = { ...settings, url: small.url };
      await hire();
      await openQueue();
      const large = { bytes: new Uint8Array(5_000_000).fill(1) };
      const error = await refuses(submit(large), 'busy', /memory is full/);
      assert.ok(retryAfterOf(error));
      const base = await openBase(settings);
      await base.engine.redis.config('SET', 'maxmemory', '0');
      await base.engine.close();
      const job = await submit(large);
      (await stylizer.next()).finish();
      await becomes(job, 'done');
    });
  });

  it('closes, bridge and worker, also when Redis has gone', async function () {
    this.timeout(30_000);
    const gone = await RedisServer.start();
    settings = { ...settings, url: gone.url };
    const worker = await hire();
    await openQueue();
    await gone.close();
    const startMs = performance.now();
    await queue.close();
    await worker.drain();
    assert.ok(performance.now() - startMs < 20_000);
  });

  describe('with pictures on their way', () => {
    it('leaves nothing in Redis of jobs that are forgotten', async () => {
      await hire();
      await openQueue({ limits: { keepMs: 200 } });
      const job = await submit();
      (await stylizer.next()).finish(50);
      await becomes(job, 'done');
      assert.ok((await keys()).some((key) => key.includes(':blob:')));
      await eventually(async () => {
        const left = await keys();
        assert.ok(!left.some((key) => /:(blob|holders):/.test(key) || key.endsWith(job.id)), left.join());
        assert.ok(!left.includes(keysOf(settings.space).jobs));
      });
    });

    it('takes them through a folder', async () => {
      settings.blobs = await mkdtemp(join(tmpdir(), 'nigaoe-blobs-'));
      await hire();
      await openQueue({ limits: { keepMs: 200 } });
      const job = await submit();
      const scene = await stylizer.next();
      assert.deepEqual(new Uint8Array(scene.bytes), PHOTO);
      scene.finish(50);
      await becomes(job, 'done');
      assert.equal((await queue.picture(job.id, ME, 0)).bytes.byteLength, 50);
      assert.ok(!(await keys()).some((key) => key.includes(':blob:')));
      const { blobs } = settings;
      await eventually(async () => assert.deepEqual(await readdir(blobs), []));
      await rm(blobs, { recursive: true });
    });

    it('refuses a folder that is not there', async () => {
      await refuses(openFleetQueue({ ...settings, blobs: '/no/such/folder' }), 'output-unwritable', /folder/);
    });
  });

  describe('that cannot be reached', () => {
    it('says so without the password', async () => {
      const secret = 'redis://:hush@127.0.0.1:1/0';
      const error = await refuses(openFleetQueue({ url: secret }), 'unreachable', /127\.0\.0\.1:1/);
      assert.doesNotMatch(JSON.stringify(error.toJSON()), /hush/);
      for (const url of ['http://:hush@a/0', 'redis:///0', ':hush'])
        assert.doesNotMatch(
          JSON.stringify(await refuses(openFleetQueue({ url }), 'options', /address of a Redis/)),
          /hush/,
        );
    });

    it('says when a password is wrong', async () => {
      const locked = await RedisServer.start('--requirepass', 'open sesame');
      try {
        await refuses(openFleetQueue({ url: locked.url }), 'unreachable', /NOAUTH/);
        await refuses(openFleetQueue({ url: locked.url, password: 'hush' }), 'unreachable', /WRONGPASS/);
        await (await openFleetQueue({ url: locked.url, password: 'open sesame' })).close();
      } finally {
        await locked.close();
      }
    });
  });
});

async function until({ run: { signal } }: Scene): Promise<void> {
  await eventually(() => assert.equal(signal?.aborted, true));
}
