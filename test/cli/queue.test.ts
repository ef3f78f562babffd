// `nigaoe queue` as the person has it who looks after a fleet; bridge and worker run in this process.

import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { hasRedis, RedisServer } from '../bridge/fleet/redis.js';
import { SmallFleet } from '../bridge/fleet/small-fleet.js';
import { until } from '../bridge/jobs/contract/rig.js';
import { CliWorld } from './cli-world.js';
import { Running } from './running.js';

const PASSWORD = 'not-to-be-read';

(hasRedis() ? describe : describe.skip)('nigaoe queue', () => {
  const world = CliWorld.inSuite();
  const running: Running[] = [];
  let redis: RedisServer;
  let fleet: SmallFleet;

  before(async () => {
    redis = await RedisServer.start();
  });
  after(() => redis.close());
  beforeEach(async () => {
    fleet = await SmallFleet.open({ url: redis.url });
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.end('SIGKILL');
    await fleet.close();
  });

  const queue = (...words: string[]) => world.run(['queue', ...words, ...fleet.flags]);
  function keepRunning(...words: string[]): Running {
    const one = new Running(world, ['queue', ...words, ...fleet.flags]);
    running.push(one);
    return one;
  }

  it('shows lanes, workers, the bridge and what Redis holds', async () => {
    await fleet.order();
    await fleet.stylizer.next();
    await fleet.order({ strength: 0.5 });
    const { exitCode, stdout, stderr } = await queue('status');
    assert.equal(exitCode, 0, stderr);
    const text = stdout.toString();
    assert.match(
      text,
      /Bridge +runs\nOrders +taken\nLately +0 drawn, 0 failed in 5 min.*\nRedis +[\d.]+ MB\n/,
    );
    assert.match(text, /LANE +WAITING +DRAWN NOW +DONE +FAILED .*\nink +1 +1 +0 +0 +\d/);
    assert.match(text, /WORKER +VERSION .*\nstudio:7 +1\.2\.3 +\d of 1 +cpu +hayao, ink/);
    assert.ok(!text.includes(String(redis.port)));
    const { json } = await queue('status', '--json');
    assert.deepEqual(json[0].totals, { waiting: 1, active: 1, done: 0, failed: 0 });
  });

  it('shows it again and again until Ctrl-C', async () => {
    const watching = keepRunning('status', '--watch', '--json');
    await watching.until(() => watching.json.length >= 2, 'a second look');
    assert.equal(await watching.end('SIGINT'), 0);
  });

  it('lists what was given up with the reason, and has it drawn again', async () => {
    assert.match((await queue('failed')).stderr, /No drawing was given up/);
    const { id } = await fleet.poison({ strength: 0.5 }, 'holiday.jpg');
    const { exitCode, stdout } = await queue('failed');
    assert.equal(exitCode, 0);
    assert.match(stdout.toString(), new RegExp(`${id} +ink +3 +20.* UTC +kept +holiday\\.jpg\n +.*broken`));
    assert.match(stdout.toString(), /strength 0\.5/);
    const { json } = await queue('failed', '--json');
    assert.deepEqual([json[0].id, json[0].options, json[0].hasPhoto], [id, { strength: 0.5 }, true]);

    const retried = await queue('retry', id);
    assert.equal(retried.exitCode, 0, retried.stderr);
    assert.match(retried.stdout.toString(), new RegExp(`${id}  waits to be drawn again  holiday.jpg`));
    (await fleet.stylizer.next()).finish();
    await until(async () => (await fleet.inspector.status()).totals.done === 1);
  });

  it('tells of ids that are none, and retries the others', async () => {
    const { id } = await fleet.poison();
    const { exitCode, json, stderr } = await queue('retry', 'wrong', id, '--json');
    assert.equal(exitCode, 1);
    assert.match(stderr, /Expected the id of a drawing that was given up but received "wrong"/);
    assert.deepEqual(
      json.map(({ id, status }) => [id, status]),
      [
        ['wrong', 'failed'],
        [id, 'queued'],
      ],
    );
    assert.equal((await queue('retry')).exitCode, 2);
    assert.equal((await queue('retry', id, '--all')).exitCode, 2);
    (await fleet.stylizer.next()).finish();
    const none = await queue('retry', '--all');
    assert.deepEqual([none.exitCode, /No drawing was given up/.test(none.stderr)], [0, true]);
  });

  it('takes no orders while it drains, ends when all is drawn, and opens again', async () => {
    await fleet.order();
    const scene = await fleet.stylizer.next();
    await fleet.order({ strength: 0.5 });
    const draining = keepRunning('drain', '--json');
    await draining.says('"waiting":1,"active":1');
    await assert.rejects(fleet.order(), { code: 'busy', status: 503 });
    scene.finish();
    (await fleet.stylizer.next()).finish();
    await draining.says('drained');
    assert.match((await queue('status')).stdout.toString(), /Orders +refused since 20/);
    const opened = await queue('drain', '--open');
    assert.match(opened.stdout.toString(), /takes orders again/);
    await fleet.order({ strength: 0.25 });
    (await fleet.stylizer.next()).finish();
  });

  it('stops waiting with Ctrl-C, and stays closed', async () => {
    await fleet.order();
    const scene = await fleet.stylizer.next();
    const draining = keepRunning('drain');
    await draining.says('0 to be drawn, 1 drawn now');
    assert.equal(await draining.end('SIGINT'), 6);
    assert.match(draining.stderr, /stays closed/);
    await assert.rejects(fleet.order(), { code: 'busy' });
    scene.finish();
  });

  it('takes the address and the password from the environment, and shows neither', async () => {
    const locked = await RedisServer.start();
    const client = new Redis(locked.url);
    try {
      await client.config('SET', 'requirepass', PASSWORD);
      const ask = (password: string) =>
        world.run(['queue', 'status'], {
          env: { NIGAOE_QUEUE: locked.url, NIGAOE_REDIS_PASSWORD: password },
        });
      const right = await ask(PASSWORD);
      assert.equal(right.exitCode, 0, right.stderr);
      assert.match(right.stdout.toString(), /Bridge +none runs/);
      const wrong = await ask(`${PASSWORD}!`);
      assert.equal(wrong.exitCode, 1);
      assert.match(wrong.stderr, /NIGAOE_REDIS_PASSWORD/);
      for (const { stdout, stderr } of [right, wrong]) assert.ok(!`${stdout}${stderr}`.includes(PASSWORD));
    } finally {
      client.disconnect();
      await locked.close();
    }
  });
});

