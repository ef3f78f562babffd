// A queue in Redis as it is looked after from outside: counted, what was given up tried again, closed to orders.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Retried } from '../../../shared/bridge/fleet/given-up.js';
import { openInspector } from '../../../shared/bridge/fleet/inspect.js';
import { NigaoeError } from '../../../shared/errors.js';
import { refuses, until } from '../jobs/contract/rig.js';
import { hasRedis, RedisServer } from './redis.js';
import { SmallFleet } from './small-fleet.js';

(hasRedis() ? describe : describe.skip)('a queue in Redis, looked at from outside', () => {
  let redis: RedisServer;
  let fleet: SmallFleet;
  let folder: string;

  before(async () => {
    redis = await RedisServer.start('--maxmemory', '100mb');
    folder = await mkdtemp(path.join(tmpdir(), 'nigaoe-blobs-'));
  });
  after(async () => {
    await redis.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    fleet = await SmallFleet.open({ url: redis.url });
  });
  afterEach(() => fleet.close());

  async function retry(ids: string[] | 'all', { inspector } = fleet): Promise<Retried[]> {
    const all: Retried[] = [];
    for await (const one of inspector.retry(ids)) all.push(one);
    return all;
  }

  it('is counted lane by lane, with the workers that live', async () => {
    await fleet.order();
    const scene = await fleet.stylizer.next();
    await fleet.order({ strength: 0.5 });
    await fleet.order({ style: 'hayao' });
    const { lanes, totals, workers, hasBridge, ...rest } = await fleet.inspector.status();
    assert.deepEqual(
      lanes.map(({ lane, waiting, active, oldestMs }) => [lane, waiting, active, oldestMs! >= 0]),
      [
        ['hayao', 1, 0, true],
        ['ink', 1, 1, true],
      ],
    );
    assert.deepEqual(totals, { waiting: 2, active: 1, done: 0, failed: 0 });
    assert.deepEqual(
      workers.map(({ host, version, hands }) => [host, version, hands]),
      [['studio', '1.2.3', 1]],
    );
    assert.equal(hasBridge, true);
    assert.equal(rest.closedSince, undefined);
    assert.ok(rest.redis.usedBytes! > 100_000);
    assert.equal(rest.redis.maxBytes, 100 * 2 ** 20);
    scene.finish();
    for (let rest = 2; rest > 0; rest--) (await fleet.stylizer.next()).finish();
    await until(async () => (await fleet.inspector.status()).totals.done === 3);
    const after = await fleet.inspector.status();
    assert.deepEqual([after.totals.waiting, after.lately.done, after.lately.failed], [0, 3, 0]);
    assert.ok(after.lanes.every(({ oldestMs }) => oldestMs === undefined));
  });

  it('says of the oldest that waits since when it does, whatever its rank is', async () => {
    await fleet.order();
    await fleet.stylizer.next();
    const { id } = await fleet.order({ strength: 0.5 });
    await fleet.order({ strength: 0.6 });
    const { engine, keys } = fleet.base;
    await engine.redis.hset(`${keys.lanes}:ink:${id}`, 'timestamp', Date.now() - 60_000);
    const [{ oldestMs = 0 }] = (await fleet.inspector.status()).lanes;
    assert.ok(oldestMs >= 60_000 && oldestMs < 70_000, String(oldestMs));
  });

  it('lists what was given up, and has it drawn again', async () => {
    const job = await fleet.poison({ strength: 0.5, format: 'png' });
    const [drawing, ...others] = await fleet.inspector.failed();
    assert.deepEqual(others, []);
    const { failure, failedAt, ...rest } = drawing;
    assert.deepEqual(rest, {
      ...{ id: job.id, lane: 'ink', name: 'poison.jpg', options: { strength: 0.5, format: 'png' } },
      ...{ tries: 3, hasPhoto: true },
    });
    assert.match(failure.message, /broken/);
    assert.ok(Math.abs(Date.parse(failedAt) - Date.now()) < 30_000);

    assert.deepEqual(await retry([job.id]), [{ id: job.id, name: 'poison.jpg' }]);
    (await fleet.stylizer.next()).finish();
    await until(async () => (await fleet.inspector.status()).totals.done === 1);
    assert.deepEqual(await fleet.inspector.failed(), []);
    const photo = await photoOf(fleet, job.id);
    await until(async () => !(await fleet.base.blobs.has(photo!)));
  });

  it('hands a drawing that was tried again to whoever sends the photo once more', async () => {
    await fleet.poison();
    await retry('all');
    (await fleet.stylizer.next()).finish();
    await until(async () => (await fleet.inspector.status()).totals.done === 1);
    await until(async () => {
      const again = await fleet.order({}, 'poison.jpg');
      return (await fleet.stateOf(again)) === 'done';
    });
    assert.equal(fleet.stylizer.drawn, 4);
  });

  it('gives a drawing all of its tries again, also one over which workers died', async () => {
    const { id } = await fleet.poison();
    const { engine, keys } = fleet.base;
    const key = `${keys.lanes}:ink:${id}`;
    await engine.redis.hset(key, 'defa', 'job stalled more than allowable limit', 'stc', 3);
    assert.equal((await fleet.inspector.failed())[0].tries, 5);
    await retry('all');
    for (let tries = 0; tries < 3; tries++) (await fleet.stylizer.next()).fail(new Error('broken again'));
    await until(async () => (await fleet.inspector.failed()).length === 1);
    const [{ tries, failure }] = await fleet.inspector.failed();
    assert.equal(tries, 3);
    assert.match(failure.message, /broken again/);
  });

  it('leaves alone what failed for its photo', async () => {
    const job = await fleet.order();
    (await fleet.stylizer.next()).fail(new NigaoeError('no-face', 'Expected a face'));
    await until(async () => (await fleet.stateOf(job)) === 'failed');
    assert.deepEqual(await fleet.inspector.failed(), []);
    const [{ error }] = await retry([job.id]);
    assert.match(String(error?.message), /Expected the id of a drawing that was given up but received/);
  });

  it('names ids that are none, and goes on with the others', async () => {
    const { id } = await fleet.poison();
    const [wrong, right] = await retry(['nothing', id]);
    assert.match(String(wrong.error?.message), /received "nothing"/);
    assert.equal(wrong.error?.code, 'not-found');
    assert.deepEqual(right, { id, name: 'poison.jpg' });
  });

  it('leaves what has no photo any more', async () => {
    const apart = await SmallFleet.open({ url: redis.url, blobs: folder });
    try {
      const { id } = await apart.poison();
      assert.equal((await apart.inspector.failed())[0].hasPhoto, true);
      await rm(path.join(folder, (await photoOf(apart, id))!), { recursive: true });
      assert.equal((await apart.inspector.failed())[0].hasPhoto, false);
      const [{ error }] = await retry('all', apart);
      assert.match(String(error?.message), new RegExp(`Expected the photo of ${id}`));
      assert.equal((await apart.inspector.failed()).length, 1);
    } finally {
      await apart.close();
    }
  });

  it('refuses orders while it is closed, and takes them again', async () => {
    const since = await fleet.inspector.closeOrders();
    assert.equal(await fleet.inspector.closeOrders(), since);
    assert.equal((await fleet.inspector.status()).closedSince, since);
    const refusal = await refuses(fleet.order(), 'busy', /closed to new ones/);
    assert.equal(refusal.status, 503);
    assert.ok((refusal as { retryAfterS?: number }).retryAfterS! > 0);
    assert.match(String(refusal.hint), /drain --open/);
    assert.equal(await fleet.inspector.openOrders(), true);
    assert.equal(await fleet.inspector.openOrders(), false);
    await fleet.order();
    (await fleet.stylizer.next()).finish();
  });

  it('has to be there, and so has its folder', async () => {
    const { settings } = fleet;
    await refuses(openInspector({ ...settings, url: 'http://x' }), 'options', /address of a Redis/);
    await refuses(openInspector({ ...settings, space: 'a b' }), 'options', /--space but received "a b"/);
    await refuses(openInspector({ ...settings, blobs: '/not/there' }), 'not-found', /--blobs/);
  });
});

/** The hash of the photo of a drawing. */
async function photoOf({ base: { engine, keys } }: SmallFleet, id: string): Promise<string | undefined> {
  const data = await engine.redis.hget(`${keys.lanes}:ink:${id}`, 'data');
  return data === null ? undefined : (JSON.parse(data) as { photo: string }).photo;
}
