// The line before a target, in itself: order, bounds, and what happens to those that do not fit.

import assert from 'node:assert/strict';
import { Again, Line } from '../../node-red-node/publish/line.js';

describe('the line of pictures before a target', () => {
  /** A line whose jobs end when the test says so. */
  function line(options: { atOnce: number; room: number; whenFull: 'oldest gives way' | 'refuse' }) {
    const begun: { job: number; end: (error?: Error) => void }[] = [];
    const work = (job: number) =>
      new Promise<number>((resolve, reject) => {
        begun.push({ job, end: (error) => (error === undefined ? resolve(job) : reject(error)) });
      });
    return { begun, line: new Line<number, number>({ work, ...options }) };
  }
  const jobs = (begun: { job: number }[]): number[] => begun.map(({ job }) => job);
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('keeps the order, and runs no more at once than it may', async () => {
    const { begun, line: one } = line({ atOnce: 2, room: 5, whenFull: 'refuse' });
    const all = [1, 2, 3, 4].map((job) => one.add(job));
    assert.deepEqual(jobs(begun), [1, 2]);
    begun[0].end();
    await settled();
    assert.deepEqual(jobs(begun), [1, 2, 3]);
    for (const { end } of begun) end();
    await settled();
    begun[3].end();
    assert.deepEqual(await Promise.all(all), [1, 2, 3, 4]);
  });

  it('lets the oldest waiting one give way, and counts', async () => {
    const { begun, line: one } = line({ atOnce: 1, room: 2, whenFull: 'oldest gives way' });
    const all = [1, 2, 3, 4, 5].map((job) => one.add(job));
    assert.equal(await all[1], undefined);
    assert.equal(await all[2], undefined);
    assert.equal(one.skipped, 2);
    begun[0].end();
    await settled();
    assert.deepEqual(jobs(begun), [1, 4]);
    assert.equal(one.skipped, 0);
  });

  it('refuses what does not fit where nothing may be lost', async () => {
    const { line: one } = line({ atOnce: 1, room: 1, whenFull: 'refuse' });
    void one.add(1);
    void one.add(2);
    await assert.rejects(one.add(3), { code: 'busy' });
  });

  it('begins nothing while it is shut', async () => {
    const { begun, line: one } = line({ atOnce: 3, room: 1, whenFull: 'oldest gives way' });
    one.shut();
    const [first] = [one.add(1), one.add(2)];
    assert.equal(await first, undefined);
    assert.deepEqual(jobs(begun), []);
    one.open();
    assert.deepEqual(jobs(begun), [2]);
  });

  it('keeps the newest of those that must go again', async () => {
    const { begun, line: one } = line({ atOnce: 3, room: 1, whenFull: 'oldest gives way' });
    const all = [1, 2, 3].map((job) => one.add(job));
    one.shut();
    for (const { end } of begun) end(new Again());
    assert.deepEqual(await Promise.all(all.slice(0, 2)), [undefined, undefined]);
    one.open();
    assert.deepEqual(jobs(begun), [1, 2, 3, 3]);
  });

  it('fails all that wait when it is cleared', async () => {
    const { line: one } = line({ atOnce: 1, room: 3, whenFull: 'refuse' });
    one.shut();
    const failed = one.add(1);
    one.clear(new Error('no way in'));
    await assert.rejects(failed, /no way in/);
  });

  it('ends all of them in silence when it is closed, and those that come later', async () => {
    const { begun, line: one } = line({ atOnce: 1, room: 3, whenFull: 'refuse' });
    const all = [1, 2].map((job) => one.add(job));
    const closed = one.close();
    assert.equal(await all[1], undefined);
    assert.equal(await one.add(3), undefined);
    begun[0].end();
    await closed;
    assert.equal(await all[0], 1);
    assert.deepEqual(jobs(begun), [1]);
  });

  it('ends those as well that must go again after it was closed', async () => {
    const { begun, line: one } = line({ atOnce: 2, room: 1, whenFull: 'oldest gives way' });
    const all = [1, 2].map((job) => one.add(job));
    one.shut();
    const closed = one.close();
    for (const { end } of begun) end(new Again());
    assert.deepEqual(await Promise.all(all), [undefined, undefined]);
    await closed;
  });
});