describe('nigaoe queue without one', () => {
  const world = CliWorld.inSuite();
  const env = { NIGAOE_QUEUE: undefined, NIGAOE_REDIS_PASSWORD: undefined };

  it('asks for the address', async () => {
    const { exitCode, stderr } = await world.run(['queue', 'status'], { env });
    assert.equal(exitCode, 2);
    assert.match(stderr, /Expected the address of a Redis for --queue .*\n.*NIGAOE_QUEUE/);
  });

  it('refuses what is no address of a Redis, without showing it', async () => {
    const url = `http://:${PASSWORD}@127.0.0.1/`;
    const { exitCode, stderr } = await world.run(['queue', 'failed', '--queue', url], { env });
    assert.equal(exitCode, 2);
    assert.match(stderr, /address of a Redis for --queue/);
    assert.ok(!stderr.includes(PASSWORD));
  });

  it('says that no Redis answers', async () => {
    const url = `redis://:${PASSWORD}@127.0.0.1:1/0`;
    const { exitCode, stdout, stderr } = await world.run(['queue', 'drain', '--queue', url, '--json'], {
      env,
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /Expected Redis to answer at 127\.0\.0\.1:1 but/);
    assert.ok(!`${stdout}${stderr}`.includes(PASSWORD));
  });
});
