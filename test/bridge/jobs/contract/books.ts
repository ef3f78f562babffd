// Random deeds, after each of which the gauges of a queue must be right.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type JobEvent, PRIORITIES, type Priority } from '../../../../shared/bridge/protocol.js';
import { randomNumbers } from '../random-numbers.js';
import type { Scene, ScriptedStylizer } from '../scripted-stylizer.js';
import { collect, eventually, ME, OTHER, type QueueRig, STEPS, tolerate } from './rig.js';

/** A test of 200 random deeds. */
export function bookTests(rig: QueueRig): void {
  const { submit, reopen } = rig;

  it('keeps its books through 200 random deeds', async () => {
    await reopen({ waiting: 6, waitingBytes: 500, waitingPerOwner: 4, kept: 5, keptBytes: 400 });
    const random = randomNumbers(2026);
    const pick = <Thing>(things: readonly Thing[]): Thing => things[Math.floor(random() * things.length)];
    const jobs: { id: string; owner: string; bytes: number; priority: Priority }[] = [];
    const scenes: Scenes = new Scenes(rig.stylizer);
    const stop = new AbortController();
    const listeners: Promise<JobEvent[]>[] = [];

    const deeds = {
      async submit() {
        const bytes = new Uint8Array(1 + Math.floor(random() * 150));
        const order = { bytes, owner: pick([ME, OTHER]), priority: pick(PRIORITIES) };
        const key = random() < 0.3 ? { idempotencyKey: pick(['a', 'b', 'c']) } : {};
        const job = await tolerate(submit({ ...order, ...key }), ['busy', 'conflict']);
        if (job !== undefined && !jobs.some(({ id }) => id === job.id))
          jobs.push({ ...order, id: job.id, bytes: bytes.byteLength });
      },
      async cancel() {
        const job = pick(jobs);
        if (job) await tolerate(rig.queue.cancel(job.id, job.owner), ['not-found']);
      },
      async picture() {
        const job = pick(jobs);
        const codes = ['not-found', 'conflict', 'cancelled', 'internal'] as const;
        if (job) await tolerate(rig.queue.picture(job.id, job.owner, 0), codes);
      },
      async listen() {
        const job = pick(jobs);
        if (job) listeners.push(collect(rig.queue.events(job.id, job.owner, 0, stop.signal)).catch(() => []));
      },
      async finish() {
        scenes.now?.finish(Math.floor(random() * 150));
      },
      async fail() {
        scenes.now?.fail(new Error('broken'));
      },
      async report() {
        scenes.now?.report({ stage: pick(STEPS)[0], done: 0, total: 0 });
      },
    };

    async function checkBooks(): Promise<void> {
      await delay(0);
      const known = await Promise.all(
        jobs.map(async ({ id, owner, bytes, priority }) => ({
          bytes,
          priority,
          told: await tolerate(rig.queue.status(id, owner), ['not-found']),
        })),
      );
      const having = (...states: string[]) => known.filter(({ told }) => states.includes(told?.state ?? ''));
      const { queued, queuedBytes, running, kept, keptBytes, ended: ends } = await rig.queue.gauges();
      assert.equal(queued, having('queued').length);
      assert.equal(
        queuedBytes,
        having('queued').reduce((sum, { bytes }) => sum + bytes, 0),
      );
      assert.equal(running, having('running').length);
      assert.equal(kept, having('done', 'failed', 'cancelled').length);
      assert.equal(
        keptBytes,
        having('done').reduce((sum, { told }) => sum + (told?.result?.pictures[0].bytes ?? 0), 0),
      );
      assert.equal(ends.done + ends.failed + ends.cancelled + queued + running, jobs.length);
      // Room is kept for nobody who comes back to be tried again.
      const back = rig.nature.tries > 1 ? 1 : 0;
      assert.ok(queued <= 6 + back && queuedBytes <= 500 + 150 * back && keptBytes <= 400);
      assert.ok(having('done').length <= 5 && having('failed', 'cancelled').length <= 5);
      const line = having('queued').sort((a, b) => (a.told?.position ?? 0) - (b.told?.position ?? 0));
      assert.deepEqual(
        line.map(({ told }) => told?.position),
        line.map((_, index) => index + 1),
      );
      const priorities = line.map(({ priority }) => priority);
      assert.ok(
        !priorities.slice(priorities.indexOf('batch') >>> 0).includes('interactive'),
        priorities.join(),
      );
      assert.ok(running === 1 || queued === 0, 'jobs wait while nothing is drawn');
    }

    const names = [
      'submit',
      'submit',
      'submit',
      'cancel',
      'picture',
      'listen',
      'finish',
      'fail',
      'report',
    ] as const;
    for (let deed = 0; deed < 200; deed++) {
      await deeds[pick(names)]();
      await eventually(checkBooks);
    }
    assert.ok(jobs.length > 30, `only ${jobs.length} jobs were taken`);
    await rig.queue.close();
    stop.abort();
    await Promise.all(listeners);
    const { queued, queuedBytes, running, kept, keptBytes, ended: ends } = await rig.queue.gauges();
    assert.deepEqual([kept, keptBytes], [0, 0]);
    if (!rig.nature.outlives) assert.deepEqual([queued, queuedBytes, running], [0, 0, 0]);
    assert.equal(ends.done + ends.failed + ends.cancelled + queued + running, jobs.length);
    assert.equal(rig.stylizer.mostAtOnce, 1);
  });
}

/** The job that is drawn at the moment. */
class Scenes {
  now: Scene | undefined;

  constructor(stylizer: ScriptedStylizer) {
    void this.#follow(stylizer);
  }

  async #follow(stylizer: ScriptedStylizer): Promise<never> {
    for (;;) this.now = await stylizer.next();
  }
}
