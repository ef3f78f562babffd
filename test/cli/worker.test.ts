// `nigaoe serve --queue` and `nigaoe worker` as their users run them: real programs, a real Redis, a real drawing.

import assert from 'node:assert/strict';
import { decodePhoto } from '../../shared/photo/decode.js';
import { hasRedis, RedisServer } from '../bridge/fleet/redis.js';
import { drawnPhoto } from '../isolated/photo.js';
import { CliWorld } from './cli-world.js';
import { Running } from './running.js';

(hasRedis() ? describe : describe.skip)('nigaoe worker', () => {
  const world = CliWorld.inSuite();
  const running: Running[] = [];
  let redis: RedisServer;

  before(async () => {
    redis = await RedisServer.start();
  });
  after(async () => {
    for (const one of running) await one.end('SIGKILL');
    await redis.close();
  });

  const queue = () => ['--queue', redis.url];
  function start(...words: string[]): Running {
    const one = new Running(world, words);
    running.push(one);
    return one;
  }

  it('draws what the bridge is asked for, over any of its doors, and ends when it is told to', async function () {
    this.timeout(90_000);
    const bridge = start('serve', '--json', '--port', '0', ...queue());
    await bridge.until(() => bridge.json.length > 0, 'the bridge to listen');
    const { port, pairing } = bridge.json[0] as { port: number; pairing: { code: string } };
    const base = `http://localhost:${port}`;
    const paired = await fetch(`${base}/pair`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: pairing.code, name: 'a test' }),
    });
    const { token } = (await paired.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'image/jpeg' };
    const body = Buffer.from(await drawnPhoto());
    const draw = (style = 'ink') =>
      fetch(`${base}/v1/stylize?style=${style}&scope=photo`, { method: 'POST', headers, body });
    const ask = async (path: string) => (await fetch(`${base}${path}`, { headers })).text();

    const early = await draw();
    assert.equal(early.status, 503);
    assert.match(await early.text(), /none is connected to the queue/);

    const worker = start('worker', '--json', '--concurrency', '2', ...queue());
    await worker.until(() => worker.json.length > 0, 'the worker to sign in');
    const [ready] = worker.json;
    assert.equal(ready.queue, redis.url);
    assert.ok((ready.models as string[]).includes('ink'));

    const drawn = await draw();
    assert.equal(drawn.status, 200);
    const { width, height } = await decodePhoto(new Uint8Array(await drawn.arrayBuffer()));
    assert.deepEqual([width, height], [96, 64]);
    const missing = await draw('hayao');
    assert.equal(missing.status, 503);
    assert.match(await missing.text(), /Expected hayao on the one living worker/);

    const styles = JSON.parse(await ask('/v1/styles')) as { id: string; state: string }[];
    const ready2 = styles.filter(({ state }) => state === 'ready').map(({ id }) => id);
    assert.deepEqual(ready2, ['ink']);
    assert.match(await ask('/v1/devices'), /"cpu"/);
    const metrics = await ask('/metrics');
    for (const line of ['nigaoe_workers 1', 'nigaoe_hands 2', 'nigaoe_jobs_ended_total{end="done"} 1'])
      assert.ok(metrics.includes(line), metrics);

    assert.equal(await worker.end('SIGTERM'), 0);
    assert.equal(worker.json.at(-1)?.event, 'drawn');
    assert.equal(await bridge.end('SIGTERM'), 0);
  });

  it('meets the bridge over TLS, and trusts no certificate that it does not know', async () => {
    const sealed = await RedisServer.startTls('--requirepass', 'hush');
    try {
      const status = (env: NodeJS.ProcessEnv) => {
        Object.assign(process.env, env);
        return world.run(['queue', 'status', '--json', '--queue', sealed.url]);
      };
      const stranger = await status({ NIGAOE_REDIS_PASSWORD: 'hush' });
      assert.equal(stranger.exitCode, 1);
      assert.match(stranger.stderr, /self-signed certificate/);
      const friend = await status({ NODE_EXTRA_CA_CERTS: sealed.certificate });
      assert.equal(friend.exitCode, 0, friend.stderr);
      for (const { stdout, stderr } of [stranger, friend]) assert.doesNotMatch(`${stdout}${stderr}`, /hush/);
    } finally {
      delete process.env.NIGAOE_REDIS_PASSWORD;
      delete process.env.NODE_EXTRA_CA_CERTS;
      await sealed.close();
    }
  });

  const REFUSED: Record<string, readonly [string[], number, RegExp]> = {
    'without a queue': [[], 2, /address of a Redis for --queue/],
    'with an address that is none': [['--queue', 'http://a'], 2, /address of a Redis for --queue/],
    'where no Redis answers': [['--queue', 'redis://127.0.0.1:1/0'], 1, /Redis to answer at 127\.0\.0\.1:1/],
    'with no hands': [['--queue', 'redis://a', '--concurrency', '0'], 2, /from 1 to 64 for --concurrency/],
    'with a device that is none': [['--queue', 'redis://a', '--device', 'gpu'], 2, /for --device/],
    'with a style that is not here': [
      ['--queue', 'redis://a', '--styles', 'hayao'],
      2,
      /ready here \(ink\) for --styles/,
    ],
  };
  for (const [what, [flags, code, message]] of Object.entries(REFUSED))
    it(`is refused ${what}`, async () => {
      const { exitCode, stderr } = await world.run(['worker', ...flags]);
      assert.match(stderr, message);
      assert.equal(exitCode, code);
    });
});
