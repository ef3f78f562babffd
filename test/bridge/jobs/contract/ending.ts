// How jobs end that are not drawn, and how long all of them are kept.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { NigaoeError } from '../../../../shared/errors.js';
import { ScriptedStylizer } from '../scripted-stylizer.js';
import { collect, eventually, ME, OTHER, type QueueRig, refuses, until } from './rig.js';

/** Tests of cancelling, forgetting, orphans and closing. */
export function endingTests(rig: QueueRig): void {
  const {
    submit,
    status,
    cancel,
    picture,
    listen,
    eventsOf,
    ended,
    drawOne,
    occupy,
    untilForgotten,
    reopen,
  } = rig;

  describe('cancelling', () => {
    it('drops a job that waits, and the others move up', async () => {
      await occupy();
      const [first, second] = [await submit(), await submit()];
      const cancelled = await cancel(first);
      assert.equal(cancelled.state, 'cancelled');
      assert.equal(cancelled.error?.code, 'cancelled');
      assert.equal((await status(second)).position, 1);
      assert.equal(rig.stylizer.drawn, 1);
    });

    it('stops a job that is drawn and goes on with the next', async () => {
      const { job, scene } = await occupy();
      const next = await submit();
      assert.equal((await cancel(job)).state, 'cancelled');
      await until(() => scene.run.signal?.aborted === true);
      (await rig.stylizer.next()).finish();
      assert.equal((await ended(next)).state, 'done');
      await refuses(picture(job), 'cancelled', /cancelled/);
    });

    it('throws away what a deaf stylizer draws nevertheless', async () => {
      await reopen({}, new ScriptedStylizer(true));
      const { job, scene } = await occupy();
      const next = await submit();
      await cancel(job);
      scene.report({ stage: 'encode', done: 0, total: 0 });
      scene.finish();
      (await rig.stylizer.next()).finish();
      await ended(next);
      assert.equal((await status(job)).state, 'cancelled');
      assert.deepEqual((await rig.queue.gauges()).ended, { done: 1, failed: 0, cancelled: 1 });
      assert.equal(rig.stylizer.mostAtOnce, 1);
    });

    it('leaves a job that has ended as it is', async () => {
      const job = await drawOne();
      assert.deepEqual(await cancel(job), job);
      const gone = await cancel((await occupy()).job);
      assert.deepEqual(await cancel(gone), gone);
    });

    it('all jobs of one owner leaves those of the others', async () => {
      const { job, scene } = await occupy();
      const waiting = await submit();
      const theirs = await submit({ owner: OTHER });
      const events = eventsOf(waiting);
      await rig.queue.cancelAll(ME);
      for (const mine of [job, waiting]) assert.equal((await status(mine)).state, 'cancelled');
      assert.equal((await events).at(-1)?.status.state, 'cancelled');
      await until(() => scene.run.signal?.aborted === true);
      (await rig.stylizer.next()).finish();
      assert.equal((await ended(theirs, OTHER)).state, 'done');
    });

    it('all jobs of an owner who has none does nothing', async () => {
      const { job } = await occupy();
      await rig.queue.cancelAll(OTHER);
      await eventually(async () => assert.equal((await status(job)).state, 'running'));
    });

    it('ends the events of the job', async () => {
      const { job } = await occupy();
      const events = eventsOf(job);
      await cancel(job);
      assert.equal((await events).at(-1)?.status.state, 'cancelled');
    });
  });

  describe('keeping results', () => {
    it('forgets them after a while, with a sentence', async () => {
      await reopen({ keepMs: 30 });
      const job = await drawOne();
      const error = await untilForgotten(job);
      assert.match(error.hint ?? '', /kept/);
      await refuses(picture(job), 'not-found', /Expected the id of a job/);
      assert.deepEqual([(await rig.queue.gauges()).kept, (await rig.queue.gauges()).keptBytes], [0, 0]);
    });

    it('drops the oldest when there are too many', async () => {
      await reopen({ kept: 2 });
      const jobs = [await drawOne(), await drawOne(), await drawOne()];
      await refuses(status(jobs[0]), 'not-found', /job/);
      for (const job of jobs.slice(1)) await picture(job);
      assert.equal((await rig.queue.gauges()).kept, 2);
    });

    it('drops the oldest when they are too large', async () => {
      await reopen({ keptBytes: 100 });
      const jobs = [await drawOne({}, 20, 20), await drawOne({}, 40), await drawOne({}, 60)];
      await refuses(picture(jobs[0]), 'not-found', /job/);
      assert.equal((await rig.queue.gauges()).keptBytes, 100);
    });

    it('drops those of the owner who has most, in number and in bytes', async () => {
      await reopen({ kept: 3, keptBytes: 100 });
      const { id } = await drawOne({ owner: OTHER }, 40);
      const mine = [];
      for (let drawn = 0; drawn < 5; drawn++) mine.push(await drawOne({}, 1));
      await drawOne({}, 60);
      assert.equal((await rig.queue.picture(id, OTHER, 0)).bytes.byteLength, 40);
      for (const job of mine) await refuses(status(job), 'not-found', /job/);
    });

    it('keeps them when others send photos that cannot be drawn', async () => {
      await reopen({ kept: 2 });
      const job = await drawOne();
      for (let sent = 0; sent < 5; sent++) {
        const broken = await submit();
        (await rig.stylizer.next()).fail(new NigaoeError('photo-refused', 'Expected a photo'));
        await ended(broken);
      }
      assert.equal((await picture(job)).type, 'image/png');
      assert.equal((await rig.queue.gauges()).kept, 3);
    });

    it('keeps the newest, however large it is', async () => {
      await reopen({ keptBytes: 10 });
      await drawOne({}, 5);
      const job = await drawOne({}, 500);
      assert.equal((await picture(job)).bytes.byteLength, 500);
      assert.deepEqual([(await rig.queue.gauges()).kept, (await rig.queue.gauges()).keptBytes], [1, 500]);
    });
  });

  describe('left alone by its clients', () => {
    it('cancels the jobs that wait and the one that is drawn', async () => {
      await reopen({ orphanMs: 300 });
      const { job, scene } = await occupy();
      const waiting = await submit();
      await until(async () => (await rig.queue.gauges()).ended.cancelled === 2);
      await until(() => scene.run.signal?.aborted === true);
      for (const orphan of [job, waiting])
        assert.match((await status(orphan)).error?.message ?? '', /nobody asked/);
    });

    it('keeps a result that nobody has fetched yet', async () => {
      await reopen({ orphanMs: 300 });
      const job = await drawOne();
      await delay(450);
      assert.equal((await status(job)).state, 'done');
    });

    it('goes on with a job that somebody listens to', async () => {
      await reopen({ orphanMs: 300 });
      const { job, scene } = await occupy();
      const stop = new AbortController();
      const events = collect(listen(job, 0, stop.signal));
      await delay(450);
      assert.equal(scene.run.signal?.aborted, false);
      stop.abort();
      await events;
      await until(() => scene.run.signal?.aborted === true);
    });

    it('goes on with a job that somebody asks for', async function () {
      // A machine that stands still for so long looks like a client that has gone.
      this.retries(3);
      await reopen({ orphanMs: 300 });
      const { job } = await occupy();
      for (let asked = 0; asked < 30; asked++) {
        assert.equal((await status(job)).state, 'running');
        await delay(20);
      }
    });
  });

  describe('that closes', () => {
    it('cancels what waits and what is drawn, and tells the listeners', async function () {
      if (rig.nature.outlives) return this.skip();
      const { job, scene } = await occupy();
      const events = [job, await submit(), await submit()].map((open) => eventsOf(open));
      await delay(0);
      await rig.queue.close();
      assert.equal(scene.run.signal?.aborted, true);
      for (const told of await Promise.all(events)) {
        assert.equal(told.at(-1)?.status.state, 'cancelled');
        assert.match(told.at(-1)?.status.error?.message ?? '', /bridge stopped/);
      }
      assert.equal(rig.stylizer.drawn, 1);
    });

    it('ends the events of jobs that go on without it', async function () {
      if (!rig.nature.outlives) return this.skip();
      const { job } = await occupy();
      const events = eventsOf(job);
      await delay(0);
      await rig.queue.close();
      assert.notEqual((await events).at(-1)?.status.state, 'cancelled');
    });

    it('waits until nothing is drawn any more', async () => {
      await reopen({}, new ScriptedStylizer(true));
      const { scene } = await occupy();
      let closed = false;
      const closing = rig.queue.close().then(() => {
        closed = true;
      });
      await delay(10);
      assert.equal(closed, false);
      scene.finish();
      await closing;
    });

    it('refuses everything afterwards, is empty, and closes again', async () => {
      const job = await drawOne();
      await rig.queue.close();
      const calls = [submit, () => submit({ idempotencyKey: 'k' })];
      const asks = [status, picture, cancel, eventsOf].map((ask) => () => ask(job));
      for (const call of [...calls, ...asks]) await refuses(call(), 'unreachable', /stopping/);
      await rig.queue.close();
      const { queued, queuedBytes, running, kept, keptBytes } = await rig.queue.gauges();
      assert.deepEqual([queued, queuedBytes, running, kept, keptBytes], [0, 0, 0, 0, 0]);
    });
  });
}
