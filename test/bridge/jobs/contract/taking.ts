// Which jobs a queue takes.

import assert from 'node:assert/strict';
import { retryAfterOf } from '../../../../shared/bridge/busy.js';
import { eventually, OTHER, PHOTO, type QueueRig, refuses } from './rig.js';

/** Tests of idempotency keys and of full queues. */
export function takingTests(rig: QueueRig): void {
  const { submit, cancel, drawOne, occupy, untilForgotten, reopen } = rig;

  describe('given an idempotency key', () => {
    const KEYED = { idempotencyKey: 'once', options: { strength: 0.5 } };

    it('returns the same job for the same order, also when both come at once', async () => {
      const jobs = await Promise.all([submit(KEYED), submit(KEYED)]);
      const again = await submit({ ...KEYED, bytes: PHOTO.slice() });
      assert.equal(new Set([...jobs, again].map(({ id }) => id)).size, 1);
      await rig.stylizer.next();
      await eventually(async () => assert.equal((await rig.queue.gauges()).queued, 0));
    });

    it('returns it also when it has ended or the queue is full', async () => {
      await reopen({ waiting: 1 });
      const job = await drawOne(KEYED);
      await occupy();
      await submit();
      assert.deepEqual(await submit(KEYED), job);
    });

    it('takes an option at its default for one that was left out', async () => {
      const job = await submit({ idempotencyKey: 'k' });
      assert.equal((await submit({ idempotencyKey: 'k', options: { strength: 1 } })).id, job.id);
    });

    it('refuses another order under it', async () => {
      await submit(KEYED);
      await refuses(submit({ ...KEYED, bytes: new Uint8Array(100) }), 'conflict', /idempotency key/);
      await refuses(submit({ ...KEYED, options: { strength: 0.4 } }), 'conflict', /idempotency key/);
    });

    it('forgets it with its job', async () => {
      await reopen({ keepMs: 20 });
      const job = await drawOne(KEYED);
      await untilForgotten(job);
      assert.notEqual((await submit({ ...KEYED, bytes: new Uint8Array(1) })).id, job.id);
    });

    it('refuses one that is empty or a book', async () => {
      for (const idempotencyKey of ['', 'k'.repeat(201)])
        await refuses(submit({ idempotencyKey }), 'options', /idempotency key/);
    });
  });

  describe('that is full', () => {
    it('says busy and when to come again', async () => {
      await reopen({ waiting: 2 });
      const { scene } = await occupy();
      await submit();
      await submit();
      const error = await refuses(submit(), 'busy', /all 2 are taken/);
      const seconds = retryAfterOf(error) ?? 0;
      assert.ok(Number.isInteger(seconds) && seconds >= 1);
      assert.match(error.hint ?? '', new RegExp(`in ${seconds} s`));
      scene.finish();
      await rig.stylizer.next();
      await eventually(async () => void (await submit()));
    });

    it('takes as many bytes as it may hold and no more', async () => {
      await reopen({ waitingBytes: 250 });
      await occupy();
      const [first] = [await submit(), await submit()];
      await refuses(submit(), 'busy', /Expected room in the queue/);
      await submit({ bytes: new Uint8Array(50) });
      assert.equal((await rig.queue.gauges()).queuedBytes, 250);
      await cancel(first);
      await submit();
    });

    it('says at once that a photo never fits', async () => {
      await reopen({ waitingBytes: 99 });
      await refuses(submit(), 'photo-too-large', /Expected at most/);
    });

    it('leaves room for others when one owner has taken a fair share', async () => {
      await reopen({ waitingPerOwner: 1 });
      await occupy();
      await submit();
      const error = await refuses(submit(), 'busy', /at most 1 waiting jobs/);
      assert.ok(retryAfterOf(error));
      await submit({ owner: OTHER });
    });

    it('refuses a thousand jobs without harm', async () => {
      await reopen({ waiting: 5 });
      await occupy();
      const answers = await Promise.allSettled(Array.from({ length: 1_000 }, () => submit()));
      assert.equal(answers.filter((answer) => answer.status === 'fulfilled').length, 5);
      assert.equal((await rig.queue.gauges()).queued, 5);
    });
  });
}
