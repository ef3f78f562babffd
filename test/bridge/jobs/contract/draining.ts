// How a queue that takes no more jobs lets its clients fetch what they wait for.

import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { retryAfterOf } from '../../../../shared/bridge/busy.js';
import { NigaoeError } from '../../../../shared/errors.js';
import { type QueueRig, refuses } from './rig.js';

/** Tests of drain. */
export function drainingTests(rig: QueueRig): void {
  const { submit, status, cancel, picture, ended, drawOne, occupy, reopen } = rig;

  describe('that drains', () => {
    const KEYED = { idempotencyKey: 'once' };

    it('takes no new order, but answers one that is repeated', async () => {
      const { job } = await occupy(KEYED);
      const drained = rig.queue.drain(60_000);
      const error = await refuses(submit(), 'busy', /about to close/);
      assert.equal(error.status, 503);
      assert.ok(retryAfterOf(error));
      assert.equal((await submit(KEYED)).id, job.id);
      await cancel(job);
      await drained;
    });

    it('waits until its jobs are drawn and every picture is fetched', async () => {
      const { job, scene } = await occupy();
      const next = await submit();
      const drained = settled(rig.queue.drain(60_000));
      scene.finish(10, 20);
      (await rig.stylizer.next()).finish();
      await ended(next);
      await picture(next);
      await picture(job, 1);
      await delay(60);
      assert.equal(drained.isOver, false);
      await picture(job, 0);
      await drained.end;
    });

    it('waits until a client knows that its job failed', async () => {
      const { job, scene } = await occupy();
      const drained = settled(rig.queue.drain(60_000));
      scene.fail(new NigaoeError('no-face', 'Expected a face'));
      await delay(60);
      assert.equal(drained.isOver, false);
      assert.equal((await status(job)).state, 'failed');
      await drained.end;
    });

    it('does not wait for a client that has gone', async () => {
      await reopen({ fetchMs: 30 });
      await drawOne();
      await rig.queue.drain(60_000);
    });

    it('does not wait longer than it may', async () => {
      const { job } = await occupy();
      await rig.queue.drain(30);
      assert.equal((await status(job)).state, 'running');
    });

    it('stops waiting when it is closed', async () => {
      await drawOne();
      const drained = rig.queue.drain(60_000);
      await rig.queue.close();
      await drained;
    });
  });
}

/** Whether a promise has settled by now, and the promise. */
function settled(end: Promise<void>): { end: Promise<void>; isOver: boolean } {
  const state = { end, isOver: false };
  void end.then(() => {
    state.isOver = true;
  });
  return state;
}
