// In which order a queue draws its jobs, and what it tells of places.

import assert from 'node:assert/strict';
import { retryAfterOf } from '../../../../shared/bridge/busy.js';
import type { JobOrder } from '../../../../shared/bridge/jobs/queue.js';
import type { JobStatus } from '../../../../shared/bridge/protocol.js';
import { ME, OTHER, type QueueRig, refuses } from './rig.js';

const BATCH = { priority: 'batch' } as const;

/** Tests of priorities and fair shares. */
export function turnTests(rig: QueueRig): void {
  const { submit, cancel, eventsOf, occupy, reopen } = rig;

  /** Submits a job whose photo is its name, one byte. */
  const named = (name: string, order: Partial<JobOrder> = {}): Promise<JobStatus> =>
    submit({ ...order, bytes: new TextEncoder().encode(name) });

  /** The names of the next jobs, as they are drawn. */
  async function draw(count: number): Promise<string> {
    let names = '';
    while (names.length < count) {
      const scene = await rig.stylizer.next();
      names += new TextDecoder().decode(scene.bytes);
      scene.finish();
    }
    return names;
  }

  const placeOf = async ({ id }: JobStatus, owner = ME): Promise<number | undefined> =>
    (await rig.queue.status(id, owner)).position;

  describe('whose jobs differ in priority', () => {
    it('draws all interactive ones before the others, whoever came first', async () => {
      const { scene } = await occupy();
      await named('x', BATCH);
      await named('y', { ...BATCH, owner: OTHER });
      await named('a');
      await named('b', { priority: 'interactive' });
      scene.finish();
      assert.equal(await draw(4), 'abxy');
    });

    it('goes on with the job that is drawn', async () => {
      const { scene } = await occupy(BATCH);
      await submit();
      assert.equal(scene.run.signal?.aborted, false);
      assert.equal(rig.stylizer.drawn, 1);
    });

    it('gives the same job again for a key, with the priority that it has', async () => {
      await occupy();
      const job = await submit({ ...BATCH, idempotencyKey: 'k' });
      await submit(BATCH);
      const again = await submit({ idempotencyKey: 'k' });
      assert.equal(again.id, job.id);
      await submit();
      assert.equal(await placeOf(job), 2);
    });
  });

  for (const priority of ['interactive', 'batch'] as const)
    describe(`whose ${priority} jobs have several owners`, () => {
      const mine = { priority };
      const theirs = { priority, owner: OTHER };

      it('keeps one who has a single job waiting for no more than one of another', async () => {
        const { scene } = await occupy(mine);
        for (const name of 'abcdefghij') await named(name, mine);
        const single = await named('1', theirs);
        assert.equal(single.position, 2);
        scene.finish();
        assert.equal(await draw(11), 'a1bcdefghij');
      });

      it('has them take turns, also where one of them comes late', async () => {
        const { scene } = await occupy(mine);
        for (const name of 'abcdef') await named(name, mine);
        scene.finish();
        assert.equal(await draw(2), 'ab');
        const late = await rig.stylizer.next();
        for (const name of '123') await named(name, theirs);
        late.finish();
        assert.equal(await draw(6), '1d2e3f');
      });

      it('holds nothing against an owner who took jobs back', async () => {
        await occupy(mine);
        for (let sent = 0; sent < 4; sent++) await submit(theirs);
        const first = [await submit(mine), await submit(mine), await submit(mine)];
        for (const job of first) await cancel(job);
        assert.equal((await submit(mine)).position, 2);
      });

      it('holds nothing against an owner once nobody waits', async () => {
        const { scene } = await occupy(mine);
        for (const name of 'abc') await named(name, mine);
        scene.finish();
        assert.equal(await draw(2), 'ab');
        const last = await rig.stylizer.next();
        assert.equal((await named('d', mine)).position, 1);
        for (const name of '12') await named(name, theirs);
        last.finish();
        assert.equal(await draw(3), 'd12');
      });
    });

  describe('telling places', () => {
    const placesOf = async (job: JobStatus): Promise<(number | undefined)[]> =>
      (await eventsOf(job))
        .filter(({ status }) => status.state === 'queued')
        .map(({ status }) => status.position);

    it('tells those that move back, and nothing to the others', async () => {
      const { scene } = await occupy();
      const mine = [await submit(), await submit(), await submit(BATCH)];
      assert.equal((await submit({ owner: OTHER })).position, 2);
      assert.deepEqual(await Promise.all(mine.map((job) => placeOf(job))), [1, 3, 4]);
      scene.finish();
      for (let drawn = 0; drawn < 4; drawn++) (await rig.stylizer.next()).finish();
      assert.deepEqual(await placesOf(mine[0]), [1]);
      assert.deepEqual(await placesOf(mine[1]), [2, 3, 2, 1]);
      assert.deepEqual(await placesOf(mine[2]), [3, 4, 3, 2, 1]);
    });
  });

  describe('that is full of jobs of several owners', () => {
    it('guesses the time until room by the turns of the owner', async () => {
      await reopen({ waitingPerOwner: 3 });
      const { scene } = await occupy();
      for (let sent = 0; sent < 3; sent++) await submit(BATCH);
      const soon = retryAfterOf(await refuses(submit(), 'busy', /at most 3/)) ?? 0;
      for (let sent = 0; sent < 3; sent++) await submit({ owner: OTHER });
      const late = retryAfterOf(await refuses(submit(), 'busy', /at most 3/)) ?? 0;
      assert.ok(late > soon, `${late} s after ${soon} s`);
      scene.finish();
    });
  });
}
