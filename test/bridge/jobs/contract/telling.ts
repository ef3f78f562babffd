// What a queue tells while its jobs are drawn.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobEvent } from '../../../../shared/bridge/protocol.js';
import { collect, eventually, type QueueRig, STEPS } from './rig.js';

/** Tests of progress and events. */
export function tellingTests(rig: QueueRig): void {
  const { status, listen, eventsOf, ended, drawOne, occupy } = rig;

  describe('telling progress', () => {
    it('says the stage and a fraction that never goes back', async () => {
      const { job, scene } = await occupy();
      const fractions: number[] = [];
      for (const [stage, done, total] of STEPS) {
        scene.report({ stage, done, total });
        await eventually(async () => {
          const { progress } = await status(job);
          assert.deepEqual([progress?.stage, progress?.done, progress?.total], [stage, done, total]);
        });
        fractions.push((await status(job)).progress?.fraction ?? Number.NaN);
      }
      assert.deepEqual(
        fractions,
        [...fractions].sort((a, b) => a - b),
      );
      assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
      assert.ok(fractions[0] < 0.1 && (fractions.at(-1) ?? 0) > 0.8, fractions.join(', '));
    });

    it('ends it with the job', async () => {
      const { job, scene } = await occupy();
      scene.report({ stage: 'generate', done: 1, total: 2 });
      scene.finish();
      assert.equal((await ended(job)).progress, undefined);
    });

    it('does not flood listeners with the bytes of a download', async () => {
      const { job, scene } = await occupy();
      for (let done = 0; done <= 10_000; done++) scene.report({ stage: 'open', done, total: 10_000 });
      await eventually(async () => assert.equal((await status(job)).progress?.done, 10_000));
      scene.finish();
      assert.ok(((await eventsOf(job)).at(-1)?.seq ?? 0) < 100);
    });
  });

  describe('telling events', () => {
    it('tells a listener what happens while it happens', async () => {
      const { job, scene } = await occupy();
      const events = listen(job)[Symbol.asyncIterator]();
      const next = async () => (await events.next()).value as JobEvent | undefined;
      let told = await next();
      while (told?.status.state === 'queued') told = await next();
      assert.equal(told?.status.state, 'running');
      const following = next();
      scene.report({ stage: 'generate', done: 1, total: 2 });
      assert.equal((await following)?.status.progress?.stage, 'generate');
      scene.finish();
      assert.equal((await next())?.status.state, 'done');
      assert.equal(await next(), undefined);
    });

    it('numbers them and replays those after a number', async () => {
      const job = await drawOne();
      const all = await eventsOf(job);
      assert.deepEqual(
        all.map(({ seq }) => seq),
        all.map((_, index) => index + 1),
      );
      assert.deepEqual(await eventsOf(job, 1), all.slice(1));
      assert.deepEqual(await eventsOf(job, all.length), []);
      assert.deepEqual(await eventsOf(job, 1_000), []);
    });

    it('takes a number beyond the last for the last', async () => {
      const { job, scene } = await occupy();
      const events = eventsOf(job, 1_000);
      await delay(0);
      scene.finish();
      assert.equal((await events).at(-1)?.status.state, 'done');
    });

    it('keeps the last event of a job with thousands', async () => {
      const { job, scene } = await occupy();
      for (let step = 0; step < 2_000; step++) {
        scene.report({ stage: 'crop', done: 0, total: 0 });
        scene.report({ stage: 'generate', done: step, total: 2_000 });
      }
      scene.finish();
      await ended(job);
      const events = await eventsOf(job);
      assert.ok(events.length < 200, `${events.length} are kept`);
      assert.equal(events.at(-1)?.status.state, 'done');
      const numbers = events.map(({ seq }) => seq);
      assert.deepEqual(
        numbers,
        [...new Set(numbers)].sort((a, b) => a - b),
      );
    });

    it('tells any number of listeners the same', async () => {
      const { job, scene } = await occupy();
      const listeners = Array.from({ length: 50 }, () => eventsOf(job));
      await delay(0);
      scene.finish();
      const [first, ...others] = await Promise.all(listeners);
      for (const other of others) assert.deepEqual(other, first);
    });

    it('stops for a listener that raises its signal, and only for that one', async () => {
      const { job, scene } = await occupy();
      const [stop, stay] = [new AbortController(), new AbortController()];
      const stopping = collect(listen(job, 0, stop.signal));
      const staying = collect(listen(job, 0, stay.signal));
      await delay(0);
      stop.abort();
      assert.ok((await stopping).every(({ status: { state } }) => state !== 'done'));
      assert.deepEqual(await collect(listen(job, 0, AbortSignal.abort())), []);
      scene.finish();
      assert.equal((await staying).at(-1)?.status.state, 'done');
    });
  });
}
