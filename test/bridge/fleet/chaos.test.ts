// Workers that are killed, a Redis that is killed, a bridge that starts again: every job that was taken ends once.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type FleetQueue, openFleetQueue } from '../../../shared/bridge/fleet/open.js';
import type { JobStatus } from '../../../shared/bridge/protocol.js';
import { randomFor } from '../../../shared/random.js';
import { hasRedis, RedisServer } from './redis.js';
import { WorkerProcess } from './worker-process.js';

const JOBS = 300;
const WORKERS = 3;
const DRAW_MS = 100;
/** Workers that died lose their jobs after this. */
const LOCK_MS = 2_000;
const OWNER = 'me';
const ENDS: ReadonlySet<string> = new Set(['done', 'failed', 'cancelled']);

(hasRedis() ? describe : describe.skip)('a fleet in which everything dies now and then', () => {
  let redis: RedisServer;
  const workers: (WorkerProcess | undefined)[] = [];

  before(async () => {
    redis = await RedisServer.start();
  });
  after(async () => {
    for (const worker of workers) await worker?.end('SIGKILL');
    await redis.close();
  });

  it('ends every job once, as a drawing of its own photo', async function () {
    this.timeout(180_000);
    const settings = { url: redis.url, space: randomUUID() };
    const start = () => WorkerProcess.start({ ...settings, drawMs: DRAW_MS, lockMs: LOCK_MS });
    for (let at = 0; at < WORKERS; at++) workers.push(await start());
    const limits = { waiting: JOBS, waitingPerOwner: JOBS, kept: JOBS };
    let queue = await openFleetQueue(settings, { limits });

    const ids = new Map<string, Uint8Array>();
    for (let at = 0; at < JOBS; at++) {
      const bytes = new TextEncoder().encode(`photo ${at} of ${settings.space}`);
      ids.set((await queue.submit({ bytes, options: {}, owner: OWNER })).id, bytes);
    }
    assert.equal(ids.size, JOBS);

    const ended = new Ends();
    let listening = ended.listen(queue, ids.keys());
    const random = randomFor(2026, 'kills');
    let kills = 0;
    for (let second = 1; !ended.isComplete(JOBS); second++) {
      await delay(1_000);
      const victim = random.below(WORKERS);
      await workers[victim]?.end('SIGKILL');
      workers[victim] = await start();
      kills += 1;
      if (second === 4) {
        await redis.stop('SIGKILL');
        await redis.begin();
      }
      if (second === 7) {
        await queue.close();
        await listening;
        queue = await openFleetQueue(settings, { limits });
        listening = ended.listen(queue, ids.keys());
      }
      assert.ok(second < 120, `${ended.statuses.size} of ${JOBS} have ended`);
    }
    await listening;
    assert.ok(kills >= 8, `only ${kills} kills`);

    for (const [id, bytes] of ids) {
      assert.deepEqual(
        ended.statuses.get(id)?.map(({ state }) => state),
        ['done'],
        id,
      );
      assert.deepEqual(new Uint8Array((await queue.picture(id, OWNER, 0)).bytes), bytes);
    }
    const { queued, running } = await queue.gauges();
    assert.deepEqual([queued, running], [0, 0]);
    await queue.close();
  });
});

/** How the jobs ended, told once for each by whichever bridge was there. */
class Ends {
  readonly statuses = new Map<string, JobStatus[]>();

  isComplete(jobs: number): boolean {
    return this.statuses.size === jobs;
  }

  /** Until all have ended, or the queue has closed. */
  async listen(queue: FleetQueue, ids: Iterable<string>): Promise<void> {
    const open = [...ids].filter((id) => !this.statuses.has(id));
    await Promise.all(open.map((id) => this.#follow(queue, id)));
  }

  async #follow(queue: FleetQueue, id: string): Promise<void> {
    for await (const { status } of queue.events(id, OWNER, 0, new AbortController().signal))
      if (ENDS.has(status.state)) this.statuses.set(id, [...(this.statuses.get(id) ?? []), status]);
  }
}
