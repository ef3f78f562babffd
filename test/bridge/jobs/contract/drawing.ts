// What a queue makes of its jobs.

import assert from 'node:assert/strict';
import { NigaoeError } from '../../../../shared/errors.js';
import { collect, eventually, OTHER, PHOTO, type QueueRig, refuses } from './rig.js';

/** Tests of jobs that are drawn. */
export function drawingTests(rig: QueueRig): void {
  const { submit, status, cancel, picture, eventsOf, ended, drawOne, occupy } = rig;

  describe('drawing a photo', () => {
    it('hands photo, options and name to the stylizer', async () => {
      await submit({ options: { style: 'ink', strength: 0.5 }, name: 'cat.png' });
      const { bytes, options, run } = await rig.stylizer.next();
      assert.deepEqual(new Uint8Array(bytes), PHOTO);
      assert.equal(options?.strength, 0.5);
      assert.equal(run.name, 'cat.png');
    });

    it('goes from queued over running to done', async () => {
      const job = await drawOne();
      const states = (await eventsOf(job)).map(({ status: { state } }) => state);
      assert.deepEqual(states, ['queued', 'running', 'done']);
      assert.equal(job.error, undefined);
      assert.ok(Date.parse(job.finishedAt ?? '') >= Date.parse(job.createdAt));
    });

    it('tells everything about the result but its bytes', async () => {
      const { result } = await drawOne({}, 10, 20);
      assert.deepEqual(result, {
        pictures: [
          { format: 'png', type: 'image/png', width: 10, height: 1, bytes: 10 },
          { format: 'png', type: 'image/png', width: 20, height: 1, bytes: 20 },
        ],
        faces: [{ x: 1, y: 2, width: 3, height: 4, score: 0.5 }],
        model: 'scripted',
        scope: 'portrait',
        device: 'cpu',
        timings: { decode: 1, open: 0, faces: 2, crop: 3, generate: 4, blend: 5, encode: 6 },
        notices: ['a sentence'],
      });
    });

    it('hands out each picture, as often as somebody asks', async () => {
      const job = await drawOne({}, 10, 20);
      for (const index of [1, 0, 1]) {
        const { bytes, type } = await picture(job, index);
        assert.equal(type, 'image/png');
        assert.deepEqual(new Uint8Array(bytes), new Uint8Array(index === 0 ? 10 : 20).fill(index));
      }
    });

    it('has no picture beyond the last', async () => {
      const job = await drawOne({}, 10, 20);
      for (const index of [2, -1, 0.5, Number.NaN])
        await refuses(picture(job, index), 'not-found', /a picture from 0 to 1/);
    });

    it('has no picture before the job is done', async () => {
      const { job } = await occupy();
      await eventually(async () => void (await refuses(picture(job), 'conflict', /running/)));
      await refuses(picture(await submit()), 'conflict', /queued/);
    });

    it('refuses wrong options and starts nothing', async () => {
      await refuses(submit({ options: { quality: 101 } }), 'options', /--quality/);
      assert.equal((await rig.queue.gauges()).queued, 0);
      assert.equal(rig.stylizer.drawn, 0);
    });

    it('gives ids that cannot be guessed', async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, async () => (await submit()).id));
      assert.equal(new Set(ids).size, 20);
      for (const id of ids) assert.match(id, /^[\w-]{22,}$/);
    });
  });

  describe('with more jobs than one', () => {
    it('draws one after the other, in their order', async () => {
      const photos = [1, 2, 3].map((value) => new Uint8Array([value]));
      for (const bytes of photos) await submit({ bytes });
      for (const bytes of photos) {
        const scene = await rig.stylizer.next();
        assert.deepEqual(new Uint8Array(scene.bytes), bytes);
        scene.finish();
      }
      assert.equal(rig.stylizer.mostAtOnce, 1);
    });

    it('tells each its place in the line as it moves up', async () => {
      const { scene } = await occupy();
      const [second, third] = [await submit(), await submit()];
      assert.deepEqual([second.position, third.position], [1, 2]);
      scene.finish();
      await rig.stylizer.next();
      await eventually(async () => {
        assert.equal((await status(second)).position, undefined);
        assert.equal((await status(third)).position, 1);
      });
    });

    it('fails one that cannot be drawn and goes on with the next', async () => {
      const [bad, good] = [await submit(), await submit()];
      const error = new NigaoeError('no-face', 'Expected a face', { hint: 'Use --scope photo.' });
      (await rig.stylizer.next()).fail(error);
      (await rig.stylizer.next()).finish();
      const failed = await ended(bad);
      assert.equal(failed.state, 'failed');
      assert.deepEqual(failed.error, error.toJSON());
      await refuses(picture(bad), 'no-face', /Expected a face/);
      assert.equal((await ended(good)).state, 'done');
    });

    it('calls a crash internal', async () => {
      const job = await submit();
      await rig.crash(new TypeError('of undefined'));
      const { error } = await ended(job);
      assert.equal(error?.code, 'internal');
      assert.match(error?.message ?? '', /of undefined/);
    });

    it('tells of a crash once, with its cause, and of no failure that is not its own', async () => {
      const crashed = await submit();
      const cause = new Error('the last words of a library');
      await rig.crash(new NigaoeError('internal', 'internal: it died', { cause }));
      await ended(crashed);
      const faceless = await submit();
      (await rig.stylizer.next()).fail(new NigaoeError('no-face', 'Expected a face'));
      await ended(faceless);
      for (let asked = 0; asked < 3; asked++) await refuses(picture(crashed), 'internal', /it died/);
      await cancel(await submit());
      assert.deepEqual(
        rig.told.map(({ message }) => message),
        ['internal: it died'],
      );
      assert.equal((rig.told[0].cause as Error).message, cause.message);
    });

    it('counts what waits, runs, has ended and is kept', async () => {
      await drawOne({}, 30);
      const { job, scene } = await occupy();
      await submit();
      await cancel(await submit());
      const gauges = {
        queued: 1,
        queuedBytes: 100,
        running: 1,
        ended: { done: 1, failed: 0, cancelled: 1 },
        kept: 2,
        keptBytes: 30,
      };
      await eventually(async () => {
        const { oldestMs, ...others } = await rig.queue.gauges();
        assert.deepEqual(others, gauges);
        assert.ok(oldestMs >= 0 && oldestMs < 60_000, `${oldestMs}`);
      });
      scene.fail(new NigaoeError('no-face', 'Expected a face'));
      await ended(job);
      assert.deepEqual((await rig.queue.gauges()).ended, { done: 1, failed: 1, cancelled: 1 });
    });
  });

  describe('for several owners', () => {
    it("knows another's job no more than one that never was", async () => {
      const { id } = await drawOne();
      const answers = [
        (of: string) => rig.queue.status(of, OTHER),
        (of: string) => rig.queue.picture(of, OTHER, 0),
        (of: string) => rig.queue.cancel(of, OTHER),
        (of: string) => collect(rig.queue.events(of, OTHER, 0, new AbortController().signal)),
      ];
      for (const ask of answers) {
        const mine = await refuses(ask(id), 'not-found', /Expected the id of a job/);
        const none = await refuses(ask('AAAAAAAAAAAAAAAAAAAAAA'), 'not-found', /Expected the id of a job/);
        assert.deepEqual(mine.toJSON(), none.toJSON());
      }
    });

    it('keeps their idempotency keys apart', async () => {
      const mine = await submit({ idempotencyKey: 'k' });
      const theirs = await submit({ idempotencyKey: 'k', owner: OTHER, bytes: new Uint8Array(3) });
      assert.notEqual(mine.id, theirs.id);
    });
  });
}
